"""What is a reason to look at a record: a poke that nobody has taken up, and nothing that a look itself writes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.engine.engine import Engine
from reviewbot.engine.records import POKE
from reviewbot.errors import Unseen
from reviewbot.reconcile import Outcome
from tests.unit.builders import NOW
from tests.unit.test_records import a_review_app


class World:
    """An engine whose passes only count."""

    def __init__(self) -> None:
        self.now = NOW
        self.passes = 0
        self.fails = False
        # What happens while somebody looks, once.
        self.meanwhile: list[Callable[[], None]] = []
        self.engine = Engine(self, self, self, {}, lambda: self.now)  # type: ignore[arg-type]  # all in one

    def reconcile(self, _name: str) -> Outcome:
        self.passes += 1
        while self.meanwhile:
            self.meanwhile.pop()()
        if self.fails:
            raise Unseen("no answer")
        return Outcome()

    def list(self, name: str) -> datetime | None:
        return self.reconcile(name).again

    def tell(self, _name: str) -> datetime | None:
        return None

    def drop(self, _name: str) -> None:
        """Nothing was to be told."""

    def looks(self) -> int:
        """How many passes are due now."""
        before = self.passes
        while self.engine.reconciling.step() is not None:
            pass
        return self.passes - before


def a_record(kind: str, poke: str, observed: str = "") -> dict[str, Any]:
    if kind == "ReviewApp":
        item = a_review_app(observedPoke=observed)
        item["metadata"]["annotations"][POKE] = poke
        return item
    spec = {"installationId": 31, "fullName": "acme/shop"}
    return {
        "metadata": {"name": "repo-4711", "uid": "u", "resourceVersion": "7", "annotations": {POKE: poke}},
        "spec": spec,
        "status": {"observedPoke": observed},
    }


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("kind", ["ReviewApp", "Repository"])
def test_a_poke_is_taken_up_once_whatever_else_is_written(world: World, kind: str) -> None:
    world.engine.notice(kind, "ADDED", a_record(kind, "1"))
    assert world.looks() == 1
    world.engine.notice(kind, "MODIFIED", a_record(kind, "1"))
    assert world.looks() == 0
    world.engine.notice(kind, "MODIFIED", a_record(kind, "1", observed="1"))
    assert world.looks() == 0
    world.engine.notice(kind, "MODIFIED", a_record(kind, "2", observed="1"))
    assert world.looks() == 1


@pytest.mark.parametrize("kind", ["ReviewApp", "Repository"])
def test_what_was_found_at_the_start_is_taken_up_once(world: World, kind: str) -> None:
    world.engine.resume(kind, [a_record(kind, "1")])
    world.engine.notice(kind, "MODIFIED", a_record(kind, "1"))
    assert world.looks() == 1


def test_one_that_fails_comes_again_by_itself_and_at_once_for_another_poke(world: World) -> None:
    world.fails = True
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    assert world.looks() == 1
    world.engine.notice("ReviewApp", "MODIFIED", a_record("ReviewApp", "1"))
    assert world.looks() == 0
    world.now += timedelta(seconds=1)
    assert world.looks() == 1
    world.engine.notice("ReviewApp", "MODIFIED", a_record("ReviewApp", "2"))
    assert world.looks() == 1


def test_a_poke_that_comes_during_a_look_is_a_reason_for_another(world: World) -> None:
    world.meanwhile.append(lambda: world.engine.notice("ReviewApp", "MODIFIED", a_record("ReviewApp", "2")))
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    assert world.looks() == 2


def test_what_a_look_writes_is_none(world: World) -> None:
    world.meanwhile.append(lambda: world.engine.notice("ReviewApp", "MODIFIED", a_record("ReviewApp", "1")))
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    assert world.looks() == 1


def test_after_the_watch_broke_what_is_due_is_looked_at(world: World) -> None:
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    assert world.looks() == 1
    world.engine.relist("ReviewApp", [a_record("ReviewApp", "1")])
    assert world.looks() == 1


def test_one_that_was_deleted_and_is_there_again_is_another(world: World) -> None:
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    world.engine.notice("ReviewApp", "DELETED", a_record("ReviewApp", "1"))
    assert world.looks() == 1
    world.engine.notice("ReviewApp", "ADDED", a_record("ReviewApp", "1"))
    assert world.looks() == 1
