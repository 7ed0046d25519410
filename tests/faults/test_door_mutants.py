"""Ten thousand mutants of each event that the door reads, of all its actions together; a few at the real receiver."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.bot.install import Accounts
from dev.bot.run import App
from dev.cluster import Cluster
from tests.faults.proxy import Answer
from tests.faults.receiver import OWNER, Receiver, receiving
from tests.unit.mutants import attack, mutants
from tests.unit.recorded import EVENTS, recorded

NUMBER = 10_000
# Of each event and action.
OVER_THE_WIRE = 20
NOTHING_THERE = b'{"metadata": {"resourceVersion": "1"}, "items": []}'


@pytest.mark.parametrize("event", EVENTS)
def test_hostile_json_never_500__every_mutant(event: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert set(attack(event, NUMBER)) == {200, 202, 400}


@pytest.fixture
def receiver(cluster: Cluster, installed: Accounts, tmp_path: Path) -> Iterator[Receiver]:
    app = App("http://127.0.0.1:9", recorded()[0], "", secrets.token_hex(20), OWNER)
    with receiving(cluster, installed, tmp_path, app) as made:
        # What mutants name is nobody's, so it never gets to the cluster.
        made.way.meddler = lambda *_: Answer(200, (("Content-Type", "application/json"),), NOTHING_THERE)
        yield made


def test_hostile_json_never_500__over_the_wire(receiver: Receiver) -> None:
    worker, told = receiver.worker, Counter[int | None]()
    for each in recorded()[1]:
        for body in mutants(each, OVER_THE_WIRE):
            told[receiver.deliver(body, each.event)] += 1
    assert set(told) == {200, 202, 400}
    assert receiver.worker == worker
