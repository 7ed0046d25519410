"""How fast an installation has asked and written, beside the limits that GitHub has for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from dev.github.log import Exchange

READING, WRITING = 1, 5
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOST_PER_MINUTE, MOST_PER_HOUR, MOST_POINTS, MOST_AT_ONCE = 80, 500, 900, 100
SHORTEST_GAP = timedelta(seconds=1)


@dataclass(frozen=True)
class Pace:
    """The worst of each: writes in any minute and hour, points in any minute, requests at once, time between writes."""

    writes: int
    per_minute: int
    per_hour: int
    points_per_minute: int
    at_once: int
    # None when there were not two writes
    gap: timedelta | None

    def excess(self) -> list[str]:
        """Every limit and every advice of GitHub's that was not kept."""
        measured = (
            ("writes in a minute", self.per_minute, MOST_PER_MINUTE),
            ("writes in an hour", self.per_hour, MOST_PER_HOUR),
            ("points in a minute", self.points_per_minute, MOST_POINTS),
            ("requests at once", self.at_once, MOST_AT_ONCE),
        )
        found = [f"{value} {what}, {most} allowed" for what, value, most in measured if value > most]
        if self.gap is not None and self.gap < SHORTEST_GAP:
            found.append(f"{self.gap.total_seconds():.3f} s between two writes, 1 advised")
        return found


def pace(exchanges: Iterable[Exchange]) -> Pace:
    every = sorted(exchanges, key=lambda one: one.at)
    writes = [one for one in every if one.method != "GET"]
    gaps = [later.at - sooner.at for sooner, later in pairwise(writes)]
    return Pace(
        writes=len(writes),
        per_minute=_most(writes, MINUTE),
        per_hour=_most(writes, HOUR),
        points_per_minute=_most(every, MINUTE, points=True),
        at_once=max((one.at_once for one in every), default=0),
        gap=min(gaps, default=None),
    )


def _most(exchanges: list[Exchange], window: timedelta, points: bool = False) -> int:
    """The largest sum of any window that begins with an exchange."""
    worth = [(READING if one.method == "GET" else WRITING) if points else 1 for one in exchanges]
    most = total = first = 0
    for last, one in enumerate(exchanges):
        total += worth[last]
        while one.at - exchanges[first].at >= window:
            total -= worth[first]
            first += 1
        most = max(most, total)
    return most
