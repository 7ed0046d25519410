"""Failed webhook deliveries: which are asked for again, how many at a time, and never twice."""

import itertools
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.engine.bookmarks import Bookmarks
from reviewbot.errors import Denied, Unseen
from reviewbot.model import AppId, Bookmark, Delivery, InstallationId
from reviewbot.reconcile.deliveries import EVERY, KEPT, MOST, PATIENCE, SOON, Redeliverer, following, is_ready, missed
from tests.unit.builders import INSTALLATION, NOW, minutes, seconds
from tests.unit.stores import Store


def a_delivery(number: int = 1, **changes: Any) -> Delivery:
    made = Delivery(number, f"guid-{number}", NOW + seconds(number), False, "pull_request", "opened", INSTALLATION)
    return replace(made, **changes)


def ids(deliveries: list[Delivery]) -> list[int]:
    return [each.id for each in deliveries]


@pytest.mark.parametrize(
    ("event", "action", "matters"),
    [
        ("pull_request", "opened", True),
        ("pull_request", "closed", True),
        ("issue_comment", "created", True),
        ("check_run", "rerequested", True),
        ("check_run", "requested_action", True),
        ("check_suite", "rerequested", True),
        # A listing tells as much.
        ("check_run", "completed", False),
        ("check_suite", "requested", False),
        ("status", "", False),
        ("push", "", False),
        ("repository", "renamed", False),
    ],
)
def test_what_no_listing_replaces_is_missed(event: str, action: str, matters: bool) -> None:
    assert bool(missed([a_delivery(event=event, action=action)], ())) is matters


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], [1]),
        ([a_delivery(2, guid="guid-1", again=True, delivered=True)], []),
        ([a_delivery(2, guid="guid-1", again=True)], [2]),
        ([a_delivery(2, guid="guid-1", at=NOW + seconds(1), again=True, delivered=True)], []),
        ([a_delivery(2, delivered=True)], [1]),
        ([a_delivery(3), a_delivery(2)], [1, 2, 3]),
    ],
)
def test_the_last_attempt_of_each_event_counts(later: list[Delivery], expected: list[int]) -> None:
    assert ids(missed([*later, a_delivery()], ())) == expected
    assert ids(missed([a_delivery(), *later], ())) == expected


def test_what_was_asked_for_is_not_asked_for_again() -> None:
    assert ids(missed([a_delivery(1), a_delivery(2)], {1})) == [2]


def test_what_failed_again_is_left_alone_for_an_hour() -> None:
    assert is_ready(a_delivery(), NOW + seconds(2))
    again = a_delivery(again=True)
    assert not is_ready(again, again.at + minutes(59))
    assert is_ready(again, again.at + PATIENCE)


@pytest.mark.parametrize(
    ("asked", "at", "remembered"),
    [({1, 2}, 3, {1, 2, 7}), ({1}, 2, {1, 7}), (set(), 1, {7})],
)
def test_the_bookmark_moves_to_the_oldest_that_is_left(asked: set[int], at: int, remembered: set[int]) -> None:
    listed = [a_delivery(7, at=NOW), a_delivery(1), a_delivery(2), a_delivery(3, delivered=True)]
    moved = following(Bookmark(NOW, frozenset({7, 99})), listed, [listed[1], listed[2]], asked)
    assert moved == Bookmark(NOW + seconds(at), frozenset(remembered))


def test_the_bookmark_never_moves_back() -> None:
    old = a_delivery(1, at=NOW - minutes(4))
    assert following(Bookmark(NOW), [old], [old], set()).at == NOW
    assert following(Bookmark(NOW), [], [], set()) == Bookmark(NOW)


class GitHub:
    """The App's list of deliveries; an attempt that is asked for ends as `ends` says."""

    def __init__(self, *listed: Delivery) -> None:
        self.listed = list(listed)
        self.asked: list[int] = []
        self.read_since: list[datetime] = []
        self.now = NOW + minutes(1)
        self.ends: Callable[[], bool] = lambda: True
        self.fails: Exception | None = None
        self._ids = itertools.count(10_000)

    def clock(self) -> datetime:
        return self.now

    def deliveries(self, since: datetime) -> list[Delivery]:
        self.read_since.append(since)
        if self.fails:
            raise self.fails
        return [each for each in reversed(self.listed) if each.at >= since]

    def deliver_again(self, delivery: Delivery) -> None:
        ended = self.ends()
        self.asked.append(delivery.id)
        self.listed.append(replace(delivery, id=next(self._ids), at=self.now, delivered=ended, again=True))

    def installations(self) -> dict[InstallationId, tuple[int, str]]:
        return {INSTALLATION: (1, "Acme"), InstallationId(77): (2, "stranger")}


