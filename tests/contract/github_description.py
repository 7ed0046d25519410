"""GitHub's own description of its replies and payloads, and what a body of the stand-in's has against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from dev.github.api.app import create_app
from dev.openapi import nameless

DESCRIPTION = json.loads((Path(__file__).parent / "openapi" / "github.json").read_text())
REPLIES: dict[str, dict[str, Any]] = DESCRIPTION["replies"]
PAYLOADS: dict[str, Any] = DESCRIPTION["payloads"]
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or not value or bool(urlsplit(value).scheme)


def operation(method: str, path: str) -> str:
    """The described operation that a request asks for."""
    route, _ = create_app().url_map.bind("").match(path, method)
    return nameless(route)


def problems(schema: dict[str, Any], body: object) -> set[str]:
    """What is wrong with a body, each with its place in it."""
    whole = Draft202012Validator({"$defs": DESCRIPTION["$defs"]} | schema, format_checker=FORMATS)
    return {_told(error) for each in whole.iter_errors(body) for error in _innermost(each)}


def _innermost(error: ValidationError) -> Iterator[ValidationError]:
    """Of several alternatives, the trouble with the one that fits best."""
    if error.validator != "anyOf" or not error.context:
        yield error
        return
    by_choice: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        by_choice.setdefault(inner.relative_schema_path[0], []).append(inner)
    found = [[deeper for inner in some for deeper in _innermost(inner)] for some in by_choice.values()]
    yield from min(found, key=lambda some: (some[0].validator == "type" and not some[0].relative_path, len(some)))


def _told(error: ValidationError) -> str:
    place = ".".join("*" if isinstance(step, int) else step for step in error.absolute_path)
    return f"{place}: {error.message[:200]}"
