"""What a whole sweep has still to do, what came of it so far, and what is to be said at the end. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.life import CREATE
from tests.faults.meanwhile import MOVES
from tests.faults.play import Clean
from tests.faults.points import Place, Point, moves, points
from tests.faults.state import differences
from tests.faults.sweep import STEPS, Outcome, Plan

# Each with several faults in every step, far from each other; a life without them takes a minute.
_LIVES = 80
# A point in a chapter that was over too soon this time, or that a fault before it made needless, is met another time;
# and if it is not, then in whichever chapter its call is made.
_TRIES = 5


@dataclass
class Tally:
    """Of points: those to do, by step, in the order of their calls, and how many of them a life takes; how often each
    was tried; how many were reached, at how many of them nothing could be done, and how many of them were met in
    whichever chapter; what was wrong.
    """

    whole: int
    todo: dict[str, list[Point]]
    shares: Mapping[str, int]
    tried: Counter[Point] = field(default_factory=Counter)
    reached: int = 0
    idle: int = 0
    anywhere: int = 0
    problems: list[str] = field(default_factory=list)

    def plan(self) -> Plan | None:
        """Some points of each step that has any left; None if none has."""
        found = {step: _drawn(left, self.shares[step]) for step, left in self.todo.items() if left}
        return found or None

    def count(self, plan: Plan, outcomes: Sequence[Outcome]) -> list[str]:
        """Take in what came of a plan; what was not reached is tried again. The new problems."""
        came = {each.point: each for each in outcomes}
        new = [each.problem for each in outcomes if each.problem]
        self.reached += sum(each.reached for each in outcomes)
        self.anywhere += sum(each.reached and each.point == each.point.anywhere for each in outcomes)
        self.idle += sum(each.idle for each in outcomes)
        self.problems += new
        for step, given in plan.items():
            for point in given:
                self._put_back(step, point, came.get(point))
        return new

    def _put_back(self, step: str, point: Point, outcome: Outcome | None) -> None:
        if outcome and outcome.reached:
            return
        # Without an outcome its life ended before, by no fault of its own.
        self.tried[point] += outcome is not None
        if self.tried[point] < _TRIES:
            self.todo[step].append(point)
        elif point != point.anywhere:
            self.todo[step].append(point.anywhere)

    @property
    def equal(self) -> int:
        """How many ended as a run without faults."""
        return self.reached - len(self.problems)

    @property
    def never_reached(self) -> list[Point]:
        """What was given up."""
        return [point for point, tries in self.tried.items() if tries >= _TRIES and point == point.anywhere]


def tally(clean: Clean, every: int) -> Tally:
    """All points of the steps, or every so many-th."""
    lives = -(-_LIVES // every)
    struck = [point for step in STEPS for point in points(step.name, clean.places[step.name])]
    moved = [point for name in MOVES for point in moves(name, clean.places[CREATE.name])]
    found = [*struck, *moved][::every]
    todo = defaultdict(list)
    for point in found:
        todo[point.step].append(point)
    names = [*(step.name for step in STEPS), *MOVES]
    return Tally(
        len(found), {name: todo[name] for name in names}, {name: -(-len(todo[name]) // lives) for name in names}
    )


def _drawn(left: list[Point], number: int) -> list[Point]:
    """So many, taken out evenly."""
    taken = range(0, len(left), -(-len(left) // number))
    return [left.pop(at) for at in reversed(taken)][::-1]


def agreed(clean: Sequence[Clean]) -> Clean:
    """What all clean runs ask for, and the most writes; AssertionError if they do not leave the same."""
    first, *others = clean
    for other in others:
        for step, wanted in first.states.items():
            assert not (off := differences(other.states[step], wanted)), f"{step} without faults: {off}"
    places = {step: _shared([each.places[step] for each in clean]) for step in first.places}
    writes = {step: max(each.writes[step] for each in clean) for step in first.writes}
    return Clean(places, first.states, writes)


def left_out(clean: Sequence[Clean], common: Clean) -> int:
    """How many calls only some of the clean runs make, so that nothing can be planned for them."""
    return sum(
        len({place.anywhere for each in clean for place in each.places[step]} - {place.anywhere for place in places})
        for step, places in common.places.items()
    )


def _shared(asked: Sequence[Sequence[Place]]) -> list[Place]:
    """What all ask, in the order of the first; anywhere what each asks in another chapter."""
    first, *others = asked
    there = {place for place in first if all(place in other for other in others)}
    ever = set.intersection(*({place.anywhere for place in each} for each in asked)) - {each.anywhere for each in there}
    found = (place if place in there else place.anywhere for place in first)
    return list(dict.fromkeys(place for place in found if place in there | ever))
