"""The administrator's placement of previews: a ConfigMap's strings, read.

`nodeSelector` and `tolerations` have lines as `kubectl label` and `kubectl taint` write them: the admission policy
reviewbot-tenant-placement reads the same lines, and CEL can do no more than split and compare them.
"""

import re
from collections.abc import Mapping
from contextlib import suppress

from reviewbot.model import DEFAULT_SIZE, Nodes, Placement, Resources, Toleration
from reviewbot.spec.problems import START, Place, Report, SpecError, Stopped, listed
from reviewbot.spec.source import Source
from reviewbot.spec.tree import Node, members, refuse_unknown
from reviewbot.spec.yaml_tree import read_yaml

# Heroku's names, old ones too, as far as a preview's limits reach.
_AS_DEFAULT = ("free", "hobby", "eco", "basic", "standard-1x")
_LARGER = {
    "standard-2x": Resources({"cpu": "50m", "memory": "128Mi"}, {"cpu": "1", "memory": "1Gi"}),
    "performance-m": Resources({"cpu": "100m", "memory": "256Mi"}, {"cpu": "2", "memory": "2Gi"}),
}
SIZES = frozenset({DEFAULT_SIZE, *_AS_DEFAULT, *_LARGER})

_KEYS = ("nodeSelector", "tolerations", "runtimeClassName", "sizes")
_NAME = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_LABEL = rf"(?P<key>(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_NAME})"
_SELECTOR = re.compile(rf"{_LABEL}=(?P<value>(?:{_NAME})?)")
_TAINT = re.compile(rf"{_LABEL}(?:=(?P<value>(?:{_NAME})?))?:(?P<effect>NoSchedule|PreferNoSchedule|NoExecute)")
_RUNTIME_CLASS = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_SIZE = re.compile(r"[a-z0-9][a-z0-9.-]*")
_QUANTITY = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:m|k|Ki|[MGT]i?)?")
_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def parse_placement(data: Mapping[str, str]) -> Placement:
    """What the ConfigMap says; without a word in it, previews run anywhere. Raises SpecError with all its problems."""
    unknown = [_unknown(name) for name in sorted(data.keys() - set(_KEYS))]
    reports = {name: Report(name) for name in _KEYS}
    nodes = Nodes(
        _selector(data.get("nodeSelector", ""), reports["nodeSelector"]),
        _tolerations(data.get("tolerations", ""), reports["tolerations"]),
        _runtime_class(data.get("runtimeClassName", ""), reports["runtimeClassName"]),
    )
    sizes = _sizes(data.get("sizes", ""), reports["sizes"])
    problems = [problem for report in (*unknown, *reports.values()) for problem in report.problems]
    if problems:
        raise SpecError(problems)
    return Placement(nodes, sizes)


def _unknown(name: str) -> Report:
    report = Report(name)
    report.problem(START, f"unknown key; known are {listed(_KEYS)}")
    return report


def _selector(text: str, report: Report) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, line in _lines(text):
        match = _SELECTOR.fullmatch(line)
        if match is None:
            report.problem(place, "must be a node's label, key=value")
        elif match["key"] in found:
            report.problem(place, "a second value for the same label, which no node can have")
        else:
            found[match["key"]] = match["value"]
    return found


def _tolerations(text: str, report: Report) -> tuple[Toleration, ...]:
    found: list[Toleration] = []
    for place, line in _lines(text):
        match = _TAINT.fullmatch(line)
        if match is None:
            report.problem(place, "must be a node's taint, key=value:NoSchedule or key:NoSchedule")
        else:
            found.append(Toleration(match["key"], match["value"], match["effect"]))
    return tuple(found)


def _lines(text: str) -> list[tuple[Place, str]]:
    lines = [(Place(number, 1), line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    return [(place, line) for place, line in lines if line and not line.startswith("#")]


def _runtime_class(text: str, report: Report) -> str | None:
    name = text.strip()
    if name and not _RUNTIME_CLASS.fullmatch(name):
        report.problem(START, "must be the name of a RuntimeClass")
    return name or None


def _sizes(text: str, report: Report) -> dict[str, Resources]:
    own: dict[str, Resources] = {}
    with suppress(Stopped):
        root = read_yaml(Source(text), report)
        if root is not None and root.value is not None:
            own = {name: _size(node, report) for name, node in members(root, report).items()}
    default = own.get(DEFAULT_SIZE, Resources())
    return {DEFAULT_SIZE: default, **dict.fromkeys(_AS_DEFAULT, default), **_LARGER, **own}


def _size(node: Node, report: Report) -> Resources:
    if not _SIZE.fullmatch(node.path[-1]):
        report.problem(node.key, "a name has only lower-case letters, digits, . and -", node.path)
    fields = members(node, report)
    refuse_unknown(fields, ("requests", "limits"), report)
    requests, limits = (_quantities(fields.get(name), report) for name in ("requests", "limits"))
    return Resources(requests, limits)


def _quantities(node: Node | None, report: Report) -> dict[str, str]:
    if node is None:
        return {}
    fields = members(node, report)
    refuse_unknown(fields, _RESOURCES, report)
    return {name: _quantity(child, report) for name, child in fields.items()}


def _quantity(node: Node, report: Report) -> str:
    text = str(node.value) if isinstance(node.value, str | int) else ""
    if not _QUANTITY.fullmatch(text):
        report.problem(node.place, "must be a quantity such as 250m or 512Mi, in quotes if it has a point", node.path)
    return text
