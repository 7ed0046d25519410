"""The controller's threads: what /healthz says of them, and that they end."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.engine.controller import STUCK_SECONDS, Controller
from reviewbot.engine.engine import Engine
from reviewbot.errors import Unseen
from reviewbot.reconcile import Outcome
from tests.unit.builders import NOW, REF

PATIENCE = 10


class Silent:
    """A cluster that cannot be seen."""

    def items_at(self, *_: Any) -> tuple[list[dict[str, Any]], str]:
        raise Unseen("the cluster does not answer")

    def watch(self, *_: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        raise Unseen("the cluster does not answer")


class World:
    """An engine whose one pass is ours, on a clock of ours."""

    def __init__(self, a_pass: Callable[[], object]) -> None:
        self.now = NOW
        self.begun = threading.Event()
        self._a_pass = a_pass
        self.engine = Engine(self, self, self, {}, self.clock)  # type: ignore[arg-type]  # all in one
        self.controller = Controller(self.engine, Silent(), Silent())
        self.controller.start()

    def clock(self) -> datetime:
        return self.now

    def reconcile(self, _name: str) -> Outcome:
        self.begun.set()
        self._a_pass()
        return Outcome()

    def tell(self, _name: str) -> datetime | None:
        return None

    def drop(self, _name: str) -> None:
        """Nothing was to be told."""

    def look(self) -> None:
        self.engine.reconciling.add(REF.name)
        assert self.begun.wait(PATIENCE)


def test_nothing_is_wrong_with_threads_that_wait() -> None:
    world = World(lambda: None)
    world.look()
    assert world.controller.unwell() is None
    assert world.controller.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dead_loop_is_visible__a_thread_that_ended() -> None:
    def end() -> None:
        raise SystemExit

    world = World(end)
    before = set(threading.enumerate())
    world.look()
    (ended,) = _ended(before)
    assert ended.name.startswith("reconcile")
    assert world.controller.unwell() == f"thread {ended.name} is dead"
    world.controller.stop()


def _ended(before: set[threading.Thread]) -> set[threading.Thread]:
    deadline = time.monotonic() + PATIENCE
    while not (ended := before - set(threading.enumerate())):
        assert time.monotonic() < deadline
    return ended


def test_dead_loop_is_visible__a_pass_that_does_not_end() -> None:
    go_on = threading.Event()
    world = World(go_on.wait)
    world.look()
    assert world.controller.unwell() is None
    world.now += timedelta(seconds=STUCK_SECONDS + 1)
    assert world.controller.unwell() == "reconcile is stuck"
    go_on.set()
    assert world.controller.stop()
