"""Hours that pass in minutes: the engine in this process, on a clock that is put forward where nothing is due."""

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


def run(engine: Engine, clock: Clock, until: datetime) -> datetime:
    """Do what is due until then, or until there is nothing left; the time of the last thing that was done."""
    last = clock()
    while True:
        if engine.reconciling.step() is not None or engine.telling.step() is not None:
            last = clock()
            continue
        times = [at for at in (engine.reconciling.next_at(), engine.telling.next_at()) if at is not None]
        if not times or min(times) > until.timestamp():
            return last
        clock.skip_to(min(times))
