"""Workers: one key at a time each, and the patience with each kind of failure. The clock is ours."""

import itertools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from reviewbot import metrics
from reviewbot.engine.work import Work
from reviewbot.errors import GiveUp, NotYet, RateLimited, Unseen, Wait
from tests.unit.builders import NOW, minutes, seconds


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def a_work(handler: Callable[[str], datetime | None], clock: Clock) -> Work:
    return Work("reconcile", handler, clock)


def failing(failure: Exception) -> Callable[[str], datetime | None]:
    def handler(_name: str) -> datetime | None:
        raise failure

    return handler


def delays(work: Work, clock: Clock, times: int) -> list[timedelta]:
    """How long after each of its turns the one waiting name is due again."""
    found = []
    for _ in range(times):
        assert work.step() == "pr-1-1"
        at = work.next_at()
        assert at is not None
        found.append(seconds(round(at - clock.now.timestamp(), 3)))
        clock.now += found[-1]
    return found


def test_nothing_to_do() -> None:
    work = a_work(lambda _name: None, Clock())
    assert (work.step(), work.next_at(), len(work)) == (None, None, 0)


def test_a_step_handles_one_name() -> None:
    handled: list[str] = []
    work = a_work(handled.append, Clock())
    for name in ("a", "b", "a"):
        work.add(name)
    assert len(work) == 2
    assert [work.step(), work.step(), work.step()] == ["a", "b", None]
    assert handled == ["a", "b"]


def test_the_handler_says_when_to_come_back() -> None:
    clock = Clock()
    work = a_work(lambda _name: clock.now + seconds(30), clock)
    work.add("pr-1-1")
    assert delays(work, clock, 3) == [seconds(30)] * 3


@pytest.mark.parametrize(("past", "expected"), [(seconds(0), [0, 0, 0, 0]), (seconds(1), [0.5, 1, 2, 4])])
def test_no_hot_loop__over_a_time_that_was_over_before_the_look(past: timedelta, expected: list[float]) -> None:
    clock = Clock()
    work = a_work(lambda _name: clock.now - past, clock)
    work.add("pr-1-1")
    assert delays(work, clock, 4) == [seconds(each) for each in expected]


def test_a_name_is_not_taken_before_its_time() -> None:
    clock = Clock()
    work = a_work(lambda _name: None, clock)
    work.add("pr-1-1", NOW + seconds(10))
    assert work.step() is None
    clock.now += seconds(10)
    assert work.step() == "pr-1-1"


def test_whoever_adds_while_it_runs_is_heard_afterwards() -> None:
    clock = Clock()
    handled: list[str] = []

    def handler(name: str) -> datetime | None:
        handled.append(name)
        if len(handled) == 1:
            work.add(name)
            assert work.step() is None
        return clock.now + minutes(5)

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert [work.step(), work.step(), work.step()] == ["pr-1-1", "pr-1-1", None]
    assert len(work) == 1


DOUBLING = [0.5, 1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Wait("Later."), [*DOUBLING, 60, 60, 60]),
        (Unseen("Not seen."), [*DOUBLING, 60, 60, 60]),
        (Wait("Until then.", NOW + minutes(50)), [3000, 0, 0]),
        (GiveUp("Never like this."), [300, 300, 300]),
        (RuntimeError("a bug"), [*DOUBLING, 64, 128, 256, 300, 300]),
    ],
)
def test_patience(failure: Exception, expected: list[float]) -> None:
    clock = Clock()
    work = a_work(failing(failure), clock)
    work.add("pr-1-1")
    assert delays(work, clock, len(expected)) == [seconds(each) for each in expected]


def test_backoff_never_overflows() -> None:
    clock = Clock()

    def handler(_name: str) -> datetime | None:
        raise Wait("Later.")

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert delays(work, clock, 2000)[-1] == minutes(1)


def test_success_ends_the_backoff_and_names_have_their_own() -> None:
    clock = Clock()
    outcomes = {"pr-1-1": iter([RuntimeError(), RuntimeError(), None, RuntimeError()])}

    def handler(name: str) -> datetime | None:
        failure = next(outcomes.get(name, iter([RuntimeError()])))
        if failure:
            raise failure
        return clock.now

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert delays(work, clock, 4) == [seconds(0.5), seconds(1), seconds(0), seconds(0.5)]
    other = a_work(failing(RuntimeError()), clock)
    for name in ("a", "b"):
        other.add(name)
        other.step()
    assert other.next_at() == (clock.now + seconds(0.5)).timestamp()


