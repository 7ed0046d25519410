"""A storm: thousands of check events of many pull requests in a minute, and what is left of it."""

import itertools
import time
from collections.abc import Iterator

from dev.bench.figures import Figure, milliseconds
from dev.bench.scene import REQUIRED, Scene, eventually, passes, scene
from dev.bench.skipped import Clock, connected, tell_all
from dev.bot.install import SYSTEM
from dev.github import Pull
from dev.github.pace import MOST_POINTS, pace

_PULLS, _EVENTS, _SECONDS = 200, 10_000, 60
# A run that begins and ends is told three times: twice itself, and by its suite.
_EACH = 3


def figures() -> Iterator[Figure]:
    """The storm itself, then how long GitHub is written to within its limits, on a clock that is put forward."""
    with scene() as here:
        pulls = [here.opens(number) for number in range(_PULLS)]
        here.carrier.settle()
        eventually(lambda: _seen(here), "every pull request to be seen")
        yield from _storm(here, pulls)
        yield from _texts(here)


def _storm(here: Scene, pulls: list[Pull]) -> Iterator[Figure]:
    before, began, sent = passes(here.bot.controller_ops), time.monotonic(), _blow(here, pulls)
    took, refused = here.carrier.settle()
    blew, looked = time.monotonic() - began, passes(here.bot.controller_ops) - before
    eventually(here.all_run, "every pull request to run")
    settled = time.monotonic() - began
    whole = passes(here.bot.controller_ops) - before
    yield Figure(
        f"storm of {sent} check events over {_PULLS} pull requests",
        f"{blew:.0f} s, acknowledged in {milliseconds(took)}; {refused} refused",
        "goal: nothing lost",
    )
    yield Figure("looks at a pull request while it lasts", f"{looked / _PULLS:.1f} in the mean", "goal <= 3")
    yield Figure(
        "all of them green and running", f"{settled:.0f} s after its begin, {whole / _PULLS:.1f} looks each in all"
    )


def _blow(here: Scene, pulls: list[Pull]) -> int:
    """Runs of many names begin and end, the required one last of all; how many events that were."""
    before, began = len(here.github.deliveries), time.monotonic()
    names = [*(f"job {number}" for number in range(_EVENTS // _PULLS // _EACH)), REQUIRED]
    steps = itertools.product(names, ("in_progress", "completed"), pulls)
    for number, (name, status, pull) in enumerate(steps):
        time.sleep(max(0.0, began + number * _SECONDS * _EACH / 2 / _EVENTS - time.monotonic()))
        here.reports(pull, name, status)
    return len(here.github.deliveries) - before


def _texts(here: Scene) -> Iterator[Figure]:
    here.rests()
    (installation,), clock = here.github.installations, Clock()
    storm = here.github.pace(installation)
    points = f"{MOST_POINTS} allowed"
    yield Figure("asked of GitHub in the worst minute of it", f"{storm.points_per_minute} points", points)
    engine, home = connected(dict(here.bot.environment), clock)
    before, began = len(here.github.requests), clock()
    # GitHub's own clock goes on as it does, or it would refuse the App's; what counts is the bot's.
    here.github.before = lambda exchange: setattr(exchange, "at", clock())
    engine.resume("ReviewApp", home.items("ReviewApp", SYSTEM))
    tell_all(engine, clock)
    spent = pace(one for one in here.github.requests[before:] if one.installation_id == installation)
    told = sum(_told(record) for record in here.records())
    yield Figure(
        "GitHub shows all of it, at its write budget",
        f"{(clock() - began).total_seconds() / 60:.1f} minutes, {spent.writes} writes, {told} of {_PULLS} told",
        "; ".join(spent.excess()) or "within GitHub's limits",
    )


def _seen(here: Scene) -> bool:
    records = here.records()
    return len(records) == _PULLS and all((each.get("status") or {}).get("phase") == "Waiting" for each in records)


def _told(record: dict[str, object]) -> bool:
    status = record["status"]
    return isinstance(status, dict) and status.get("report") == status.get("told")
