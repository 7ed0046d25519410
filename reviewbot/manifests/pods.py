"""What a pod template may say: what Pod Security (restricted) and the policies on previews would let through.

The server refuses the same; here it is all said at once, with places, before anything is applied.
"""

from reviewbot.manifests.containers import check_container
from reviewbot.manifests.fixed import Fixed, Refused, check_fixed, refuse
from reviewbot.manifests.naming import check_labels
from reviewbot.manifests.objects import down, entries, needed, table, text, whole
from reviewbot.manifests.resources import check_resources
from reviewbot.manifests.secrets import check_secret
from reviewbot.manifests.security import check_security
from reviewbot.render.names import PULL_SECRET
from reviewbot.spec.problems import Report, listed
from reviewbot.spec.tree import Node

_NODES = "on which nodes a preview runs is the administrator's choice"
_REFUSED: Refused = {
    "nodeName": _NODES,
    "nodeSelector": _NODES,
    "affinity": _NODES,
    "tolerations": _NODES,
    "runtimeClassName": _NODES,
    "priorityClassName": "previews have no priority over each other",
    "priority": "previews have no priority over each other",
    "ephemeralContainers": "they are not part of a template",
    "resourceClaims": "previews have no devices",
}
_ACCOUNT = "a preview's pods have no account of their own in the cluster"
_HOST = "a preview shares nothing with the machine it runs on"
_FIXED: Fixed = {
    "serviceAccountName": (("default", ""), _ACCOUNT),
    "serviceAccount": (("default", ""), _ACCOUNT),
    "automountServiceAccountToken": ((False,), _ACCOUNT),
    "hostNetwork": ((False,), _HOST),
    "hostPID": ((False,), _HOST),
    "hostIPC": ((False,), _HOST),
}
_VOLUMES = ("configMap", "secret", "emptyDir", "persistentVolumeClaim", "downwardAPI", "projected")
_PROJECTED = ("configMap", "secret", "downwardAPI")


def check_template(template: Node | None, report: Report) -> None:
    """A pod template: its labels and its pod."""
    check_labels(down(template, report, "metadata", "labels"), report)
    spec = table(down(template, report, "spec"), report)
    refuse(spec, _REFUSED, report)
    check_fixed(spec, _FIXED, report)
    check_fixed(table(spec.get("os"), report), {"name": (("linux",), "previews run on Linux")}, report)
    whole(spec.get("terminationGracePeriodSeconds"), report)
    check_security(spec.get("securityContext"), report)
    check_resources(spec.get("resources"), report)
    for name in ("initContainers", "containers"):
        for container in entries(spec.get(name), report):
            check_container(container, report)
    for volume in entries(spec.get("volumes"), report):
        _check_volume(volume, report)
    for secret in entries(spec.get("imagePullSecrets"), report):
        _check_pull_secret(secret, report)


def _check_volume(node: Node, report: Report) -> None:
    fields = table(node, report)
    sources = fields.keys() - {"name"}
    if len(sources) != 1 or not sources <= set(_VOLUMES):
        report.problem(node.place, f"a volume is one of {listed(_VOLUMES)}", node.path)
    check_secret(needed(fields.get("secret"), "secretName", report), report)
    for source in entries(needed(fields.get("projected"), "sources", report), report):
        parts = table(source, report)
        if not parts.keys() <= set(_PROJECTED):
            report.problem(source.place, f"only {listed(_PROJECTED)} can be projected", source.path)
        check_secret(needed(parts.get("secret"), "name", report), report)


def _check_pull_secret(secret: Node, report: Report) -> None:
    name = table(secret, report).get("name")
    if name is not None and text(name, report) != PULL_SECRET:
        report.problem(name.place, f"only {PULL_SECRET}, which is set where there is one", name.path)
