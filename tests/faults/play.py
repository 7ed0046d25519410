"""Plays the steps of a life, with or without a strike, and holds what is there at the end against the clean run."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dev.demo.shown import until
from dev.github import Pull
from reviewbot.errors import Unseen
from tests.faults.lane import Lane
from tests.faults.life import Step
from tests.faults.points import Place, Point, Reader, Recorder
from tests.faults.state import Look, State, differences
from tests.faults.strikes import Older, Strikes

# Only a bound: namespaces take their time to go, and machines may be busy.
_PATIENCE_SECONDS = 120.0
_LOOKS_BETWEEN = 10
# Check run, comment and deployment may each be written once more, and without a fault too: what is told on the way
# depends on how fast it goes.
_WRITES_OF_A_FAULT = 3


def _until(look: Callable[[], bool], what: str) -> None:
    def seen() -> bool:
        try:
            return look()
        except Unseen:
            # A connection that breaks tells nothing of what is there.
            return False

    until(seen, what, within=_PATIENCE_SECONDS, every=0.2)


class Diverged(Exception):
    """What is there at the end is not what a clean run leaves; says after which points."""

    def __init__(self, sentence: str, struck: Sequence[Point]) -> None:
        super().__init__(sentence)
        self.struck = struck


@dataclass
class Clean:
    """What a run without faults asks for and leaves, and how often it writes to GitHub, step by step."""

    places: dict[str, list[Place]] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Met:
    """The points that were reached, and those of them at which nothing could be done."""

    struck: Sequence[Point] = ()
    idle: Sequence[Point] = ()


@dataclass(frozen=True)
class Player:
    """Plays in one lane."""

    lane: Lane
    look: Look
    older: Older = field(default_factory=Older)

    def records(self, step: Step, pull: Pull, clean: Clean) -> None:
        """Play the step without a fault and keep what it asked and left."""
        recorder, before = Recorder(self.reader(step, pull)), len(self.lane.team.writes())
        self.lane.meddles(recorder)
        step.act(self.lane, pull)
        _until(lambda: self._is_done(step, pull), f"the end of “{step.name}”")
        self.lane.meddles()
        clean.places[step.name] = recorder.places
        clean.states[step.name] = self.look.state(pull)
        clean.writes[step.name] = len(self.lane.team.writes()) - before

    def plays(self, step: Step, pull: Pull, points: Sequence[Point], clean: Clean) -> Met:
        """Play it with faults, each in its turn.

        Diverged unless it ends as the clean run did.
        """
        strikes = Strikes(self.lane, points, self.older, self.reader(step, pull))
        self.lane.guard.breaches.clear()
        before = len(self.lane.team.writes())
        try:
            with strikes:
                step.act(self.lane, pull)
                self._ends_as(clean.states[step.name], step, pull, strikes)
            for _ in range(step.looks):
                self._looks_again(pull)
            self._ends_as(clean.states[step.name], step, pull, strikes)
            most = clean.writes[step.name] + _WRITES_OF_A_FAULT * (1 + len(strikes.struck))
            assert len(self.lane.team.writes()) - before <= most, f"more than {most} writes to GitHub"
            assert self.lane.guard.breaches == []
        except (AssertionError, TimeoutError) as problem:
            told = ", then ".join(map(str, strikes.struck))
            raise Diverged(f"{told}\n  {problem}", strikes.struck) from None
        return Met(strikes.struck, strikes.idle)

    def reader(self, step: Step, pull: Pull) -> Reader:
        """Who tells the calls of that step of that pull request."""
        return Reader(f"pr-{self.lane.team.repo.id}-{pull.number}", step.starts)

    def _ends_as(self, wanted: State, step: Step, pull: Pull, strikes: Strikes) -> None:
        looks = itertools.count(1)

        def same() -> bool:
            if strikes.over and self._is_done(step, pull) and self.look.state(pull) == wanted:
                return True
            if self.lane.misled and next(looks) % _LOOKS_BETWEEN == 0:
                # The next look puts it right, which comes by itself when everything is listed.
                self.lane.team.pokes(pull)
            return False

        try:
            _until(same, "the end")
        except TimeoutError:
            off = differences(self.look.state(pull), wanted) or "it does not come to rest"
            raise AssertionError(f"{off}\n  {self.look.record(pull).get('status')}\n{self.lane.said()}") from None

    def _looks_again(self, pull: Pull) -> None:
        team = self.lane.team
        before = team.changes(pull)
        team.pokes(pull)
        _until(lambda: self._rests(pull), "another look")
        assert team.changes(pull) == before, "another look wrote something"

    def _is_done(self, step: Step, pull: Pull) -> bool:
        return self._rests(pull) and step.ends in self.look.says(pull)

    def _rests(self, pull: Pull) -> bool:
        self.lane.stays_up()
        return self.look.at_rest(pull)
