"""What GitHub and the cluster are asked for: a pull request's life at people's pace, counted as GitHub counts it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dev.bot.install import SYSTEM, kubectl
from dev.demo.shown import until
from dev.demo.stage import Stage
from dev.github import Pull
from dev.github.log import Exchange

# What each costs at most; docs and tests hold to it.
MOST_REQUESTS, MOST_WRITES, MOST_BYTES = 40, 18, 32 * 1024


@dataclass(frozen=True)
class Cost:
    """Requests by route, writes among them, those that were free because nothing had changed, and the status's size."""

    requests: Counter[str]
    writes: Counter[str]
    free: int
    status_bytes: int


def life(stage: Stage) -> Cost:
    """Opened, green, ready, pushed, green, ready, closed; each step begins when all is told of the one before."""
    # What an earlier run left would be told that it is gone.
    kubectl(stage.cluster, "delete", "reviewapps", "-n", SYSTEM, "-l", f"reviewbot.dev/repository-id={stage.repo.id}")
    stage.github.settle()
    before = len(stage.github.requests)
    pull = stage.repo.open_pull_request("counted", {"counted.txt": "1"}, title="Counted")
    sizes = [_told(stage, pull, "Waiting")]
    for content in ("2", ""):
        stage.ci.start(pull.head)
        sizes.append(_told(stage, pull, "Waiting"))
        stage.ci.passes(pull.head)
        sizes.append(_told(stage, pull, "Running"))
        if content:
            pull.push({"counted.txt": content})
            sizes.append(_told(stage, pull, "Waiting"))
    pull.close()
    sizes.append(_told(stage, pull, "Closed"))
    return counted(stage.github.requests[before:], stage.repo.id, max(sizes))


def counted(exchanges: Iterable[Exchange], repository: int, status_bytes: int) -> Cost:
    """What was asked of one repository. A 304 is free; tokens are the App's own and no repository's."""
    prefix = f"/repositories/{repository}/"
    own = [each for each in exchanges if each.path.startswith(prefix)]
    paid = [each for each in own if each.status != 304]
    routes = Counter(f"{each.method} {_route(each.path.removeprefix(prefix))}" for each in paid)
    writes = Counter({route: times for route, times in routes.items() if not route.startswith("GET")})
    return Cost(routes, writes, len(own) - len(paid), status_bytes)


def table(cost: Cost) -> list[str]:
    """The figures as people read them."""
    rows = [f"  {times:3} {route}" for route, times in sorted(cost.requests.items())]
    return [
        f"a life's requests to GitHub: {cost.requests.total()} ({MOST_REQUESTS} at most), and {cost.free} free ones",
        f"  writes among them: {cost.writes.total()} ({MOST_WRITES} at most)",
        *rows,
        f"  largest status of its record: {cost.status_bytes} bytes ({MOST_BYTES} at most)",
    ]


def _route(path: str) -> str:
    return re.sub(r"(?<=/)\d+", "N", re.sub(r"\b[0-9a-f]{40}\b", "SHA", path))


def _told(stage: Stage, pull: Pull, phase: str) -> int:
    """Wait until the phase is reached and all is told of it; the size of the record's status."""
    stage.github.settle()
    return until(lambda: _size_when_told(stage, pull, phase), f"{phase}, and all told")


def _size_when_told(stage: Stage, pull: Pull, phase: str) -> int | None:
    record = _record(stage, pull)
    status = record.get("status", {})
    poke = record.get("metadata", {}).get("annotations", {}).get("reviewbot.dev/poke")
    current = (status.get("phase"), status.get("head", {}).get("sha"), status.get("observedPoke"))
    told = status.get("report") is not None and status.get("report") == status.get("told")
    return len(json.dumps(status)) if current == (phase, pull.head, poke) and told else None


def _record(stage: Stage, pull: Pull) -> dict[str, Any]:
    name = f"pr-{stage.repo.id}-{pull.number}"
    shown = kubectl(stage.cluster, "get", "reviewapp", name, "-n", SYSTEM, "--ignore-not-found", "-o", "json")
    found: dict[str, Any] = json.loads(shown) if shown else {}
    return found
