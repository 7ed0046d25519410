"""Dokku's `healthchecks`, as far as Kubernetes' probes go: one of each type for a process."""

from typing import Literal, cast

from reviewbot.model import HealthCheck
from reviewbot.spec.kinds import MAX_PORT
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, members, text_of, warn_unknown, whole_number
from reviewbot.spec.urls import is_path

MAX_SECONDS = 3600
MAX_ATTEMPTS = 100

_TYPES = ("startup", "readiness", "liveness")
_READ = frozenset({"type", "name", "description", "path", "command", "port", "listening"}) | {
    "attempts",
    "timeout",
    "wait",
    "initialDelay",
}
_NOT_USED = ("uptime", "content", "httpHeaders", "onFailure")


def read_health_checks(node: Node | None, report: Report) -> dict[str, tuple[HealthCheck, ...]]:
    """The checks of each process type."""
    if node is None:
        return {}
    return {name: _checks(child, report) for name, child in members(node, report).items()}


def _checks(node: Node, report: Report) -> tuple[HealthCheck, ...]:
    if not isinstance(node.value, tuple):
        report.problem(node.place, "must be a list of checks", node.path)
        return ()
    found: dict[str, HealthCheck] = {}
    for child in node.value:
        check = _check(child, members(child, report), report)
        if check and check.kind in found:
            report.warn(child.place, f"not used: a process has one {check.kind} check, the first", child.path)
        elif check:
            found[check.kind] = check
    return tuple(found.values())


def _check(node: Node, fields: dict[str, Node], report: Report) -> HealthCheck | None:
    warn_unknown(fields, _READ.union(_NOT_USED, {"warn", "scheme"}), report)
    for name in _NOT_USED:
        if name in fields:
            report.warn(fields[name].key, "not used, as Kubernetes' probes have no such thing", fields[name].path)
    kind, path, command = _kind(fields, report), _path(fields.get("path"), report), _command(fields, report)
    if _is_left_out(node, fields, report):
        return None
    return HealthCheck(
        kind=kind,
        path=path,
        command=command,
        port=_number(fields, "port", MAX_PORT, report) or None,
        delay=_number(fields, "initialDelay", MAX_SECONDS, report) or HealthCheck.delay,
        period=_number(fields, "wait", MAX_SECONDS, report) or HealthCheck.period,
        timeout=_number(fields, "timeout", MAX_SECONDS, report) or HealthCheck.timeout,
        attempts=_number(fields, "attempts", MAX_ATTEMPTS, report) or HealthCheck.attempts,
    )


def _is_left_out(node: Node, fields: dict[str, Node], report: Report) -> bool:
    ways = [name for name in ("path", "command", "listening") if name in fields and fields[name].value is not False]
    if len(ways) > 1:
        report.problem(fields[ways[1]].key, f"a check has either {ways[0]} or {ways[1]}", node.path)
    if "warn" in fields and fields["warn"].value is True:
        report.warn(fields["warn"].key, "this check is left out, as it decides nothing", fields["warn"].path)
        return True
    if "scheme" in fields and fields["scheme"].value not in ("http", "HTTP"):
        report.warn(fields["scheme"].key, "not used; checks speak HTTP", fields["scheme"].path)
    if not ways:
        report.warn(node.place, "this check is left out, as it has neither path, command nor listening", node.path)
    return not ways


def _kind(fields: dict[str, Node], report: Report) -> Literal["startup", "readiness", "liveness"]:
    node = fields.get("type")
    if node is None or node.value == "":
        return "startup"
    if node.value not in _TYPES:
        report.problem(node.place, f"must be one of {', '.join(_TYPES)}", node.path)
    return cast(Literal["startup", "readiness", "liveness"], node.value)


def _path(node: Node | None, report: Report) -> str | None:
    path = text_of(node, report) if node else None
    if node and path is not None and not is_path(path):
        report.problem(node.place, "must be a path such as /healthz", node.path)
    return path


def _command(fields: dict[str, Node], report: Report) -> tuple[str, ...]:
    node = fields.get("command")
    if node is None:
        return ()
    if not isinstance(node.value, tuple) or not node.value:
        report.problem(node.place, 'must be a list such as ["bin/check", "--quick"]', node.path)
        return ()
    words = [text_of(child, report) or "" for child in node.value]
    if any("\0" in word for word in words):
        report.problem(node.place, "must not have a NUL character", node.path)
    return tuple(words)


def _number(fields: dict[str, Node], name: str, most: int, report: Report) -> int | None:
    # Dokku writes 0 for what is left out.
    return whole_number(fields[name], most, report) if name in fields else None
