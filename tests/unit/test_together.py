"""Deliveries about one thing that come together: one write for all that came before it began, with one outcome."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewbot.errors import Unseen
from reviewbot.web.together import Together
from tests.unit.callers import Key

PATIENCE = 10
CALLERS = 10


def a_burst(fails: Exception | None = None) -> tuple[int, list[BaseException | None]]:
    """Many ask while one write is under way; how many more there were, and how each ended."""
    together, key = Together(), Key(CALLERS + 1)
    began, writes = threading.Event(), 0

    def first() -> None:
        began.set()
        key.wanted.wait(PATIENCE)

    def later() -> None:
        nonlocal writes
        writes += 1
        if fails:
            raise fails

    def ask(work: Callable[[], None]) -> None:
        together.call(key, work)

    with ThreadPoolExecutor(CALLERS + 1) as callers:
        one = callers.submit(ask, first)
        began.wait(PATIENCE)
        others = [callers.submit(ask, later) for _ in range(CALLERS)]
        assert one.exception(PATIENCE) is None
        ended = [each.exception(PATIENCE) for each in others]
    # And the next is on its own again.
    alone: list[int] = []
    together.call(key, lambda: alone.append(1))
    assert alone == [1]
    return writes, ended


def test_burst_about_one_pull_request__shares_a_write() -> None:
    assert a_burst() == (1, [None] * CALLERS)


def test_burst_about_one_pull_request__shares_a_failure() -> None:
    failure = Unseen("no answer")
    assert a_burst(failure) == (1, [failure] * CALLERS)


def test_burst_about_one_pull_request__others_do_not_wait() -> None:
    together, done = Together(), []

    def inside() -> None:
        together.call(2, lambda: done.append(2))
        done.append(1)

    together.call(1, inside)
    assert done == [2, 1]


def test_burst_about_one_pull_request__a_failure_is_its_own() -> None:
    together = Together()

    def fails() -> None:
        raise Unseen("no answer")

    for _ in range(2):
        with pytest.raises(Unseen):
            together.call("one", fails)
