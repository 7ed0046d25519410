"""Annotations of a check run as they are sent: what GitHub takes, and what it refuses."""

from __future__ import annotations

from typing import Any

from dev.github.api.http import invalid
from dev.github.reports import Annotation

MOST = 50
LEVELS = ("notice", "warning", "failure")
LONGEST = {"message": 64 * 1024, "title": 255, "raw_details": 64 * 1024}


def read(sent: list[dict[str, Any]]) -> list[Annotation]:
    """All of a request's, or a refusal of all."""
    if len(sent) > MOST:
        raise _refused(f"No more than {MOST} annotations may be sent at once")
    return [_one(each) for each in sent]


def _one(sent: dict[str, Any]) -> Annotation:
    try:
        found = Annotation(**sent)
    except TypeError as wrong:
        raise _refused(str(wrong)) from None
    if not found.path or not found.message or found.annotation_level not in LEVELS:
        raise _refused("an annotation needs a path, a message and a level")
    if not all(isinstance(line, int) for line in (found.start_line, found.end_line)):
        raise _refused("lines are numbers")
    if not 1 <= found.start_line <= found.end_line:
        raise _refused("lines are counted from 1")
    if found.start_line != found.end_line and (found.start_column or found.end_column):
        raise _refused("columns are for annotations of one line")
    for name, most in LONGEST.items():
        if len((getattr(found, name) or "").encode()) > most:
            raise _refused(f"{name} is too long (maximum is {most} bytes)")
    return found


def _refused(message: str) -> Exception:
    return invalid("annotations", message, "CheckRun")
