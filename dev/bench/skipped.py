"""Hours that pass in minutes: the engine in this process, on a clock that is put forward where nothing is due."""

import math
from datetime import UTC, datetime, timedelta

from reviewbot import compose
from reviewbot.engine.engine import Engine
from reviewbot.gateways.cluster import Cluster, connect
from reviewbot.settings import ControllerSettings


class Clock:
    """The real time plus what was skipped."""

    def __init__(self) -> None:
        self._skipped = timedelta()

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self._skipped

    def skip_to(self, at: float) -> None:
        """Jump to that time, in seconds of the epoch; never back."""
        self._skipped += max(timedelta(), datetime.fromtimestamp(at, UTC) - self())


def connected(environment: dict[str, str], clock: Clock) -> tuple[Engine, Cluster]:
    """The controller's engine without its threads and its lease, and its access to the cluster."""
    settings = ControllerSettings.load(environment)
    home = connect(settings.kubeconfig)
    github = compose.connect_github(settings, clock, lambda: None)
    outside = compose.Outside(github, home, home, compose.connect_probe(settings, home))
    return compose.engine(settings, outside, clock), home


def tell_all(engine: Engine, clock: Clock) -> None:
    """Do what is due, and put the clock forward, until nothing is left to be told."""
    while _step(engine) or len(engine.telling):
        if len(engine.telling):
            clock.skip_to(_next(engine))


def pass_time(engine: Engine, clock: Clock, until: datetime) -> None:
    """Do what is due until then."""
    while _next(engine) <= until.timestamp():
        clock.skip_to(_next(engine))
        _step(engine)


def _step(engine: Engine) -> bool:
    return engine.reconciling.step() is not None or engine.telling.step() is not None


def _next(engine: Engine) -> float:
    times = (engine.reconciling.next_at(), engine.telling.next_at())
    return min((at for at in times if at is not None), default=math.inf)
