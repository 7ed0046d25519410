"""What it costs to look for what was missed: a request for each hundred open pull requests, none for a settled one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from reviewbot.decide import Arm, Plan, checked
from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, Phase, PullRequestRef, RepositoryId
from reviewbot.reconcile.repository import Lister
from reviewbot.reconcile.status import text
from reviewbot.scope import outline
from tests.contract.github_standin import KEY, Scene, standin
from tests.unit.stores import Store

OPEN = 200
LISTS = math.ceil(OPEN / 100)
RUNS = Plan(Phase.RUNNING, "Ready", "It runs.")


@dataclass
class World:
    """A repository whose pull requests are all settled, and who lists it."""

    scene: Scene
    store: Store = field(default_factory=Store)
    skipped: timedelta = timedelta()
    pulls: int = OPEN

    def __post_init__(self) -> None:
        self.mailbox = Mailbox(self.store)
        repository, installation = RepositoryId(self.scene.repo.id), InstallationId(self.scene.installed.id)
        for number in range(2, self.pulls + 1):
            self.scene.repo.open_pull_request(f"topic-{number}")
        self.mailbox.poke_repository(repository, installation, "acme/shop")
        self.settle()
        self.scene.installed.model.rate.used = 0
        self.restart()

    def settle(self) -> None:
        """Have a record of every pull request, as it is after it was looked at."""
        for pull in self.github().open_pulls(RepositoryId(self.scene.repo.id), InstallationId(self.scene.installed.id)):
            ref = PullRequestRef(pull.repository, InstallationId(self.scene.installed.id), pull.number)
            self.mailbox.poke(ref)
            record = self.mailbox.record(ref.name)
            assert record is not None
            again = checked(record, self.clock(), RUNS, Arm()).again
            found = {"phase": "Running", "seen": outline(pull), "observedPoke": record.poke, "again": text(again)}
            self.mailbox.write_status(ref.name, found)

    def github(self) -> GitHub:
        return GitHub(Client(self.scene.url, AppId(self.scene.app.id), KEY, self.clock, lambda: None), ["acme"])

    def restart(self) -> None:
        self.lister = Lister(self.github(), self.mailbox, self.clock)

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def resync(self) -> Counter[tuple[str, int | None]]:
        """List once; the requests by path and status. Whoever is refused lists again, as the queue would have it."""
        before = len(self.scene.github.requests)
        try:
            self.lister.list(f"repo-{self.scene.repo.id}")
        except Unseen:
            self.lister.list(f"repo-{self.scene.repo.id}")
        asked = self.scene.github.requests[before:]
        return Counter((each.path.rpartition("/")[2], each.status) for each in asked)

    def due(self) -> list[int]:
        records = self.mailbox.records_of(RepositoryId(self.scene.repo.id))
        return [record.ref.number for record in records if record.due]


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def test_resync_cost(world: World) -> None:
    rate = world.scene.installed.model.rate
    first, unchanged = {("access_tokens", 201): 1, ("pulls", 200): LISTS}, {("pulls", 304): LISTS}
    assert world.resync() == first
    for _ in range(3):
        assert world.resync() == unchanged
    assert rate.used == LISTS
    # The token ends, as it does every hour.
    world.skipped += timedelta(seconds=11)
    world.scene.github.expire_tokens()
    assert world.resync() == {**first, ("pulls", 401): 1}
    assert world.resync() == unchanged
    world.restart()
    assert world.resync() == first
    assert (rate.used, world.due()) == (3 * LISTS, [])


def test_resync_cost__only_what_changed_is_looked_at(world: World) -> None:
    world.resync()
    world.scene.repo.pull(150).push({"topic.txt": "2"})
    assert world.resync()["pulls", 200] >= 1
    assert world.due() == [150]
