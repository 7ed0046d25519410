"""Kinds of values in our own YAML: how each is read and, said once more for editors, its JSON Schema.

To read is to give the value, or None and a problem.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, refuse_unknown, text_of, whole_number

Schema = dict[str, Any]
MAX_PORT = 65535
MAX_USER = 999_999_999


@dataclass(frozen=True)
class Kind:
    """A way to read values, and the schema that describes the same ones."""

    read: Callable[[Node, Report], Any]
    schema: Schema


@dataclass(frozen=True)
class Key:
    """One setting: its kind of value, and what it means for people."""

    kind: Kind
    about: str


def text_like(fits: Callable[[str], bool], sentence: str, pattern: str) -> Kind:
    """A string that fits; the pattern tells an editor roughly the same."""

    def read(node: Node, report: Report) -> str | None:
        text = text_of(node, report)
        if text is None or fits(text):
            return text
        report.problem(node.place, sentence, node.path)
        return None

    return Kind(read, {"type": "string", "pattern": pattern})


def matching(pattern: str, sentence: str) -> Kind:
    """A string of that form."""
    return text_like(lambda text: re.fullmatch(pattern, text) is not None, sentence, f"^{pattern}$")


def number(most: int, least: int = 1) -> Kind:
    """A whole number."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(lambda node, report: whole_number(node, most, report, least), schema)


def _truth(node: Node, report: Report) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    report.problem(node.place, "must be true or false", node.path)
    return None


def _names(node: Node, report: Report) -> tuple[str, ...] | None:
    if not isinstance(node.value, tuple):
        report.problem(node.place, "must be a list of names such as [build, test]", node.path)
        return None
    found: list[str] = []
    for child in node.value:
        name = text_of(child, report)
        if name is not None and not name.strip():
            report.problem(child.place, "must not be empty", child.path)
        found.append(name or "")
    return tuple(found)


def _storage(node: Node, report: Report) -> str | None:
    if isinstance(node.value, str) and re.fullmatch(_QUANTITY, node.value):
        return node.value
    report.problem(node.place, "must be a size such as 512Mi or 2Gi", node.path)
    return None


_QUANTITY = "[1-9][0-9]{0,4}[MG]i"
TRUTH = Kind(_truth, {"type": "boolean"})
NAMES = Kind(_names, {"type": "array", "items": {"type": "string", "pattern": "\\S"}})
STORAGE = Kind(_storage, {"type": "string", "pattern": f"^{_QUANTITY}$"})


def mapping(check: Callable[[str], str | None], value: Kind, names: Schema) -> Kind:
    """Settings whose names are the author's own: `check` says what is wrong with one, `names` is their schema."""

    def read(node: Node, report: Report) -> dict[str, Any] | None:
        if not isinstance(node.value, dict):
            report.problem(node.place, "must be settings such as `name: …`", node.path)
            return None
        found: dict[str, Any] = {}
        for name, child in node.value.items():
            wrong = check(name)
            if wrong:
                report.problem(child.key, wrong, child.path)
            content = value.read(child, report)
            if content is not None:
                found[name] = content
        return found

    return Kind(read, {"type": "object", "propertyNames": names, "additionalProperties": value.schema})


def settings(keys: Mapping[str, Key], required: tuple[str, ...] = ()) -> Kind:
    """These keys and no others. One with nothing after its colon is as good as left out."""

    def read(node: Node, report: Report) -> dict[str, Any] | None:
        if not isinstance(node.value, dict):
            report.problem(node.place, f"must be settings such as `{next(iter(keys))}: …`", node.path)
            return None
        refuse_unknown(node.value, tuple(keys), report)
        given = {name: child for name, child in node.value.items() if name in keys and child.value is not None}
        missing = [name for name in required if name not in given]
        if missing:
            report.problem(node.key, f"lacks {', '.join(missing)}", node.path)
        found = {name: keys[name].kind.read(child, report) for name, child in given.items()}
        return {name: content for name, content in found.items() if content is not None}

    properties = {name: _described(key, name in required) for name, key in keys.items()}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return Kind(read, schema | ({"required": list(required)} if required else {}))


def _described(key: Key, required: bool) -> Schema:
    schema = dict(key.kind.schema)
    if not required:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*types, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return {"description": key.about, **schema}
