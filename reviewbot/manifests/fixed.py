"""Fields that may only have certain values, as tables: the form of most rules."""

from collections.abc import Mapping

from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, Value

# Field -> why it must be left out.
Refused = Mapping[str, str]
# Field -> the values that it may have, and why.
Fixed = Mapping[str, tuple[tuple[Value, ...], str]]


def refuse(fields: Mapping[str, Node], refused: Refused, report: Report) -> None:
    """A problem for each field that is there, unless it is empty, which says as much as leaving it out."""
    for name in fields.keys() & refused.keys():
        if fields[name].value not in ("", ()):
            report.problem(fields[name].key, f"must be left out: {refused[name]}", fields[name].path)


def check_fixed(fields: Mapping[str, Node], fixed: Fixed, report: Report) -> None:
    """A problem for each field with another value than those."""
    for name in fields.keys() & fixed.keys():
        node, (values, why) = fields[name], fixed[name]
        # By type too: 0 and false are equal.
        if not any(type(node.value) is type(value) and node.value == value for value in values):
            words = " or ".join(
                str(value).lower() if isinstance(value, bool) else str(value) for value in values if value != ""
            )
            report.problem(node.place, f"must be {words}, or left out: {why}", node.path)
