"""However much is to be told and looked at, GitHub is asked and written to as fast as it likes and no faster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from reviewbot.engine.work import Work
from reviewbot.model import Phase, Sha
from tests.contract.talk import Talk, talking

MANY = 200


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as made:
        yield made


def test_write_budget__two_hundred_at_once(talk: Talk) -> None:
    pulls = [talk.scene.repo.open_pull_request(f"topic-{number}") for number in range(MANY)]
    heads = {talk.ref(pull.number).name: (pull.number, Sha(pull.head)) for pull in pulls}

    def look(name: str) -> None:
        number, head = heads[name]
        talk.github.pull(talk.ref(number))
        talk.github.reported(talk.ref(number), head)

    looking = Work("reconcile", look, talk.clock)
    for pull in pulls:
        looking.add(talk.ref(pull.number).name)
        talk.put(Phase.RUNNING, pull)
    end = talk.clock() + timedelta(seconds=90)
    while (at := min(filter(None, (looking.next_at(), talk.work.next_at())), default=None)) and at < end.timestamp():
        talk.skip_to(at)
        looking.step()
        talk.work.step()
    pace = talk.scene.github.pace(talk.scene.installed.id)
    assert pace.excess() == []
    # Everything was looked at, and a good part told already.
    assert len(looking) == 0
    assert pace.writes > 60
    assert pace.points_per_minute > 700
