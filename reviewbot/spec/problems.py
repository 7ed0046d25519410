"""What is wrong with a file, and where; collected, so that an author sees everything in one go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from reviewbot.errors import GiveUp
from reviewbot.model import Problem

__all__ = [
    "START",
    "Place",
    "Problem",
    "Report",
    "SpecError",
    "Stopped",
    "capped",
    "listed",
    "shown",
]

MAX_SHOWN = 10
MAX_NAME = 60


@dataclass(frozen=True, order=True)
class Place:
    """Counted from 1, the column in characters."""

    line: int
    column: int


START = Place(1, 1)


class SpecError(GiveUp):
    """The files cannot be used as they are; the sentence has one problem a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(capped([str(problem) for problem in self.problems])))


class Stopped(Exception):
    """Internal: the rest of this file cannot be read; its problem is already in the report."""


class Report:
    """Collects the problems and warnings of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []

    def problem(self, place: Place, message: str, path: Sequence[str] = ()) -> None:
        """Note something that must change."""
        self._problems.append(self.entry(place, message, path))

    def warn(self, place: Place, message: str, path: Sequence[str] = ()) -> None:
        """Note something that works, but perhaps not as the author thinks."""
        self._warnings.append(self.entry(place, message, path))

    def stop(self, place: Place, message: str, path: Sequence[str] = ()) -> NoReturn:
        """Note a problem that makes the rest unreadable."""
        self.problem(place, message, path)
        raise Stopped

    @property
    def problems(self) -> tuple[Problem, ...]:
        """In the order of the file."""
        return _sorted(self._problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """In the order of the file."""
        return _sorted(self._warnings)

    def entry(self, place: Place, message: str, path: Sequence[str]) -> Problem:
        """The same, without noting it."""
        where = ".".join(shown(part) for part in path)
        return Problem(self.file, place.line, place.column, f"{where}: {message}" if where else message)


def shown(text: str, most: int = MAX_NAME) -> str:
    """Text from a file made fit for one line of a message."""
    cut = text if len(text) <= most else text[:most] + "…"
    return "".join(character if character.isprintable() else "�" for character in cut)


def listed(names: Iterable[str]) -> str:
    """Names in one line, not too many of them."""
    return ", ".join(capped([shown(name) for name in names]))


def capped(items: Sequence[str]) -> list[str]:
    """The first few items and how many there are besides."""
    more = len(items) - MAX_SHOWN
    return [*items[:MAX_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
