"""What a repository's own manifests must not say: for the filter, and for the server with the filter left out."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from reviewbot.model import Folder

Object = dict[str, Any]
FILE = "deploy/preview/all.json"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
_LABELS = {"app": "web"}


@dataclass(frozen=True)
class Case:
    """A change to a pod or to its container, what the filter says of it, and what the server does."""

    name: str
    ours: str
    servers: str
    pod: Object | None = None
    container: Object | None = None

    def spec(self, plain: Object) -> Object:
        """A pod's spec with the change."""
        spec = merged(plain, self.pod or {})
        [first, *others] = spec["containers"]
        return {**spec, "containers": [merged(first, self.container or {}), *others]}


def merged(one: Object, other: Object) -> Object:
    """Both, with objects in them put together."""
    whole = deepcopy(one)
    for name, value in other.items():
        both = isinstance(value, dict) and isinstance(whole.get(name), dict)
        whole[name] = merged(whole[name], value) if both else value
    return whole


def a_pod(**fields: Any) -> Object:
    """What people write: nothing of it is about security."""
    return {"containers": [{"name": "web", "image": "nginx"}], **fields}


def workload(kind: str, spec: Object, name: str = "web") -> Object:
    """An object of the kind that makes such pods."""
    template = {"metadata": {"labels": _LABELS}, "spec": spec}
    runs = {"selector": {"matchLabels": _LABELS}, "template": template}
    ends = {"template": {"metadata": {"labels": _LABELS}, "spec": {"restartPolicy": "Never", **spec}}}
    specs: dict[str, Object] = {
        "Deployment": runs,
        "StatefulSet": {**runs, "serviceName": "web"},
        "Job": ends,
        "CronJob": {"schedule": "0 0 * * *", "jobTemplate": {"spec": ends}},
    }
    group = "apps" if kind in ("Deployment", "StatefulSet") else "batch"
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": name}, "spec": specs[kind]}


def template_of(item: Object) -> Object:
    """The pod template of a workload."""
    spec = item["spec"]["jobTemplate"]["spec"] if item["kind"] == "CronJob" else item["spec"]
    found: Object = spec["template"]
    return found


def service(name: str = "web", **spec: Any) -> Object:
    """A Service of one port."""
    ports = [{"port": 80, "targetPort": 8080}]
    whole = {"selector": dict(_LABELS), "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": whole}


def config_map(name: str = "settings", **data: str) -> Object:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def claim(name: str = "data", **spec: Any) -> Object:
    """A claim of a small volume."""
    whole = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": whole}


def folder_of(*items: Object) -> Folder:
    """A folder with these objects, a document each in one file."""
    text = "\n---\n".join(json.dumps(item) for item in items)
    return Folder("deploy/preview", {"all.yaml": text.encode()})


def _volume(**source: Any) -> Object:
    return {"volumes": [{"name": "v", **source}]}


