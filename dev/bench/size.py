"""How many previews there may be: memory, requests, reaction and restart at ten, a hundred and a thousand open ones."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dev.bench.figures import Figure, milliseconds, percentile
from dev.bench.scene import Scene, eventually, measured, scene
from dev.bench.skipped import Clock, connected, pass_time
from dev.bench.usage import resident
from dev.bot.install import SYSTEM
from dev.demo.shown import until
from dev.demo.stage import ready
from dev.github import Pull
from reviewbot.decide import CHECK

SIZES = (10, 100, 1000)
# What GitHub lets the App ask in one of them in a minute would have a thousand grow for an hour.
_ORGANISATIONS = 10
# As many at once as a machine has room for.
_AT_ONCE = 50
_PUSHES = 30
# One in ten of the looks at what rests falls into it.
_IDLE_SECONDS = CHECK.total_seconds() / 10
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Size:
    """What was measured with so many open previews; `idle` is in requests per second, times are in seconds."""

    open: int
    web: int
    controller: int
    idle: float
    asked: int
    reactions: list[float]
    restart: float

    def figures(self, least: "Size") -> Iterator[Figure]:
        """A row for each, some held against the least of the sizes."""
        what = f"{self.open} open previews"
        yield Figure(f"{what}: memory of web", _megabytes(self.web), _growth(self, self.web - least.web, least))
        growth = _growth(self, self.controller - least.controller, least)
        yield Figure(f"{what}: memory of the controller", _megabytes(self.controller), growth)
        yield Figure(f"{what}: requests to the API server while idle", f"{self.idle:.1f} a second")
        yield Figure(f"{what}: counted requests to GitHub in an idle hour", str(self.asked))
        ratio = percentile(self.reactions, 0.5) / percentile(least.reactions, 0.5)
        yield Figure(
            f"{what}: push to record", milliseconds(self.reactions), f"{ratio:.2f} of {least.open} (goal <= 1.2)"
        )
        yield Figure(f"{what}: restart to settled", f"{self.restart:.1f} s")


def figures(most: int) -> Iterator[Figure]:
    """Every size up to the most, in one growing world."""
    with scene(_ORGANISATIONS) as here:
        pulls: list[Pull] = []
        grown = _grow(here, pulls, SIZES[0])
        each = _one_check(here)
        yield Figure("requests to the API server for a preview that is checked, every ten minutes", f"{each:.0f}")
        least = _measure(here, pulls, grown)
        yield from least.figures(least)
        for size in (size for size in SIZES[1:] if size <= most):
            grown = _grow(here, pulls, size)
            yield from _measure(here, pulls, grown).figures(least)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"


def _growth(size: Size, more: int, least: Size) -> str:
    goal = f"goal <= 150 MB at {SIZES[-1]}"
    return f"{goal}; {more / 1024 / (size.open - least.open):.1f} KB for each more" if size is not least else goal


def _grow(here: Scene, pulls: list[Pull], size: int) -> int:
    """Open pull requests until there are so many, and have each run; the memory of the controller that did it."""
    with here.working() as (pid, _):
        while len(pulls) < size:
            for _ in range(min(_AT_ONCE, size - len(pulls))):
                pulls.append(here.opens(len(pulls)))
                here.reports(pulls[-1])
            eventually(here.all_run, "every preview running")
        return resident(pid)


def _rest(here: Scene) -> None:
    """Have all that runs on record as it would be after hours of it, for which nobody can wait."""
    records, now = here.records(), datetime.now(UTC)
    for number, record in enumerate(records):
        # GitHub's write budget would take them, and what it shows makes no difference here.
        told = {"told": record["status"]["report"]}
        again = {"again": (now + CHECK * number / len(records)).isoformat()}
        here.admin.patch("ReviewApp", record["metadata"]["name"], SYSTEM, {"status": told | again}, "status")


def _measure(here: Scene, pulls: list[Pull], grown: int) -> Size:
    _rest(here)
    asked = _hour(here)
    began = time.monotonic()
    with here.working() as (pid, ops):
        until(lambda: _settled(ops, len(pulls)), "a controller that has nothing to do")
        restart = time.monotonic() - began
        idle = _idle(here)
        reactions = [_reaction(here, pull) for pull in pulls[:: max(1, len(pulls) // _PUSHES)]]
        web, controller = resident(here.bot.processes["web"].pid), max(grown, resident(pid))
        for pull in pulls:
            here.reports(pull)
        eventually(here.all_run, "every preview running again")
    return Size(len(pulls), web, controller, idle, asked, reactions, restart)


def _settled(ops: str, size: int) -> bool:
    found = measured(ops) if ready(ops) else {}
    waiting = [value for name, value in found.items() if name.startswith("reviewbot_queue_due")]
    return found.get("reviewbot_pull_requests Running") == size and not any(waiting)


def _hour(here: Scene) -> int:
    """What GitHub counts in an hour in which nothing happens, skipped on a clock of the bot's own."""
    clock, before = Clock(), len(here.github.requests)
    engine, home = connected(dict(here.bot.environment), clock)
    engine.begin()
    engine.resume("Repository", home.items("Repository", SYSTEM))
    pass_time(engine, clock, clock() + _HOUR)
    asked = here.github.requests[before:]
    return sum(one.installation_id is not None and one.status != 304 for one in asked)


def _one_check(here: Scene) -> float:
    """How often the API server is asked for one look at a preview that rests."""
    _rest(here)
    clock, before, records = Clock(), here.plane.asked(), here.records()
    engine, _ = connected(dict(here.bot.environment), clock)
    engine.resume("ReviewApp", records)
    pass_time(engine, clock, clock() + _HOUR)
    return (here.plane.asked() - before) / len(records) / (_HOUR / CHECK)


def _idle(here: Scene) -> float:
    before = here.plane.asked()
    time.sleep(_IDLE_SECONDS)
    return (here.plane.asked() - before) / _IDLE_SECONDS


def _reaction(here: Scene, pull: Pull) -> float:
    sha, began = pull.push({"pushed.txt": str(time.monotonic())}), time.monotonic()
    until(lambda: ((here.record(pull).get("status") or {}).get("head") or {}).get("sha") == sha, "a push on record")
    return time.monotonic() - began
