"""Kinds that no preview may have, by the attack that each would be, to be tried on each wall alone."""

from __future__ import annotations

from typing import Any

from tests.manifest_objects import Object, a_pod

_RBAC = "rbac.authorization.k8s.io"
_ROUTE: Object = {"hostnames": ["www.example.com"], "rules": [{"backendRefs": [{"name": "a", "port": 80}]}]}
_LISTENER: Object = {"name": "a", "port": 80, "protocol": "HTTP"}
_SAFE: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_POD: Object = {
    "automountServiceAccountToken": False,
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    **a_pod(containers=[{"name": "a", "image": "a", "securityContext": _SAFE}]),
}
_LABELS = {"app": "a"}
_SET: Object = {"selector": {"matchLabels": _LABELS}, "template": {"metadata": {"labels": _LABELS}, "spec": _POD}}


def _one(version: str, kind: str, name: str = "x", **fields: Any) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


def _of_a_cluster(version: str, kind: str, **fields: Any) -> Object:
    # A name of its own, as a preview's namespace would have.
    return _one(version, kind, "rb-0123456789abcdefabcd", **fields)


def _role_of(kind: str) -> Object:
    return {"apiGroup": _RBAC, "kind": kind, "name": "admin"}


CLUSTER_SCOPED = (
    _of_a_cluster("v1", "Namespace"),
    _of_a_cluster(f"{_RBAC}/v1", "ClusterRole"),
    _of_a_cluster(f"{_RBAC}/v1", "ClusterRoleBinding", roleRef=_role_of("ClusterRole")),
    _of_a_cluster(
        "v1",
        "PersistentVolume",
        spec={"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Mi"}, "hostPath": {"path": "/"}},
    ),
    _of_a_cluster("scheduling.k8s.io/v1", "PriorityClass", value=1),
    _of_a_cluster("node.k8s.io/v1", "RuntimeClass", handler="x"),
    _of_a_cluster("storage.k8s.io/v1", "StorageClass", provisioner="a"),
)
PRIVILEGES = (
    _one(f"{_RBAC}/v1", "Role", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
    _one(f"{_RBAC}/v1", "RoleBinding", roleRef=_role_of("ClusterRole")),
    _one("v1", "ServiceAccount"),
    _one("v1", "Secret", stringData={"a": "b"}),
    _one("coordination.k8s.io/v1", "Lease", spec={}),
    _one(
        "reviewbot.dev/v1alpha1",
        "ReviewApp",
        "pr-1-1",
        spec={"repositoryId": 1, "installationId": 1, "source": {"pullRequest": {"number": 1}}},
    ),
)
GUARDRAILS = (
    _one("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": {}, "ingress": [{}], "egress": [{}]}),
    _one("v1", "ResourceQuota", spec={"hard": {"pods": "1000"}}),
    _one("v1", "LimitRange", spec={"limits": []}),
)
EXPOSURES = (
    _one("v1", "Endpoints"),
    _one("discovery.k8s.io/v1", "EndpointSlice", addressType="IPv4", endpoints=[]),
)
HOSTS = (
    _one(
        "networking.k8s.io/v1", "Ingress", spec={"defaultBackend": {"service": {"name": "a", "port": {"number": 80}}}}
    ),
    _one("gateway.networking.k8s.io/v1", "HTTPRoute", spec=_ROUTE),
    _one("gateway.networking.k8s.io/v1", "Gateway", spec={"gatewayClassName": "a", "listeners": [_LISTENER]}),
)
PODS_THEMSELVES = (
    _one("v1", "Pod", spec=_POD),
    _one("apps/v1", "ReplicaSet", spec=_SET),
    _one("apps/v1", "DaemonSet", spec=_SET),
)
# Known to no test of the server: it has no such kind, or has no policy speak of it, or nobody applies one.
UNKNOWN = (
    _one("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    _one("apiregistration.k8s.io/v1", "APIService"),
    _one("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    _one("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    _one("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    _one("extensions/v1beta1", "Deployment"),
    _one("serving.knative.dev/v1", "Service"),
    _one("kustomize.config.k8s.io/v1beta1", "Kustomization"),
)