def test_poison_holds_nobody_up() -> None:
    handled: list[str] = []

    def handler(name: str) -> datetime | None:
        handled.append(name)
        if name == "poison":
            raise RuntimeError("always")
        return None

    work = a_work(handler, Clock())
    for name in ("poison", *(f"pr-1-{number}" for number in range(50))):
        work.add(name)
    while work.step():
        pass
    assert len(handled) == 51


@pytest.mark.parametrize(
    ("failure", "level", "message"),
    [
        (Wait("Later."), logging.INFO, "reconcile pr-1-1 waits: Later."),
        (GiveUp("Never."), logging.WARNING, "reconcile pr-1-1 gave up: Never."),
        (RuntimeError("oops"), logging.ERROR, "reconcile pr-1-1 failed; this is a bug"),
    ],
)
def test_each_failure_is_told(failure: Exception, level: int, message: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    work = a_work(failing(failure), Clock())
    work.add("pr-1-1")
    work.step()
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(level, message)]


def test_how_long_the_slowest_takes() -> None:
    clock = Clock()
    seen: list[float] = []

    def handler(_name: str) -> datetime | None:
        clock.now += seconds(7)
        seen.append(work.longest_seconds())
        return None

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert work.longest_seconds() == 0
    work.step()
    assert (seen, work.longest_seconds()) == ([7], 0)


def test_what_is_due_and_for_how_long() -> None:
    clock = Clock()
    work = a_work(lambda _name: None, clock)
    assert (work.due(), work.oldest_seconds()) == (0, 0)
    work.add("pr-1-1")
    work.add("pr-1-2", clock() + timedelta(minutes=1))
    clock.now += timedelta(seconds=20)
    assert (work.due(), work.oldest_seconds()) == (1, 20)
    work.step()
    assert (work.due(), work.oldest_seconds()) == (0, 0)


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(None, "ok"), (Wait("Later."), "wait"), (GiveUp("Never."), "gave_up"), (RuntimeError("oops"), "bug")],
)
def test_each_pass_is_counted(failure: Exception | None, outcome: str) -> None:
    def passes() -> float:
        labels = {"work": "reconcile", "outcome": outcome}
        return metrics.CONTROLLER.get_sample_value("reviewbot_passes_total", labels) or 0

    before = passes()
    work = a_work(failing(failure) if failure else lambda _name: None, Clock())
    work.add("pr-1-1")
    work.step()
    assert passes() == before + 1


def test_minute_is_used_up__nobody_looks_in_vain() -> None:
    clock, met = Clock(), [RateLimited("slowly", NOW + minutes(1))]

    def handler(_name: str) -> datetime | None:
        while met:
            raise met.pop()
        return None

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert work.step() == "pr-1-1"
    for _ in range(5):
        clock.now += seconds(1)
        work.add("pr-1-1")
        work.add("pr-1-2")
        assert (work.step(), work.step()) == ("pr-1-2", None)
    clock.now = NOW + minutes(1)
    assert (work.step(), work.step()) == ("pr-1-1", None)
    work.add("pr-1-1")
    assert work.step() == "pr-1-1"


def test_what_else_is_waited_for_may_come_sooner() -> None:
    clock = Clock()
    work = a_work(failing(Wait("asleep", NOW + minutes(30))), clock)
    work.add("pr-1-1")
    assert [work.step(), work.step()] == ["pr-1-1", None]
    work.add("pr-1-1")
    assert work.step() == "pr-1-1"


def test_a_turn_that_has_to_be_waited_for_is_no_success() -> None:
    clock, tries = Clock(), itertools.count()

    def handler(_name: str) -> datetime | None:
        if next(tries) % 2:
            raise NotYet("others first", clock.now + seconds(1))
        raise Unseen("it does not answer")

    work = a_work(handler, clock)
    work.add("pr-1-1")
    assert delays(work, clock, 8)[::2] == [seconds(each) for each in (0.5, 1, 2, 4)]
