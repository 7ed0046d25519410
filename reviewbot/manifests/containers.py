"""What one container of a pod template may say."""

from reviewbot.manifests.fixed import refuse
from reviewbot.manifests.objects import down, entries, needed, table, text
from reviewbot.manifests.resources import check_resources
from reviewbot.manifests.secrets import check_secret
from reviewbot.manifests.security import check_security
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node

# The machine would ask there, from outside the preview's walls.
_ELSEWHERE = {"host": "a preview is only asked at its own address"}
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def check_container(node: Node, report: Report) -> None:
    """A container or an init container, whichever."""
    fields = table(node, report)
    check_security(fields.get("securityContext"), report)
    check_resources(fields.get("resources"), report)
    for port in entries(fields.get("ports"), report):
        _check_port(port, report)
    for variable in entries(fields.get("env"), report):
        _check_variable(variable, report)
    for source in entries(fields.get("envFrom"), report):
        check_secret(needed(down(source, report, "secretRef"), "name", report), report)
    for name in ("command", "args"):
        for word in entries(fields.get(name), report):
            text(word, report)
    handlers = [fields.get(name) for name in _PROBES]
    handlers += [down(fields.get("lifecycle"), report, name) for name in ("postStart", "preStop")]
    for handler in handlers:
        for name in ("httpGet", "tcpSocket"):
            refuse(table(down(handler, report, name), report), _ELSEWHERE, report)


def _check_port(port: Node, report: Report) -> None:
    node = table(port, report).get("hostPort")
    if node is not None and node.value != 0:
        report.problem(node.key, "must be left out: a preview has no port of the machine it runs on", node.path)


def _check_variable(variable: Node, report: Report) -> None:
    fields = table(variable, report)
    text(fields.get("name"), report)
    text(fields.get("value"), report)
    check_secret(needed(down(fields.get("valueFrom"), report, "secretKeyRef"), "name", report), report)
