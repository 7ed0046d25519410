"""Pages that many look at: the cluster is asked about each once in a second, by one of them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewbot.errors import Unseen
from reviewbot.web.recent import Recent
from tests.unit.callers import Key

PATIENCE = 10
CALLERS = 60


class World:
    """What answers are kept, a clock, and how often somebody was asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.recent: Recent[int] = Recent(lambda: self.now)

    def get(self, key: str, takes: float = 0.0) -> int:
        def ask() -> int:
            self.asked += 1
            self.now += takes
            return self.asked

        return self.recent.get(key, ask)


def test_an_answer_is_good_for_a_second() -> None:
    world = World()
    assert [world.get("a"), world.get("b"), world.get("a")] == [1, 2, 1]
    world.now = 0.9
    assert world.get("a") == 1
    world.now = 1.0
    assert world.get("a") == 3


def test_it_is_as_old_as_its_question() -> None:
    world = World()
    assert [world.get("a", takes=1.0), world.get("a")] == [1, 2]


def test_a_failure_is_no_answer() -> None:
    world = World()

    def fail() -> int:
        raise Unseen("no answer")

    with pytest.raises(Unseen):
        world.recent.get("a", fail)
    assert world.get("a") == 1


def test_strangers_look_at_pages__they_fill_no_memory() -> None:
    world = World()
    for number in range(3000):
        world.get(str(number))
    assert [world.get("2999"), world.get("0")] == [3000, 3001]


def at_once(world: World, ask: Callable[[], int]) -> list[BaseException | int]:
    """Many look at one page before whoever asks is answered; how it ended for each."""
    key = Key(CALLERS)

    def asked() -> int:
        assert key.wanted.wait(PATIENCE)
        world.asked += 1
        return ask()

    with ThreadPoolExecutor(CALLERS) as callers:
        every = [callers.submit(world.recent.get, key, asked) for _ in range(CALLERS)]
        return [each.exception(PATIENCE) or each.result() for each in every]


def test_strangers_look_at_pages__one_of_them_asks() -> None:
    world = World()
    assert at_once(world, lambda: 7) == [7] * CALLERS
    assert world.asked == 1


def test_a_failure_is_shared_by_those_who_waited_for_it_and_not_kept() -> None:
    world, failure = World(), Unseen("no answer")

    def fail() -> int:
        raise failure

    assert at_once(world, fail) == [failure] * CALLERS
    assert world.asked == 1
    assert world.get("a") == 2


def test_nobody_waits_for_ever() -> None:
    world = World()
    began, released = threading.Event(), threading.Event()

    def hang() -> int:
        began.set()
        released.wait(PATIENCE)
        return 7

    with ThreadPoolExecutor(1) as callers:
        one = callers.submit(world.recent.get, "a", hang)
        assert began.wait(PATIENCE)
        with pytest.raises(Unseen):
            world.get("a")
        # Others who look at something else do not wait at all.
        assert (world.get("b"), world.asked) == (1, 1)
        released.set()
        assert one.result(PATIENCE) == 7
    assert world.get("a") == 7