class World:
    """A redeliverer, and what is remembered when another one takes over."""

    def __init__(self, *listed: Delivery) -> None:
        self.github = GitHub(*listed)
        self.store = Store()
        self.restart()

    def restart(self) -> None:
        bookmarks = Bookmarks(self.store, AppId(5))
        self.redeliverer = Redeliverer(self.github, bookmarks, ("acme",), self.github.clock)

    def asks(self) -> list[int]:
        """Take a turn, and let the time pass until the next; what was asked for."""
        before = len(self.github.asked)
        self.github.now = self.redeliverer.redeliver()
        return self.github.asked[before:]


def test_each_failure_is_asked_for_once_also_by_the_next_controller() -> None:
    world = World(a_delivery(1), a_delivery(2, delivered=True), a_delivery(3))
    assert world.asks() == [1, 3]
    assert [world.asks() for _ in range(3)] == [[], [], []]
    world.restart()
    assert world.asks() == []
    world.github.listed.append(a_delivery(20_000, at=world.github.now))
    world.restart()
    assert world.asks() == [20_000]


def test_accounts_that_are_not_served_get_nothing() -> None:
    strangers = [a_delivery(number, installation=key) for number, key in enumerate((InstallationId(77), None), 1)]
    assert World(*strangers, a_delivery(3)).asks() == [3]


def test_many_are_asked_for_in_portions() -> None:
    world = World(*(a_delivery(number, at=NOW + seconds(number / 10)) for number in range(1, 131)))
    began = world.github.now
    assert world.asks() == list(range(1, MOST + 1))
    assert world.github.now - began < 2 * SOON
    world.restart()
    assert world.asks() + world.asks() == list(range(MOST + 1, 131))
    assert [world.asks(), world.asks()] == [[], []]


def test_a_receiver_that_stays_away_is_tried_every_hour() -> None:
    world = World(a_delivery(1))
    world.github.ends = lambda: False
    began = world.github.now
    while world.github.now - began < timedelta(hours=12):
        world.asks()
    assert 10 <= len(world.github.asked) <= 13
    world.github.ends = lambda: True
    while world.github.now - began < timedelta(hours=15):
        world.asks()
    assert len(world.github.asked) <= 14


def test_what_was_asked_before_github_stopped_answering_is_remembered() -> None:
    world = World(a_delivery(1), a_delivery(2))

    def stumbles() -> bool:
        if world.github.asked:
            raise Unseen("GitHub does not answer")
        return True

    world.github.ends = stumbles
    with pytest.raises(Unseen):
        world.asks()
    world.github.ends = lambda: True
    world.restart()
    assert world.asks() == [2]
    assert world.asks() == []


def test_no_further_back_than_github_remembers() -> None:
    world = World(a_delivery(1))
    world.asks()
    assert world.github.read_since == [NOW + minutes(1) - KEPT]
    world.asks()
    assert world.github.read_since[1] > NOW - minutes(10)
    world.github.now += timedelta(days=7)
    world.asks()
    assert world.github.read_since[2] > NOW + timedelta(days=3)


def test_a_log_that_is_not_shown_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    world = World(a_delivery(1))
    world.github.fails = Denied("GitHub refuses: Not for you")
    for _ in range(3):
        began = world.github.now
        world.asks()
        assert world.github.now - began >= EVERY * 0.8
    said = "failed deliveries cannot be asked for again: GitHub refuses: Not for you"
    assert [record.getMessage() for record in caplog.records] == [said]
    world.github.fails = None
    assert world.asks() == [1]


def test_a_bookmark_belongs_to_an_app_and_may_be_unreadable() -> None:
    store, bookmark = Store(), Bookmark(NOW, frozenset({3, 1}))
    Bookmarks(store, AppId(5)).write(bookmark)
    Bookmarks(store, AppId(6)).write(Bookmark(NOW + minutes(1)))
    assert Bookmarks(store, AppId(5)).read() == bookmark
    assert Bookmarks(store, AppId(7)).read() is None
    store.patch("ConfigMap", "reviewbot-deliveries", "reviewbot-system", {"data": {"5": "scribble"}})
    assert Bookmarks(store, AppId(5)).read() is None
