"""Who asks a cluster that has stopped to answer: one caller now and then, and everybody once it answers again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewbot.errors import GiveUp, Unseen
from reviewbot.web.breaker import Breaker


class World:
    """A breaker, its clock, and a cluster that takes its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.breaker = Breaker(2, lambda: self.now)

    def asks(self, takes: float = 0.0, fails: Exception | None = None, during: Callable[[], object] = int) -> bool:
        """Whether it was answered."""

        def work() -> bool:
            self.asked += 1
            self.now += takes
            during()
            if fails:
                raise fails
            return True

        try:
            return self.breaker.call(work)
        except (Unseen, GiveUp):
            return False


HANGS: tuple[float, Exception] = (5.0, Unseen("no answer"))


@pytest.mark.parametrize(
    ("takes", "fails"),
    [(0.1, Unseen("429 Too Many Requests")), (9.0, GiveUp("the cluster refused it")), (9.0, None)],
)
def test_ack_under_load_and_hung_backends__quick_refusals(takes: float, fails: Exception | None) -> None:
    world = World()
    assert [world.asks(takes, fails) for _ in range(3)] == [fails is None] * 3
    assert world.asked == 3


def test_ack_under_load_and_hung_backends__after_waiting_in_vain() -> None:
    world = World()
    for _ in range(2):
        assert not any(world.asks(*HANGS) for _ in range(9))
        # One was answered in between.
        assert world.asks()
    assert not any(world.asks(*HANGS) for _ in range(10))
    asked = world.asked
    assert not any(world.asks() for _ in range(100))
    assert world.asked == asked
    world.now += 1
    assert not world.asks(*HANGS)
    assert not world.asks()
    assert world.asked == asked + 1
    world.now += 1
    assert all(world.asks() for _ in range(100))


def test_ack_under_load_and_hung_backends__one_at_a_time() -> None:
    world = World()
    assert not any(world.asks(*HANGS) for _ in range(10))
    world.now += 1
    others: list[bool] = []
    assert world.asks(during=lambda: others.append(world.asks()))
    assert (others, world.asked) == ([False], 11)
    assert world.asks(during=lambda: others.append(world.asks()))
    assert others == [False, True]


def test_ack_under_load_and_hung_backends__no_more_than_so_many_at_once() -> None:
    world, both, released = World(), threading.Barrier(3), threading.Event()

    def hang() -> None:
        both.wait(10)
        released.wait(10)

    with ThreadPoolExecutor(2) as callers:
        inside = [callers.submit(world.asks, during=hang) for _ in range(2)]
        both.wait(10)
        refused = not world.asks()
        released.set()
        assert [each.result(10) for each in inside] == [True] * 2
    assert refused
    assert world.asks()
