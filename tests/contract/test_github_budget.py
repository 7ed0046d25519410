"""However much is to be told and asked, GitHub is written to and asked as fast as it likes and no faster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from reviewbot.errors import RateLimited
from reviewbot.model import Phase
from tests.contract.talk import Talk, talking

MANY = 200


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as made:
        yield made


def test_write_budget__two_hundred_at_once(talk: Talk) -> None:
    for number in range(MANY):
        talk.put(Phase.RUNNING, talk.scene.repo.open_pull_request(f"topic-{number}"))
    talk.goes_on(timedelta(seconds=90))
    pace = talk.scene.github.pace(talk.scene.installed.id)
    assert pace.excess() == []
    assert pace.writes > 60


def test_write_budget__all_requests_of_a_minute(talk: Talk) -> None:
    began = talk.clock()
    with pytest.raises(RateLimited) as full:
        for _ in range(MANY):
            talk.github.create_comment(talk.ref(), "x")
    pace = talk.scene.github.pace(talk.scene.installed.id)
    assert 750 < pace.points_per_minute <= 900
    assert full.value.until is not None
    assert began + timedelta(minutes=1) <= full.value.until < talk.clock() + timedelta(minutes=1)
    asked = len(talk.scene.github.requests)
    with pytest.raises(RateLimited):
        talk.github.create_comment(talk.ref(), "x")
    assert len(talk.scene.github.requests) == asked
    talk.skip_to(full.value.until.timestamp())
    talk.github.create_comment(talk.ref(), "x")
