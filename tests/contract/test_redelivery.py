"""Asking again for failed webhooks against the stand-in's log: what is read, what is asked for, how much at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dev.github.faults import Late, about
from dev.github.log import Delivery
from dev.github.webhooks import redeliver
from reviewbot.engine.bookmarks import Bookmarks
from reviewbot.errors import GiveUp
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId
from reviewbot.reconcile.deliveries import KEPT, MOST, Redeliverer
from tests.contract.github_standin import KEY, Receiver, Scene, receiving, standin
from tests.unit.stores import Store

LOG = "^/app/hook/deliveries"


@dataclass
class World:
    """The stand-in, a receiver, and who asks for what the receiver missed."""

    scene: Scene
    receiver: Receiver
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.store = Store()
        self.scene.app.webhook_url = self.receiver.url
        self.scene.github.deliveries.clear()
        self.github = GitHub(Client(self.scene.url, AppId(self.scene.app.id), KEY, self.clock, lambda: None), ["acme"])
        self.redeliverer = self.another()

    def another(self, *accounts: str) -> Redeliverer:
        bookmarks = Bookmarks(self.store, AppId(self.scene.app.id))
        return Redeliverer(self.github, bookmarks, accounts or ("acme",), self.clock)

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def missed(self, number: int) -> None:
        """So many pull requests were closed and so many statuses came in, all of it to nobody; some was heard."""
        self.receiver.status = 503
        for each in range(number):
            (self.scene.pull.reopen if each % 2 else self.scene.pull.close)()
            self.scene.repo.status(self.scene.pull.head, f"ci/{each}")
        self.scene.github.settle()
        self.receiver.status = 202
        self.scene.pull.edit(title="Heard")
        self.scene.github.settle()

    def asks(self) -> list[Delivery]:
        """Take a turn, and let the time pass until the next; what came again."""
        before = len(self.scene.github.deliveries)
        self.ahead += self.redeliverer.redeliver() - self.clock()
        self.scene.github.settle()
        return self.scene.github.deliveries[before:]

    def requests(self) -> tuple[int, int]:
        """How often the log was read, and how many attempts were asked for, until now."""
        github = self.scene.github
        return len(github.calls("GET", LOG)), len(github.calls("POST", LOG))


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene, receiving() as receiver:
        yield World(scene, receiver)


def test_missed_deliveries_recovered__once_and_nothing_else(world: World) -> None:
    world.missed(3)
    again = world.asks()
    assert [(each.event, each.action, each.status) for each in again] == [
        ("pull_request", "closed", "OK"),
        ("pull_request", "reopened", "OK"),
        ("pull_request", "closed", "OK"),
    ]
    assert world.asks() == []
    world.redeliverer = world.another()
    assert world.asks() == []
    assert world.requests() == (3, 3)


def test_missed_deliveries_recovered__by_pages_and_portions(world: World) -> None:
    world.missed(130)
    portions = [len(world.asks()) for _ in range(4)]
    assert portions == [MOST, MOST, 30, 0]
    # 261 attempts, later 391: a hundred on a page.
    assert world.requests() == (3 + 4 + 4 + 4, 130)


def surge(world: World, down: timedelta) -> list[Delivery]:
    """Five hundred attempts in that time until an hour ago: statuses late, some events tried twice, some of it well."""
    github = world.scene.github
    github.carries = late = Late(github, about("status"))
    world.missed(200)
    failed = [each for each in github.deliveries if each.event == "pull_request" and each.status != "OK"]
    for status, tried in ((503, failed[::4]), (202, failed[1:197:4])):
        world.receiver.status = status
        for each in tried:
            redeliver(github, each)
        github.settle()
    late.release()
    github.settle()
    began = github.now() - timedelta(hours=1) - down
    for number, each in enumerate(github.deliveries):
        each.delivered_at = began + down * number / len(github.deliveries)
    return list(github.deliveries)


@pytest.mark.parametrize(("down", "lost"), [(timedelta(hours=2), 0), (timedelta(days=4), 32)])
def test_missed_deliveries_recovered__of_five_hundred(world: World, down: timedelta, lost: int) -> None:
    log = surge(world, down)
    assert (len(log), len({each.guid for each in log})) == (500, 401)
    assert sum(each.throttled_at is not None for each in log) == 200
    last = {each.guid: each for each in log if each.event == "pull_request"}
    failed = [each for each in last.values() if each.status != "OK"]
    # What GitHub has forgotten is left to the next listing.
    kept = [each for each in failed if each.delivered_at and each.delivered_at > world.clock() - KEPT]
    assert len(failed) - len(kept) == lost
    again = [each for _ in range(5) for each in world.asks()]
    assert sorted(each.guid for each in again) == sorted(each.guid for each in kept)
    assert {each.status for each in again} == {"OK"}
    assert world.asks() == []


def test_missed_deliveries_recovered__since_the_bookmark(world: World) -> None:
    world.missed(130)
    for each in world.scene.github.deliveries:
        assert each.delivered_at
        each.delivered_at -= timedelta(hours=1)
    for _ in range(3):
        world.asks()
    for each in world.scene.github.deliveries:
        assert each.delivered_at
        each.delivered_at -= timedelta(hours=1)
    reads, _ = world.requests()
    world.missed(1)
    assert len(world.asks()) == 1
    assert world.requests()[0] - reads == 1


def test_missed_deliveries_recovered__of_served_accounts(world: World) -> None:
    world.missed(2)
    world.redeliverer = world.another("globex")
    assert world.asks() == []
    assert world.requests() == (1, 0)


def test_a_key_that_github_does_not_accept_is_not_a_bug(world: World) -> None:
    world.scene.app.public_key = None
    with pytest.raises(GiveUp):
        world.github.installations()
    assert world.asks() == []
