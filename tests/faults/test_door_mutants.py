"""Every payload that GitHub sends, ten thousand times with something wrong in it, before the real application."""

import pytest

from tests.unit.mutants import attack
from tests.unit.recorded import EVENTS

NUMBER = 10_000


@pytest.mark.parametrize("event", EVENTS)
def test_hostile_json_never_500__every_mutant(event: str) -> None:
    assert set(attack(event, NUMBER)) == {200, 202, 400}
