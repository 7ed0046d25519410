"""Values that know where they were written: the common form of JSON and YAML."""

import re
from dataclasses import dataclass

from reviewbot.spec.problems import Place, Report

Value = str | int | float | bool | None | tuple["Node", ...] | dict[str, "Node"]

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Node:
    """A value, where it starts, where its key starts (itself, if it has none) and the keys leading to it.

    `inset` is how far into the node a string's own text starts; None if it is not written out plainly.
    """

    place: Place
    key: Place
    path: tuple[str, ...]
    value: Value
    inset: int | None = None


@dataclass(frozen=True)
class Spot:
    """What a node knows before its value has been read."""

    key: Place
    path: tuple[str, ...] = ()
    depth: int = 0


def is_number(value: Value) -> bool:
    """JSON's numbers, of which Python's truth values are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def entries(node: Node) -> dict[str, Node]:
    """The members of an object, and of anything else none."""
    return node.value if isinstance(node.value, dict) else {}


def members(node: Node, report: Report) -> dict[str, Node]:
    """The members of an object; of anything else none, and a problem."""
    if isinstance(node.value, dict):
        return node.value
    report.problem(node.place, "must be an object", node.path)
    return {}


def text_of(node: Node, report: Report) -> str | None:
    """The string, or a problem."""
    if isinstance(node.value, str):
        return node.value
    quotable = isinstance(node.value, bool | int | float)
    report.problem(node.place, "must be a string" + ("; put it in quotes" if quotable else ""), node.path)
    return None


def whole_number(node: Node, most: int, report: Report, least: int = 0) -> int | None:
    """A number from `least` to `most`, or a problem."""
    if isinstance(node.value, int) and is_number(node.value) and least <= node.value <= most:
        return node.value
    report.problem(node.place, f"must be a whole number from {least} to {most}", node.path)
    return None


def warn_unknown(nodes: dict[str, Node], known: frozenset[str], report: Report) -> None:
    """Other tools may read more keys than we do: say so, and go on."""
    for name in nodes.keys() - known:
        report.warn(nodes[name].key, "unknown key, ignored", nodes[name].path)


def refuse_unknown(nodes: dict[str, Node], known: tuple[str, ...], report: Report) -> None:
    """In our own file an unknown key is a mistake."""
    for name in nodes.keys() - set(known):
        report.problem(nodes[name].key, f"unknown key; known are {', '.join(known)}", nodes[name].path)


def check_key(name: str, place: Place, seen: dict[str, Node], spot: Spot, report: Report) -> None:
    """A key given twice would silently lose one of its values."""
    if name in seen:
        first = seen[name].key
        report.stop(place, f"duplicate key, first on line {first.line}", (*spot.path, name))


def check_text(text: str, place: Place, path: tuple[str, ...], report: Report) -> None:
    """Half of a surrogate pair can be escaped, but never be sent to anyone."""
    if _SURROGATE.search(text):
        report.stop(place, "text has half of a surrogate pair", path)
