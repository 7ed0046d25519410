"""Figures as people read them: a row for each, with what it stands beside."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """What was measured, and the goal or the plain way that it is held against, if there is one."""

    what: str
    measured: str
    beside: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.measured}" + (f" [{self.beside}]" if self.beside else "")


def table(figures: Iterable[Figure]) -> list[str]:
    """Rows of a table in Markdown, ready to be pasted."""
    rows = [(each.what, each.measured, each.beside) for each in figures]
    return ["| what | measured | beside |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def milliseconds(seconds: Sequence[float]) -> str:
    """The middle and the worst of a hundred."""
    return f"p50 {percentile(seconds, 0.5) * 1000:.0f} ms, p99 {percentile(seconds, 0.99) * 1000:.0f} ms"


def spread(values: Sequence[float], unit: str = "s") -> str:
    """The median, how many there are, and the extremes."""
    return f"{median(values):.2f} {unit} (median of {len(values)}, {min(values):.2f} to {max(values):.2f})"
