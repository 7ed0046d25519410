"""What every preview namespace has before anything runs in it. The order of `walls` is the order to write in."""

from typing import Any

from reviewbot.model import PullRequestRef
from reviewbot.render.names import APP, MANAGED, NETWORK, NO_NETWORK, SYSTEM_NAMESPACE, TENANTS_NAMESPACE, namespace
from reviewbot.render.workload import HTTP

Object = dict[str, Any]

POD_SECURITY = "pod-security.kubernetes.io/enforce"
RESTRICTED = "restricted"
# The version is pinned so that a cluster upgrade does not change what a preview may do.
POD_SECURITY_VERSION = "v1.30"
_ONLINE: Object = {"matchExpressions": [{"key": NETWORK, "operator": "NotIn", "values": [NO_NETWORK]}]}
_PRIVATE_V4 = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
_PRIVATE_V6 = ["fc00::/7", "fe80::/10"]
# Each node may have a cache of the cluster's DNS, as on GKE: in a pod of its own, or at a link-local address of the
# node itself, which no selector reaches.
_DNS = ["kube-dns", "node-local-dns"]
_RESOLVERS: Object = {"matchExpressions": [{"key": "k8s-app", "operator": "In", "values": _DNS}]}
_NODES_RESOLVER = "169.254.0.0/16"
# What a preview may hold.
QUOTA = {
    "requests.cpu": "2",
    "limits.cpu": "8",
    "requests.memory": "4Gi",
    "limits.memory": "8Gi",
    "requests.ephemeral-storage": "10Gi",
    "pods": "20",
    "services": "10",
    "services.loadbalancers": "0",
    "services.nodeports": "0",
    "persistentvolumeclaims": "5",
    "requests.storage": "10Gi",
    "count/configmaps": "20",
    "count/deployments.apps": "20",
    "count/jobs.batch": "20",
    "count/cronjobs.batch": "5",
}
_LIMITS = {
    "type": "Container",
    "default": {"cpu": "1", "memory": "512Mi", "ephemeral-storage": "1Gi"},
    "defaultRequest": {"cpu": "25m", "memory": "64Mi", "ephemeral-storage": "50Mi"},
    "max": {"cpu": "2", "memory": "2Gi", "ephemeral-storage": "2Gi"},
}


def managed_namespace(ref: PullRequestRef) -> Object:
    """The namespace itself; its annotations let a lost record be written again and never change."""
    security = {
        f"pod-security.kubernetes.io/{mode}{suffix}": value
        for mode in ("enforce", "audit", "warn")
        for suffix, value in (("", RESTRICTED), ("-version", POD_SECURITY_VERSION))
    }
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace(ref),
            "labels": {MANAGED: "true", "app.kubernetes.io/managed-by": "reviewbot", **security},
            "annotations": owner_annotations(ref),
        },
    }


def owner_annotations(ref: PullRequestRef) -> dict[str, str]:
    """What makes a namespace ours, and this pull request's or its app's."""
    return {
        "reviewbot.dev/repository-id": str(ref.repository),
        "reviewbot.dev/installation-id": str(ref.installation),
        "reviewbot.dev/pull-request": str(ref.number),
        **({APP: ref.app} if ref.app else {}),
        "reviewbot.dev/created-by": "reviewbot",
    }


def walls(name: str, uid: str, gateway_namespace: str) -> list[Object]:
    """The tenant account, its rights and ours, network policies, quota and limits of the namespace `name`."""
    return [
        _account(name, uid),
        _binding(name, "steward", "reviewbot-ns-steward", (SYSTEM_NAMESPACE, "reviewbot")),
        _binding(name, "deployer", "reviewbot-tenant-deployer", (TENANTS_NAMESPACE, name)),
        *network_policies(name, gateway_namespace),
        _object("v1", "ResourceQuota", name, "preview", {"hard": QUOTA}),
        _object("v1", "LimitRange", name, "preview", {"limits": [_LIMITS]}),
    ]


def network_policies(name: str, gateway_namespace: str) -> list[Object]:
    """Nothing in or out, except DNS, neighbours in the namespace, the gateway, and HTTPS to the internet.

    Pods that are labelled so have no exceptions: policies add up, so these leave them out.
    """
    everyone: Object = {"podSelector": {}}
    dns = [
        {"namespaceSelector": _named("kube-system"), "podSelector": _RESOLVERS},
        {"ipBlock": {"cidr": _NODES_RESOLVER}},
    ]
    internet = [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": _PRIVATE_V4}},
        {"ipBlock": {"cidr": "::/0", "except": _PRIVATE_V6}},
    ]
    return [
        # Said and not left out, so that applying it again removes what somebody added.
        _policy(name, "default-deny", {"podSelector": {}, "ingress": [], "egress": []}),
        _policy(name, "allow-dns", {"egress": [{"to": dns, "ports": [_port(53, "UDP"), _port(53)]}]}),
        _policy(name, "allow-inside", {"ingress": [{"from": [everyone]}], "egress": [{"to": [everyone]}]}),
        _policy(
            name,
            "allow-from-gateway",
            {"ingress": [{"from": [{"namespaceSelector": _named(gateway_namespace)}], "ports": [_port(HTTP)]}]},
        ),
        _policy(name, "allow-internet", {"egress": [{"to": internet, "ports": [_port(443)]}]}),
    ]


def gateway_policy(name: str, gateway_namespace: str, port: int | str) -> Object:
    """What lets the gateway reach a port of a repository's own choice; policies add up, so each has one of its own."""
    spec = {"ingress": [{"from": [{"namespaceSelector": _named(gateway_namespace)}], "ports": [_port(port)]}]}
    return _policy(name, f"allow-from-gateway-{port}", spec)


def _account(name: str, uid: str) -> Object:
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": name, "uid": uid}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": TENANTS_NAMESPACE, "ownerReferences": [owner]},
        "automountServiceAccountToken": False,
    }


def _binding(name: str, binding: str, role: str, subject: tuple[str, str]) -> Object:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": binding, "namespace": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "namespace": subject[0], "name": subject[1]}],
    }


def _policy(name: str, policy: str, spec: Object) -> Object:
    directions = [direction for direction in ("Ingress", "Egress") if direction.lower() in spec]
    full = {"podSelector": _ONLINE, "policyTypes": directions, **spec}
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, policy, full)


def _object(version: str, kind: str, name: str, own: str, spec: Object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": own, "namespace": name}, "spec": spec}


def _named(namespace_name: str) -> Object:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace_name}}


def _port(port: int | str, protocol: str = "TCP") -> Object:
    return {"port": port, "protocol": protocol}
