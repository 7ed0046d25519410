"""The Procfile: one `type: command` a line."""

import re
from contextlib import suppress
from dataclasses import dataclass

from reviewbot.spec.problems import START, Place, Report, Stopped, shown
from reviewbot.spec.source import read_source

FILE = "Procfile"
MAX_KB = 64
MAX_TYPES = 50
RELEASE = "release"

_LINE = re.compile(r"(?P<type>[A-Za-z0-9_-]+):\s*(?P<command>.*)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class Line:
    """One process type as written, and where."""

    type: str
    command: str
    place: Place


def read_procfile(data: bytes, report: Report) -> tuple[Line, ...]:
    """The process types in the file's order, `release` among them."""
    found: dict[str, Line] = {}
    with suppress(Stopped):
        for number, text in enumerate(read_source(data, MAX_KB, report).lines(), start=1):
            line = _line(text, number, report)
            if line and line.type in found:
                first = found[line.type].place.line
                report.problem(line.place, f"process type {shown(line.type)} is already on line {first}")
            elif line:
                found[line.type] = line
        _check_whole(found, report)
    return tuple(found.values())


def _line(text: str, number: int, report: Report) -> Line | None:
    stripped = text.strip()
    if not stripped or stripped.startswith("#"):
        return None
    place = Place(number, text.index(stripped) + 1)
    match = _LINE.fullmatch(stripped)
    if not match:
        report.problem(place, "expected `type: command`, the type of letters, digits, - and _")
        return None
    if not match["command"]:
        report.problem(place, f"process type {shown(match['type'])} has no command")
    control = _CONTROL.search(text)
    if control:
        report.problem(Place(number, control.start() + 1), "a control character is not allowed here")
    return Line(match["type"], match["command"], place)


def _check_whole(found: dict[str, Line], report: Report) -> None:
    if not found and not report.problems:
        report.problem(START, "the file is empty; add a line such as `web: command`")
    if len(found) > MAX_TYPES:
        report.problem(list(found.values())[MAX_TYPES].place, f"more than {MAX_TYPES} process types")
