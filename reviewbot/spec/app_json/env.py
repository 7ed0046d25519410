"""`env`: config vars as a value, as an object, or to be generated."""

from reviewbot.model import ConfigVar
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, entries, is_number, members, warn_unknown
from reviewbot.spec.variables import NAME_RULE, VARIABLE, is_ours

_KEYS = frozenset({"description", "value", "required", "generator"})


def read_env(node: Node | None, report: Report) -> tuple[ConfigVar, ...]:
    """The variables by name; those that reviewbot sets itself are left out."""
    if node is None:
        return ()
    found: list[ConfigVar] = []
    for name, child in members(node, report).items():
        if not VARIABLE.fullmatch(name):
            report.problem(child.key, NAME_RULE, child.path)
            continue
        var = _config_var(name, child, report)
        if not is_ours(name):
            found.append(var)
        elif var.value is not None or var.generated:
            report.warn(child.key, "reviewbot sets this itself; the value here is not used", child.path)
    return tuple(sorted(found, key=lambda var: var.name))


def is_required(node: Node) -> bool:
    """Whether an entry of `env` must get a value, as far as it can be read."""
    required = entries(node).get("required")
    return required is None or required.value not in (False, "false")


def _config_var(name: str, node: Node, report: Report) -> ConfigVar:
    if not isinstance(node.value, dict):
        return ConfigVar(name, _value(node, node.path, report))
    fields = node.value
    warn_unknown(fields, _KEYS, report)
    value = _value(fields["value"], node.path, report) if "value" in fields else None
    generated = "generator" in fields
    if generated and fields["generator"].value != "secret":
        report.problem(fields["generator"].place, 'must be "secret"', fields["generator"].path)
    if generated and "value" in fields:
        report.warn(fields["generator"].key, "not used, as there is a value", fields["generator"].path)
        generated = False
    if "required" in fields:
        _check_truth(fields["required"], report)
    gap = report.entry(node.key, "is required and has no value", node.path)
    return ConfigVar(name, value, is_required(node), generated, gap)


def _check_truth(node: Node, report: Report) -> None:
    if node.value in ("true", "false"):
        report.warn(node.place, "is understood, but should have no quotes", node.path)
    elif not isinstance(node.value, bool):
        report.problem(node.place, "must be true or false", node.path)


def _value(node: Node, path: tuple[str, ...], report: Report) -> str | None:
    if not isinstance(node.value, str):
        quotable = isinstance(node.value, bool) or is_number(node.value)
        message = "value must be a string" + ("; put it in double quotes" if quotable else "")
        report.problem(node.place, message, path)
        return None
    if "\0" in node.value:
        report.problem(node.place, "value must not have a NUL character", path)
    return node.value
