"""Lives with a fault in every step, one after another in a lane."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from dev.github import Pull
from reviewbot.gateways import cluster as gateway
from tests.faults.lane import lane
from tests.faults.life import LIFE, TRUST, Step, opens, opens_from_a_fork
from tests.faults.meanwhile import MOVES
from tests.faults.play import Clean, Diverged, Player
from tests.faults.points import Point
from tests.faults.state import Look

STEPS = (*LIFE, TRUST)
# Points of each step, by its name, in the order of their calls.
Plan = Mapping[str, Sequence[Point]]


@dataclass(frozen=True)
class Outcome:
    """Of one point: whether it was reached, and what was wrong then; `idle` if nothing could be done there."""

    point: Point
    reached: bool
    problem: str = ""
    idle: bool = False


@dataclass(frozen=True)
class Sweeper:
    """Plays lives in one lane."""

    player: Player
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def clean(self) -> Clean:
        """A life without faults."""
        made = Clean()
        for step, pull in self._steps():
            self.player.records(step, pull, made)
        return made

    def life(self, plan: Plan, clean: Clean) -> list[Outcome]:
        """A life with the faults of the plan, up to the last, and then others that are short.

        After a problem the rest has no outcome.
        """
        outcomes: list[Outcome] = []
        try:
            for outcome in itertools.chain(self._long(plan, clean), self._short(plan)):
                outcomes.append(outcome)
        except Diverged as problem:
            self.player.lane.starts_anew()
            outcomes += [Outcome(point, True, str(problem)) for point in problem.struck]
        return outcomes

    def _long(self, plan: Plan, clean: Clean) -> Iterator[Outcome]:
        left = {step.name for step in STEPS} & plan.keys()
        if not left:
            return
        for step, pull in self._steps():
            given = plan.get(step.name, ())
            met = self.player.plays(step, pull, given, clean)
            yield from (Outcome(point, point in met.struck, idle=point in met.idle) for point in given)
            left.discard(step.name)
            if not left:
                break

    def _short(self, plan: Plan) -> Iterator[Outcome]:
        for name, move in MOVES.items():
            for point in plan.get(name, ()):
                try:
                    yield Outcome(point, move(self.player, next(self.numbers), point.place))
                except (AssertionError, TimeoutError) as problem:
                    raise Diverged(f"{point}\n  {problem}", [point]) from None

    def _steps(self) -> Iterator[tuple[Step, Pull]]:
        team, number = self.player.lane.team, next(self.numbers)
        own, fork = opens(team, number), opens_from_a_fork(team, number)
        try:
            until(lambda: team.says(own) and team.says(fork), "the check runs")
            yield from ((step, own) for step in LIFE)
            yield TRUST, fork
        finally:
            own.close()
            fork.close()


@contextmanager
def sweeping(cluster: Cluster, accounts: Accounts, folder: Path) -> Iterator[Sweeper]:
    """Who plays in a lane in which a controller runs."""
    admin = gateway.connect(cluster.kubeconfig)
    with lane(cluster, accounts, folder, admin) as made:
        made.start()
        yield Sweeper(Player(made, Look(made.team, admin)))
    admin.close()
