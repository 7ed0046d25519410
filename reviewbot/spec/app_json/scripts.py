"""`scripts`: commands that run once in a preview's life."""

from collections.abc import Collection

from reviewbot.model import Script
from reviewbot.spec.app_json.formation import read_size
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, members, text_of, warn_unknown

POSTDEPLOY = "postdeploy"
PREDESTROY = "pr-predestroy"

_SCRIPTS = (POSTDEPLOY, PREDESTROY)
_KEYS = frozenset({"command", "size"})


def read_scripts(node: Node | None, sizes: Collection[str], report: Report) -> dict[str, Script]:
    """The scripts that run here, by name."""
    if node is None:
        return {}
    entries = members(node, report)
    warn_unknown(entries, frozenset(_SCRIPTS), report)
    found = {name: _script(entries[name], sizes, report) for name in _SCRIPTS if name in entries}
    return {name: script for name, script in found.items() if script}


def _script(node: Node, sizes: Collection[str], report: Report) -> Script | None:
    if not isinstance(node.value, dict):
        command = _command(node, report)
        return None if command is None else Script(command)
    fields = node.value
    warn_unknown(fields, _KEYS, report)
    if "command" not in fields:
        report.problem(node.place, 'has no "command"', node.path)
        return None
    command = _command(fields["command"], report)
    size = read_size(fields.get("size"), sizes, report)
    return None if command is None else Script(command, size)


def _command(node: Node, report: Report) -> str | None:
    text = text_of(node, report)
    if text is None:
        return None
    if "\0" in text:
        report.problem(node.place, "must not have a NUL character", node.path)
    if not text.strip():
        report.warn(node.place, "is empty, so nothing is run", node.path)
        return None
    return text
