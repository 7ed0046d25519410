"""Every payload that GitHub sends, ten thousand times with something wrong in it, before the real application."""

import logging

import pytest

from tests.unit.mutants import attack
from tests.unit.recorded import EVENTS

NUMBER = 10_000


@pytest.mark.parametrize("event", EVENTS)
def test_hostile_json_never_500__every_mutant(event: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert set(attack(event, NUMBER)) == {200, 202, 400}
