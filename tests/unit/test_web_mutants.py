"""A slice of the mutants that `tests/faults` sends whole."""

import logging

import pytest

from tests.unit.mutants import attack
from tests.unit.recorded import EVENTS

NUMBER = 1000


@pytest.mark.parametrize("event", EVENTS)
def test_hostile_json_never_500__some_mutants(event: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert set(attack(event, NUMBER)) == {200, 202, 400}
