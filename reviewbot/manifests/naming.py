"""Names and labels: which ones Kubernetes takes, and which ones are taken by reviewbot."""

import re
from collections.abc import Collection

from reviewbot.manifests.objects import Manifest, table, text
from reviewbot.spec.problems import Report, shown
from reviewbot.spec.tree import Node

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = re.compile(_LABEL)
_SERVICE_NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_DOTTED_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PATTERNS = {"Service": _SERVICE_NAME, "ConfigMap": _DOTTED_NAME, "PersistentVolumeClaim": _DOTTED_NAME}
# Kubernetes makes longer names of these; a Job's gets the release's id.
_LENGTHS = {"StatefulSet": 52, "CronJob": 52, "Job": 44}
_MAX_LENGTH = 63

_OURS = re.compile(
    r"(?:reviewbot|release|postdeploy|predestroy)(?:-.*)?|pr-predestroy|kustomize|kube-root-ca\.crt"
    r"|.*-[0-9a-f]{7}-[0-9a-f]{10}",
    re.DOTALL,
)
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(rf"(?:(?P<domain>{_LABEL}(?:\.{_LABEL})*)/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?")
_RESERVED_DOMAIN = re.compile(r"(?:.*\.)?(?:reviewbot\.dev|kubernetes\.io|k8s\.io)")
_FREE_DOMAINS = {"app.kubernetes.io"}


def check_metadata(manifest: Manifest, namespace: str, taken: Collection[str], report: Report) -> None:
    """An object's own metadata; whatever else it says there is left out."""
    fields = table(table(manifest.node, report)["metadata"], report)
    _check_name(manifest, fields["name"], taken, report)
    if "generateName" in fields:
        report.problem(fields["generateName"].place, "only a fixed name is possible", fields["generateName"].path)
    where = fields.get("namespace")
    if where is not None and text(where, report) != namespace:
        message = "must be left out: everything is made in the preview's own namespace"
        report.problem(where.place, message, where.path)
    check_labels(fields.get("labels"), report)


def _check_name(manifest: Manifest, node: Node, taken: Collection[str], report: Report) -> None:
    most = _LENGTHS.get(manifest.kind, _MAX_LENGTH)
    if len(manifest.name) > most:
        report.problem(node.place, f"the name of a {manifest.kind} may have at most {most} characters", node.path)
    elif not _PATTERNS.get(manifest.kind, _NAME).fullmatch(manifest.name):
        message = f"{shown(manifest.name)} is no name of a {manifest.kind}: lower-case letters, digits and inner -"
        report.problem(node.place, message, node.path)
    elif _OURS.fullmatch(manifest.name) or manifest.name in taken:
        report.problem(node.place, f"the name {manifest.name} is reviewbot's own; choose another one", node.path)


def check_labels(node: Node | None, report: Report) -> None:
    """Labels of an object or of a pod, or those that something selects by."""
    for key, child in table(node, report).items():
        match = _LABEL_KEY.fullmatch(key)
        value = text(child, report)
        if match is None:
            report.problem(child.key, "a label's key has letters, digits, -, _ and ., at most 63", child.path)
        elif _is_reserved(match["domain"] or ""):
            report.problem(child.key, "labels of this domain are not for a repository to set", child.path)
        if not _LABEL_VALUE.fullmatch(value):
            report.problem(child.place, "a label's value has letters, digits, -, _ and ., at most 63", child.path)


def _is_reserved(domain: str) -> bool:
    return domain not in _FREE_DOMAINS and _RESERVED_DOMAIN.fullmatch(domain) is not None
