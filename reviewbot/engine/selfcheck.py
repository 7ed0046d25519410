"""Before anything is deployed: three writes that must be refused, tried without effect."""

from typing import Any, Protocol

from reviewbot.errors import GiveUp
from reviewbot.render.names import SYSTEM_NAMESPACE, tenant

_NAME = "reviewbot-selfcheck"


class Cluster(Protocol):
    """What the check needs of the cluster that previews run on."""

    def create(self, item: dict[str, Any], dry_run: bool = False, tenant: str | None = None) -> bool: ...


def open_wall(cluster: Cluster) -> str | None:
    """The first wall that let a forbidden write through, as a sentence; None if all of them hold."""
    for what, item, account in _FORBIDDEN:
        try:
            cluster.create(item, dry_run=True, tenant=account)
        except GiveUp:
            continue
        return f"The cluster would let reviewbot {what}. Install manifests/cluster again; nothing is deployed."
    return None


def _object(version: str, kind: str, more: dict[str, Any], namespace: str | None = None) -> dict[str, Any]:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": _NAME, **place}, **more}


_FORBIDDEN: list[tuple[str, dict[str, Any], str | None]] = [
    (
        "make namespaces that are not previews (policy reviewbot-own-writes)",
        _object("v1", "Namespace", {}),
        None,
    ),
    (
        "hand out roles of its choice (ClusterRole reviewbot-core, policy reviewbot-own-writes)",
        _object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            {
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "cluster-admin",
                },
                "subjects": [{"kind": "ServiceAccount", "namespace": SYSTEM_NAMESPACE, "name": "reviewbot"}],
            },
            SYSTEM_NAMESPACE,
        ),
        None,
    ),
    (
        "write as a tenant outside its preview (impersonation, policy reviewbot-tenant-kinds)",
        _object("v1", "Service", {"spec": {"ports": [{"port": 80}]}}, SYSTEM_NAMESPACE),
        tenant("rb-selfcheck"),
    ),
]
