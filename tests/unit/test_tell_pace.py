"""Whose turn it is to write: a second apart, within the hour's budget, what matters most to the end."""

from datetime import datetime, timedelta

import pytest

from reviewbot.decide import Plan
from reviewbot.model import InstallationId, Phase, Sha
from reviewbot.reconcile.tell.pace import PACE, Pace
from reviewbot.report import Place, report
from tests.unit.builders import INSTALLATION, NOW, PREVIEW_URL, a_pull, a_ref, minutes, seconds
from tests.unit.telling import World

HOUR = timedelta(hours=1)


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wrote(pace: Pace, clock: Clock, times: int) -> None:
    for _ in range(times):
        assert pace.take(INSTALLATION, 500) is None
        pace.give_back(INSTALLATION)
        clock.now += PACE


def test_whoever_waits_comes_back_at_a_time_of_his_own(clock: Clock) -> None:
    pace = Pace(clock)
    assert [pace.take(INSTALLATION, 500) for _ in range(4)] == [None, *(NOW + turn * PACE for turn in (1, 2, 3))]
    assert pace.take(InstallationId(77), 500) is None
    pace.give_back(INSTALLATION)
    clock.now += PACE
    assert [pace.take(INSTALLATION, 500) for _ in range(2)] == [None, NOW + 2 * PACE]


def test_the_second_begins_when_the_turn_is_given_back(clock: Clock) -> None:
    pace = Pace(clock)
    assert pace.take(INSTALLATION, 500) is None
    clock.now += 3 * PACE
    assert pace.take(INSTALLATION, 500) == NOW + 4 * PACE
    pace.give_back(INSTALLATION)
    assert pace.take(INSTALLATION, 500) == NOW + 5 * PACE
    clock.now += PACE
    assert pace.take(INSTALLATION, 500) is None


def test_write_budget__of_an_hour(clock: Clock) -> None:
    pace = Pace(clock)
    wrote(pace, clock, 400)
    assert pace.take(INSTALLATION, 300) == NOW + seconds(100) + HOUR
    assert pace.take(INSTALLATION, 400) == NOW + HOUR
    wrote(pace, clock, 1)
    assert pace.take(INSTALLATION, 400) == NOW + seconds(1) + HOUR
    clock.now = NOW + HOUR + seconds(1)
    assert pace.take(INSTALLATION, 400) is None


def sentences(world: World) -> tuple[int, int, int]:
    """How many check runs, comments and deployments tell the last news."""
    runs = [text.title for _, text in world.board.check_runs.values()]
    states = [said[-1].state for _, said in world.board.deployments.values() if said]
    return (
        sum("Last." in title for title in runs),
        sum("Last." in body for body in world.board.comments.values()),
        states.count("success"),
    )


def told(world: World, waiting: dict[str, datetime], until: datetime) -> int:
    """Let everybody who waits have his turns until then; how many there were."""
    turns = 0
    while waiting and min(waiting.values()) <= until:
        name = min(waiting, key=lambda each: waiting[each])
        world.now = max(world.now, waiting.pop(name))
        again = world.tries(name)
        waiting |= {name: again} if again else {}
        turns += 1
    world.now = until
    return turns


def test_write_budget__what_matters_most_is_told_of_everybody() -> None:
    world, start = World(), NOW
    refs = [a_ref(number) for number in range(1, 101)]
    for ref in refs:
        world.records.poke(ref)
    for round_, (phase, sentence) in enumerate([(Phase.DEPLOYING, "First."), (Phase.RUNNING, "Last.")], 1):
        for ref in refs:
            place = Place(PREVIEW_URL, None)
            pull = a_pull(head=Sha(f"{ref.number:040x}"), number=ref.number)
            world.teller.put(ref.name, report(ref, pull, Plan(phase, "Reason", sentence), place))
        turns = told(world, {ref.name: world.now for ref in refs}, until=start + round_ * minutes(20))
        # If all who wait asked every second, it were 30,000 and more.
        assert turns < 6000
    assert len(world.board.writes) <= 480
    runs, comments, deployments = sentences(world)
    assert (runs, deployments) == (100, 0)
    assert comments < 50
    told(world, {ref.name: world.now for ref in refs}, until=start + 4 * HOUR)
    assert sentences(world) == (100, 100, 100)
