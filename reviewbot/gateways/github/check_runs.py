"""Our check run as GitHub takes it, annotations included."""

from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.report import Annotation, CheckRunText

Json = dict[str, Any]

# So many GitHub takes with one request, and nobody reads more.
MOST_ANNOTATIONS = 50


def annotations(text: CheckRunText) -> list[Json]:
    """What the check run is to be annotated with."""
    return [_annotation(each) for each in text.annotations[:MOST_ANNOTATIONS]]


def unsaid(wanted: Iterable[Json], said: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Those that the check run does not have yet: GitHub adds what it gets to what is there, and removes nothing."""
    there = list(said)
    return [each for each in wanted if not any(each.items() <= other.items() for other in there)]


def body(text: CheckRunText, new: list[Json]) -> Json:
    """What is sent to write the check run with these annotations."""
    output = {"title": text.title, "summary": text.summary, **({"annotations": new} if new else {})}
    told: Json = {"status": text.status, "details_url": text.details_url, "output": output}
    return told | ({"conclusion": text.conclusion} if text.conclusion else {})


def shows(run: Mapping[str, Any], text: CheckRunText) -> bool:
    """Whether a check run that was changed is as it shall be: one that has ended stays so, and GitHub says nothing."""
    return run.get("status") != "completed" or run.get("conclusion") == text.conclusion


def _annotation(each: Annotation) -> Json:
    problem = each.problem
    return {
        "path": problem.file,
        "start_line": problem.line,
        "end_line": problem.line,
        "start_column": problem.column,
        "end_column": problem.column,
        "annotation_level": each.level,
        "message": problem.message,
    }
