"""One object of a repository's own, and how to walk in it: by key, with a place for every complaint."""

import math
from dataclasses import dataclass
from typing import Any

from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, Value, is_number, members

Object = dict[str, Any]

_WHOLE = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Manifest:
    """An object as written: the file it stands in, what it is, and all of it."""

    file: str
    kind: str
    name: str
    node: Node


def table(node: Node | None, report: Report) -> dict[str, Node]:
    """The members that have a value: null is as good as left out. A problem if it is no object."""
    if node is None:
        return {}
    return {name: child for name, child in members(node, report).items() if child.value is not None}


def entries(node: Node | None, report: Report) -> tuple[Node, ...]:
    """The entries of a list; a problem if it is none."""
    if node is None:
        return ()
    if isinstance(node.value, tuple):
        return node.value
    report.problem(node.place, "must be a list", node.path)
    return ()


def down(node: Node | None, report: Report, *keys: str) -> Node | None:
    """What stands below these keys, None if nothing does."""
    for key in keys:
        node = table(node, report).get(key)
    return node


def needed(node: Node | None, name: str, report: Report) -> Node | None:
    """What stands there under that name, or a problem; of what is not there nothing is said again."""
    fields = table(node, report)
    if node is not None and isinstance(node.value, dict) and name not in fields:
        report.problem(node.place, f"{name} is missing", node.path)
    return fields.get(name)


def text(node: Node | None, report: Report) -> str:
    """The string, or an empty one and a problem that says what YAML makes of it."""
    if node is None:
        return ""
    if isinstance(node.value, str):
        return node.value
    report.problem(node.place, f"must be a string{_read_as(node)}", node.path)
    return ""


def _read_as(node: Node) -> str:
    if not isinstance(node.value, bool | int | float):
        return "" if node.value is not None else '; write "" for an empty one'
    value = str(node.value).lower() if isinstance(node.value, bool) else node.value
    return f", but this is read as {value}; put it in quotes"


def whole(node: Node | None, report: Report) -> int | None:
    """The whole number, if there is one; a problem if it is something else."""
    if node is None:
        return None
    if isinstance(node.value, int) and is_number(node.value):
        return node.value
    report.problem(node.place, "must be a whole number", node.path)
    return None


def plain(node: Node) -> Any:
    """The data without its places; what is null in an object is left out."""
    if isinstance(node.value, dict):
        return {name: plain(child) for name, child in node.value.items() if child.value is not None}
    if isinstance(node.value, tuple):
        return [plain(child) for child in node.value]
    return node.value


def check_numbers(node: Node, report: Report) -> None:
    """Refuse what does not fit into the numbers that Kubernetes knows."""
    if isinstance(node.value, dict | tuple):
        for child in node.value.values() if isinstance(node.value, dict) else node.value:
            check_numbers(child, report)
    elif is_number(node.value) and not _fits(node.value):
        report.problem(node.place, "the number is out of range; put it in quotes if it is text", node.path)


def _fits(number: Value) -> bool:
    return math.isfinite(number) if isinstance(number, float) else isinstance(number, int) and number in _WHOLE


def size(node: Node) -> int:
    """How many values there are in it, itself included."""
    if isinstance(node.value, dict):
        return 1 + sum(1 + size(child) for child in node.value.values())
    if isinstance(node.value, tuple):
        return 1 + sum(size(child) for child in node.value)
    return 1
