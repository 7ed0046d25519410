"""Pages that many look at: the cluster is asked about each once in a second."""

import pytest

from reviewbot.errors import Unseen
from reviewbot.web.recent import Recent


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


def test_strangers_who_ask_about_everything_fill_no_memory() -> None:
    world = World()
    for number in range(3000):
        world.get(str(number))
    assert [world.get("2999"), world.get("0")] == [3000, 3001]
