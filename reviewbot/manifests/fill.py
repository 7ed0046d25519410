"""What a manifest may leave open: `${IMAGE}` and its like, filled in after reading, so that nothing can be injected."""

import re
from collections.abc import Mapping
from dataclasses import replace

from reviewbot.spec.tree import Node

NAMES = ("IMAGE", "HOST", "SHA", "RELEASE")

_OPEN = re.compile(rf"(\$?)\$\{{({'|'.join(NAMES)})\}}")


def filled(node: Node, values: Mapping[str, str]) -> Node:
    """The same with every string filled in; `$${IMAGE}` stands for the text `${IMAGE}`, and other names stay."""
    if isinstance(node.value, str):
        return replace(node, value=_OPEN.sub(lambda match: _value(match, values), node.value))
    if isinstance(node.value, dict):
        return replace(node, value={name: filled(child, values) for name, child in node.value.items()})
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(filled(child, values) for child in node.value))
    return node


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    return match[0][1:] if match[1] else values[match[2]]
