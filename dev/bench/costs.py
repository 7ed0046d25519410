"""What GitHub and the cluster are asked for: a pull request's life at people's pace, counted as GitHub counts it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dev.bench.figures import Figure
from dev.bot.install import SYSTEM, kubectl
from dev.demo.shown import until
from dev.demo.stage import Stage, stage
from dev.github import Pull
from dev.github.log import Exchange

# The goals.
MOST_REQUESTS, MOST_WRITES, MOST_BYTES = 40, 18, 32 * 1024
_QUIET = timedelta(seconds=3)


@dataclass(frozen=True)
class Cost:
    """Requests by route, writes among them, those that were free because nothing had changed, and the status's size."""

    requests: Counter[str]
    writes: Counter[str]
    free: int
    status_bytes: int


def life(here: Stage) -> Cost:
    """Opened, green, ready, pushed, green, ready, closed; each step begins when all is told of the one before."""
    # What an earlier run left would be told that it is gone.
    kubectl(here.cluster, "delete", "reviewapps", "-n", SYSTEM, "-l", f"reviewbot.dev/repository-id={here.repo.id}")
    here.github.settle()
    until(lambda: datetime.now(UTC) - here.github.requests[-1].at > _QUIET, "nobody asking for what is gone")
    before = len(here.github.requests)
    pull = here.repo.open_pull_request("counted", {"counted.txt": "1"}, title="Counted")
    sizes = [_told(here, pull, "Waiting")]
    for content in ("2", ""):
        here.ci.start(pull.head)
        sizes.append(_told(here, pull, "Waiting"))
        here.ci.passes(pull.head)
        sizes.append(_told(here, pull, "Running"))
        if content:
            pull.push({"counted.txt": content})
            sizes.append(_told(here, pull, "Waiting"))
    pull.close()
    sizes.append(_told(here, pull, "Closed"))
    return counted(here.github.requests[before:], here.repo.id, max(sizes))


def counted(exchanges: Iterable[Exchange], repository: int, status_bytes: int) -> Cost:
    """What was asked of one repository. A 304 is free; tokens are the App's own and no repository's."""
    prefix = f"/repositories/{repository}/"
    own = [each for each in exchanges if each.path.startswith(prefix)]
    paid = [each for each in own if each.status != 304]
    routes = Counter(f"{each.method} {_route(each.path.removeprefix(prefix))}" for each in paid)
    writes = Counter({route: times for route, times in routes.items() if not route.startswith("GET")})
    return Cost(routes, writes, len(own) - len(paid), status_bytes)


def figures() -> Iterator[Figure]:
    """The figures as people read them."""
    with stage() as here:
        cost = life(here)
    asked = f"{cost.requests.total()}, and {cost.free} free ones"
    yield Figure("a life's counted requests to GitHub", asked, f"goal <= {MOST_REQUESTS}")
    yield Figure("  writes among them", str(cost.writes.total()), f"goal <= {MOST_WRITES}")
    for route, times in sorted(cost.requests.items()):
        yield Figure(f"  {route}", str(times))
    yield Figure("largest status of its record", f"{cost.status_bytes} bytes", f"goal <= {MOST_BYTES}")


def _route(path: str) -> str:
    return re.sub(r"(?<=/)\d+", "N", re.sub(r"\b[0-9a-f]{40}\b", "SHA", path))


def _told(here: Stage, pull: Pull, phase: str) -> int:
    """Wait until the phase is reached and all is told of it; the size of the record's status."""
    here.github.settle()
    return until(lambda: _size_when_told(here, pull, phase), f"{phase}, and all told")


def _size_when_told(here: Stage, pull: Pull, phase: str) -> int | None:
    record = _record(here, pull)
    status = record.get("status", {})
    poke = record.get("metadata", {}).get("annotations", {}).get("reviewbot.dev/poke")
    current = (status.get("phase"), status.get("head", {}).get("sha"), status.get("observedPoke"))
    told = status.get("report") is not None and status.get("report") == status.get("told")
    return len(json.dumps(status)) if current == (phase, pull.head, poke) and told else None


def _record(here: Stage, pull: Pull) -> dict[str, Any]:
    name = f"pr-{here.repo.id}-{pull.number}"
    shown = kubectl(here.cluster, "get", "reviewapp", name, "-n", SYSTEM, "--ignore-not-found", "-o", "json")
    found: dict[str, Any] = json.loads(shown) if shown else {}
    return found
