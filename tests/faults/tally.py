"""What a whole sweep has still to do, what came of it so far, and what is to be said at the end. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.faults.play import Clean
from tests.faults.points import Place, Point, points
from tests.faults.state import differences
from tests.faults.sweep import STEPS, Outcome, Plan

# A point in a chapter that was over too soon this time is met another time.
_TRIES = 4


@dataclass
class Tally:
    """Of points: those to do, by step; how often each was tried; how many were reached; what was wrong."""

    whole: int
    todo: dict[str, list[Point]]
    tried: Counter[Point] = field(default_factory=Counter)
    reached: int = 0
    problems: list[str] = field(default_factory=list)

    def plan(self) -> Plan | None:
        """A point of each step that has some left; None if none has."""
        return {step: [left.pop(0)] for step, left in self.todo.items() if left} or None

    def count(self, plan: Plan, outcomes: Sequence[Outcome]) -> list[str]:
        """Take in what came of a plan; what was not reached is tried again. The new problems."""
        came = {each.point: each for each in outcomes}
        new = [each.problem for each in outcomes if each.problem]
        self.reached += sum(each.reached for each in outcomes)
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

    @property
    def equal(self) -> int:
        """How many ended as a run without faults."""
        return self.reached - len(self.problems)

    @property
    def never_reached(self) -> list[Point]:
        """What was given up."""
        return [point for point, tries in self.tried.items() if tries >= _TRIES]


def tally(clean: Clean, every: int) -> Tally:
    """All points of the steps, or every so many-th."""
    found = [point for step in STEPS for point in points(step.name, clean.places[step.name])][::every]
    todo = defaultdict(list)
    for point in found:
        todo[point.step].append(point)
    return Tally(len(found), {step.name: todo[step.name] for step in STEPS})


def agreed(clean: Iterable[Clean]) -> Clean:
    """What all clean runs ask for; AssertionError if they do not leave the same."""
    first, *others = clean
    for other in others:
        for step, wanted in first.states.items():
            assert not (off := differences(other.states[step], wanted)), f"{step} without faults: {off}"
    places: dict[str, list[Place]] = {
        step: [place for place in asked if all(place in other.places[step] for other in others)]
        for step, asked in first.places.items()
    }
    return Clean(places, first.states)
