"""Per key one running and at most one waiting, in the order in which things are due. Times are just numbers here."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.engine.queue import Queue


def a_queue(**waiting: float) -> Queue[str]:
    queue: Queue[str] = Queue()
    for key, at in waiting.items():
        queue.add(key, at)
    return queue


def taken(queue: Queue[str], now: float) -> list[str]:
    found = []
    while (key := queue.take(now)) is not None:
        found.append(key)
    return found


@pytest.mark.parametrize(
    ("waiting", "now", "expected"),
    [
        ({}, 0.0, []),
        ({"a": 1.0}, 0.9, []),
        ({"a": 1.0}, 1.0, ["a"]),
        ({"a": 3.0, "b": 1.0, "c": 2.0}, 5.0, ["b", "c", "a"]),
        ({"a": 3.0, "b": 1.0, "c": 2.0}, 2.0, ["b", "c"]),
        # Equally due: who came first.
        ({"b": 1.0, "a": 1.0}, 1.0, ["b", "a"]),
    ],
)
def test_the_key_that_is_due_longest_is_taken(waiting: dict[str, float], now: float, expected: list[str]) -> None:
    assert taken(a_queue(**waiting), now) == expected


@pytest.mark.parametrize(("first", "second", "due"), [(1.0, 5.0, 1.0), (5.0, 1.0, 1.0), (2.0, 2.0, 2.0)])
def test_adding_again_coalesces_and_never_delays(first: float, second: float, due: float) -> None:
    queue = a_queue(a=first)
    queue.add("a", second)
    assert len(queue) == 1
    assert queue.next_at() == due
    assert queue.take(due - 0.1) is None
    assert taken(queue, due) == ["a"]


def test_a_running_key_is_not_taken_again() -> None:
    queue = a_queue(a=1.0)
    assert queue.take(1.0) == "a"
    for _ in range(100):
        queue.add("a", 1.0)
    assert len(queue) == 1
    assert queue.take(9.0) is None
    queue.done("a")
    assert taken(queue, 9.0) == ["a"]


def test_a_running_key_holds_nobody_else_up() -> None:
    queue = a_queue(a=1.0, b=2.0)
    assert queue.take(1.0) == "a"
    queue.add("a", 1.0)
    assert queue.take(3.0) == "b"


def test_done_without_anything_waiting_leaves_nothing() -> None:
    queue = a_queue(a=1.0)
    queue.take(1.0)
    queue.done("a")
    assert (len(queue), queue.next_at(), queue.take(9.0)) == (0, None, None)


@given(st.lists(st.tuples(st.sampled_from(["add", "take", "done"]), st.sampled_from("abc"), st.integers(0, 3))))
def test_any_history_is_that_of_a_plain_list(history: list[tuple[str, str, int]]) -> None:
    queue: Queue[str] = Queue()
    waiting: dict[str, int] = {}
    running: set[str] = set()
    for action, key, at in history:
        if action == "add":
            queue.add(key, at)
            waiting[key] = min(at, waiting.get(key, at))
        elif action == "take":
            due = {waiting[each] for each in waiting if each not in running and waiting[each] <= at}
            found = queue.take(at)
            assert (found is None) == (not due)
            if found is not None:
                assert (waiting.pop(found), found in running) == (min(due), False)
                running.add(found)
        else:
            queue.done(key)
            running.discard(key)
        assert (len(queue), queue.next_at()) == (len(waiting), min(waiting.values(), default=None))
        assert queue.due(3) == len(waiting.keys() - running)


def test_next_at() -> None:
    assert a_queue().next_at() is None
    assert a_queue(a=3.0, b=2.0).next_at() == 2.0


def test_no_wait_while_something_is_due() -> None:
    a_queue(a=1.0).wait(now=1.0, limit=3600)
    a_queue(a=1.0).wait(now=2.0, limit=3600)


def test_no_wait_once_closed() -> None:
    queue = a_queue()
    queue.close()
    queue.wait(now=0.0, limit=3600)


def test_the_wait_ends_at_its_limit() -> None:
    a_queue(a=3600.0).wait(now=0.0, limit=0.001)


class Waiter(threading.Thread):
    """Somebody in `wait`, who would stay there for an hour."""

    def __init__(self, queue: Queue[str]) -> None:
        super().__init__(daemon=True)
        self._queue = queue
        self.start()

    def run(self) -> None:
        self._queue.wait(now=0.0, limit=3600)

    def woke(self) -> bool:
        self.join(timeout=10)
        return not self.is_alive()


def test_adding_wakes_a_waiter() -> None:
    queue = a_queue()
    waiter = Waiter(queue)
    queue.add("a", 0.0)
    assert waiter.woke()


def test_done_wakes_whoever_waits_for_that_key() -> None:
    queue = a_queue(a=0.0)
    queue.take(0.0)
    queue.add("a", 0.0)
    waiters = [Waiter(queue), Waiter(queue)]
    queue.done("a")
    assert all(waiter.woke() for waiter in waiters)


def test_close_wakes_everybody() -> None:
    queue = a_queue(a=3600.0)
    waiters = [Waiter(queue) for _ in range(4)]
    queue.close()
    assert all(waiter.woke() for waiter in waiters)


def test_two_threads_never_run_one_key_and_lose_none() -> None:
    queue: Queue[int] = Queue()
    running: set[int] = set()
    overlaps: list[int] = []
    runs = dict.fromkeys(range(10), 0)
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(timeout=10)
        for number in range(1000):
            queue.add(number % 10, 0.0)
            key = queue.take(0.0)
            if key is None:
                continue
            overlaps.extend({key} & running)
            running.add(key)
            runs[key] += 1
            running.discard(key)
            queue.done(key)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    left = list(iter(lambda: queue.take(0.0), None))
    assert overlaps == []
    assert len(left) == len(set(left))
    assert all(runs[key] or key in left for key in range(10))
