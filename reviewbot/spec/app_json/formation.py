"""`formation`: how many of each process type run, and of which size."""

from collections.abc import Collection
from dataclasses import dataclass

from reviewbot.model import DEFAULT_SIZE
from reviewbot.spec.problems import Report, listed
from reviewbot.spec.procfile import RELEASE
from reviewbot.spec.tree import Node, members, warn_unknown, whole_number

MAX_QUANTITY = 10
_KEYS = frozenset({"quantity", "size"})


@dataclass(frozen=True)
class Scale:
    """How many of a process type to run, of which size, and where it says so."""

    quantity: int
    node: Node
    size: str = DEFAULT_SIZE


def read_formation(node: Node | None, sizes: Collection[str], report: Report) -> dict[str, Scale]:
    """The entries by process type; for `release`, which runs once, only the size counts."""
    if node is None:
        return {}
    return {name: _scale(name, child, sizes, report) for name, child in members(node, report).items()}


def _scale(name: str, node: Node, sizes: Collection[str], report: Report) -> Scale:
    fields = members(node, report)
    warn_unknown(fields, _KEYS, report)
    given = fields.get("quantity")
    number = whole_number(given, MAX_QUANTITY, report) if given else None
    if given and name == RELEASE:
        report.warn(given.key, "not used, as release runs once for each release", given.path)
    default = 1 if name == "web" else 0
    return Scale(default if number is None else number, node, read_size(fields.get("size"), sizes, report))


def read_size(node: Node | None, sizes: Collection[str], report: Report) -> str:
    """One of the sizes; whoever names another one gets the default and is told."""
    if node is None:
        return DEFAULT_SIZE
    name = node.value.lower() if isinstance(node.value, str) else ""
    if name in sizes:
        return name
    report.warn(node.place, unknown_size(sizes), node.path)
    return DEFAULT_SIZE


def unknown_size(sizes: Collection[str]) -> str:
    """What somebody is told who names a size that there is not."""
    return f"unknown size, {DEFAULT_SIZE} is used; known are {listed(sorted(sizes))}"