def _variable(secret: str) -> Object:
    return {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": "k"}}}]}


_NODES = "the administrator's choice"
_ACCOUNT = "no account of their own"
_HOST = "shares nothing with the machine"
_VOLUMES = "a volume is one of"
_SECRETS = "of Secrets only"
_MAY_BE = "volumes may only be"
_MAY_NAME = "may only name the Secrets reviewbot-config"
_PASSWORD = "reviewbot-pull"

PODS = (
    Case("another account", _ACCOUNT, "must be default", {"serviceAccountName": "other"}),
    Case(
        "another account, by its old name",
        _ACCOUNT,
        "must be default",
        {"serviceAccount": "other", "serviceAccountName": None},
    ),
    Case("a token", _ACCOUNT, "automountServiceAccountToken", {"automountServiceAccountToken": True}),
    Case("hostNetwork", _HOST, "hostNetwork, hostPID and hostIPC", {"hostNetwork": True}),
    Case("hostPID", _HOST, "hostNetwork, hostPID and hostIPC", {"hostPID": True}),
    Case("hostIPC", _HOST, "hostNetwork, hostPID and hostIPC", {"hostIPC": True}),
    Case("nodeName", _NODES, "nodeName is refused", {"nodeName": "n"}),
    Case("nodeSelector", _NODES, "nodeSelector must be", {"nodeSelector": {"a": "b"}}),
    Case("affinity", _NODES, "affinity is refused", {"affinity": {"podAntiAffinity": {}}}),
    Case("tolerations", _NODES, "tolerations may only", {"tolerations": [{"operator": "Exists"}]}),
    Case("runtimeClassName", _NODES, "runtimeClassName must be", {"runtimeClassName": "runc"}),
    Case("a priority", "no priority", "system priority", {"priorityClassName": "system-node-critical"}),
    Case("hostPath", _VOLUMES, _MAY_BE, _volume(hostPath={"path": "/"})),
    Case("nfs", _VOLUMES, _MAY_BE, _volume(nfs={"server": "a", "path": "/"})),
    Case("csi", _VOLUMES, _MAY_BE, _volume(csi={"driver": "a"})),
    Case("an image as a volume", _VOLUMES, _MAY_BE, _volume(image={"reference": "a"})),
    Case(
        "a projected token",
        "can be projected",
        _MAY_BE,
        _volume(projected={"sources": [{"serviceAccountToken": {"path": "t"}}]}),
    ),
    Case("the registry's password", _SECRETS, _MAY_NAME, _volume(secret={"secretName": _PASSWORD})),
    Case(
        "the registry's password, projected",
        _SECRETS,
        _MAY_NAME,
        _volume(projected={"sources": [{"secret": {"name": _PASSWORD}}]}),
    ),
    Case("the password in env", _SECRETS, _MAY_NAME, container=_variable(_PASSWORD)),
    Case("the password in envFrom", _SECRETS, _MAY_NAME, container={"envFrom": [{"secretRef": {"name": _PASSWORD}}]}),
    Case(
        "the password in an init container",
        _SECRETS,
        _MAY_NAME,
        {"initContainers": [{"name": "init", "image": "a", **_variable(_PASSWORD)}]},
    ),
    Case("another pull secret", "only reviewbot-pull", "imagePullSecrets", {"imagePullSecrets": [{"name": "mine"}]}),
    Case("a sysctl", "only these can be set", "sysctls", {"securityContext": {"sysctls": [{"name": "kernel.msgmax"}]}}),
    Case("root for all", "no preview runs as root", "runAsNonRoot", {"securityContext": {"runAsNonRoot": False}}),
    Case("user 0 for all", "no preview runs as root", "runAsUser=0", {"securityContext": {"runAsUser": 0}}),
    Case(
        "seccomp off for all",
        "unconfined",
        "seccompProfile",
        {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    ),
    Case(
        "an AppArmor profile off",
        "unconfined",
        "appArmor",
        {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}},
    ),
    Case("an SELinux type", "unconfined", "seLinuxOptions", {"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}),
    Case("an SELinux user", "unconfined", "seLinuxOptions", {"securityContext": {"seLinuxOptions": {"user": "u"}}}),
    Case("a Windows pod", "previews run on Linux", "", {"os": {"name": "windows"}}),
    Case(
        "a process of a Windows host",
        "previews run on Linux",
        "hostProcess",
        {"securityContext": {"windowsOptions": {"hostProcess": True}}},
    ),
    Case("privileged", "no preview is privileged", "privileged", container={"securityContext": {"privileged": True}}),
    Case(
        "privilege escalation",
        "no preview is privileged",
        "allowPrivilegeEscalation",
        container={"securityContext": {"allowPrivilegeEscalation": True}},
    ),
    Case(
        "a capability",
        "only NET_BIND_SERVICE",
        "capabilities",
        container={"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}},
    ),
    Case("user 0", "no preview runs as root", "runAsUser=0", container={"securityContext": {"runAsUser": 0}}),
    Case(
        "root allowed",
        "no preview runs as root",
        "runAsNonRoot",
        container={"securityContext": {"runAsNonRoot": False}},
    ),
    Case("procMount", "machine's processes", "procMount", container={"securityContext": {"procMount": "Unmasked"}}),
    Case(
        "seccomp off",
        "unconfined",
        "seccompProfile",
        container={"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    ),
    Case(
        "a host port",
        "no port of the machine",
        "hostPort",
        container={"ports": [{"containerPort": 80, "hostPort": 80}]},
    ),
    Case(
        "a probe elsewhere",
        "only asked at its own address",
        "may only ask the pod itself",
        container={"readinessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80}}},
    ),
    Case(
        "a connection elsewhere",
        "only asked at its own address",
        "may only ask the pod itself",
        container={"livenessProbe": {"tcpSocket": {"host": "10.0.0.1", "port": 80}}},
    ),
    Case(
        "a hook elsewhere",
        "only asked at its own address",
        "may only ask the pod itself",
        container={"lifecycle": {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}}},
    ),
)

# Object -> what the filter says, and the server: nothing where only the filter is stricter.
OBJECTS: dict[str, tuple[Object, str, str]] = {
    "NodePort": (service(type="NodePort"), "reviewbot's route alone", "NodePort is refused"),
    "LoadBalancer": (service(type="LoadBalancer"), "reviewbot's route alone", "LoadBalancer is refused"),
    "ExternalName": (
        service(type="ExternalName", externalName="example.com"),
        "reviewbot's route alone",
        "ExternalName is refused",
    ),
    "externalIPs": (service(externalIPs=["1.2.3.4"]), "reviewbot's route alone", "externalIPs are refused"),
    "a node port": (
        service(ports=[{"port": 80, "nodePort": 30080}]),
        "reviewbot's route alone",
        "may not be used when `type` is 'ClusterIP'",
    ),
    "a cluster IP": (service(clusterIP="10.96.0.200"), "addresses of its own", ""),
    "a volume that is there": (claim(volumeName="theirs"), "new ones", "volumeName is refused"),
    "a volume by its labels": (claim(selector={"matchLabels": {"a": "b"}}), "new ones", "selector is refused"),
    "a copy of a volume": (
        claim(dataSource={"kind": "PersistentVolumeClaim", "name": "x"}),
        "new ones",
        "dataSource and",
    ),
    "any volume without a class": (claim(storageClassName=""), "new ones", "storageClassName must name"),
}


def foreign(kind: str, version: str, name: str = "x", **fields: Any) -> Object:
    """An object of a kind that no preview may have."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


_RBAC = "rbac.authorization.k8s.io"
FORBIDDEN_KINDS = (
    foreign("ClusterRole", f"{_RBAC}/v1"),
    foreign("ClusterRoleBinding", f"{_RBAC}/v1", roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": "x"}),
    foreign("Role", f"{_RBAC}/v1"),
    foreign("RoleBinding", f"{_RBAC}/v1", roleRef={"apiGroup": _RBAC, "kind": "Role", "name": "x"}),
    foreign("ServiceAccount", "v1"),
    foreign("Secret", "v1"),
    foreign("Namespace", "v1"),
    foreign("PersistentVolume", "v1"),
    foreign("PriorityClass", "scheduling.k8s.io/v1", value=1),
    foreign("RuntimeClass", "node.k8s.io/v1", handler="x"),
    foreign("NetworkPolicy", "networking.k8s.io/v1", spec={"podSelector": {}, "ingress": [{}], "egress": [{}]}),
    foreign("ResourceQuota", "v1", spec={"hard": {"pods": "1000"}}),
    foreign("LimitRange", "v1", spec={"limits": []}),
    foreign("Ingress", "networking.k8s.io/v1", spec={"defaultBackend": {"service": {"name": "x"}}}),
    foreign("HTTPRoute", "gateway.networking.k8s.io/v1", spec={"hostnames": ["www.example.com"]}),
    foreign("Gateway", "gateway.networking.k8s.io/v1", spec={}),
    foreign("Endpoints", "v1"),
    foreign("EndpointSlice", "discovery.k8s.io/v1", addressType="IPv4", endpoints=[]),
    foreign("Pod", "v1", spec=a_pod()),
    foreign("ReplicaSet", "apps/v1"),
    foreign("DaemonSet", "apps/v1"),
    foreign("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1"),
    foreign("ReviewApp", "reviewbot.dev/v1alpha1"),
)
# Known to no test of the server: it has no such kind, or nobody applies one.
UNKNOWN_KINDS = (
    foreign("CustomResourceDefinition", "apiextensions.k8s.io/v1"),
    foreign("APIService", "apiregistration.k8s.io/v1"),
    foreign("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
    foreign("Deployment", "extensions/v1beta1"),
    foreign("Service", "serving.knative.dev/v1"),
    foreign("Kustomization", "kustomize.config.k8s.io/v1beta1"),
)


def everything() -> list[Object]:
    """An object of each kind that says as much as it may, and a list."""
    pods = [workload(kind, _full_pod(), kind.lower()) for kind in WORKLOADS]
    stateful = {"volumeClaimTemplates": [claim()], "serviceName": "web"}
    items = [merged(pod, {"spec": stateful}) if pod["kind"] == "StatefulSet" else pod for pod in pods]
    wrapped: Object = {"apiVersion": "v1", "kind": "List", "items": [config_map("more", a="b")]}
    return [*items, service(), claim(), config_map(a="b"), wrapped]


def _full_pod() -> Object:
    container = {
        "name": "web",
        "image": "${IMAGE}",
        "command": ["serve"],
        "args": ["${HOST}"],
        "env": [{"name": "A", "value": "b"}, *_variable("reviewbot-addons-postgresql")["env"]],
        "envFrom": [{"secretRef": {"name": "reviewbot-config-${RELEASE}"}}, {"configMapRef": {"name": "settings"}}],
        "ports": [{"name": "http", "containerPort": 8080, "hostPort": 0}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
        "lifecycle": {"preStop": {"exec": {"command": ["stop"]}}},
        "securityContext": {"privileged": False, "runAsUser": 7, "capabilities": {"add": ["NET_BIND_SERVICE"]}},
    }
    return {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "hostNetwork": False,
        "terminationGracePeriodSeconds": 600,
        "imagePullSecrets": [{"name": _PASSWORD}],
        "securityContext": {
            "runAsUser": 7,
            "seccompProfile": {"type": "RuntimeDefault"},
            "sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}],
        },
        "volumes": [
            {"name": "a", "secret": {"secretName": "reviewbot-generated-x"}},
            {"name": "b", "projected": {"sources": [{"configMap": {"name": "settings"}}]}},
            {"name": "c", "emptyDir": {}},
        ],
        "initContainers": [{"name": "init", "image": "nginx", "securityContext": {"procMount": "Default"}}],
        "containers": [container],
    }
