"""What a repository's own manifests must not say: for the filter, and for the server with the filter left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.manifest_objects import Object, claim, merged, service


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


def _volume(**source: Any) -> Object:
    return {"volumes": [{"name": "v", **source}]}


def _variable(secret: str) -> Object:
    return {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": "k"}}}]}


def _most(name: str, amount: str) -> Object:
    return {"resources": {"limits": {"memory": "4Mi", name: amount}}}


_NODES = "the administrator's choice"
_ACCOUNT = "no account of their own"
_HOST = "shares nothing with the machine"
_VOLUMES = "a volume is one of"
_SECRETS = "of Secrets only"
_MAY_BE = "volumes may only be"
_MAY_NAME = "may only name the Secrets reviewbot-config"
_PASSWORD = "reviewbot-pull"
_DEVICES = "previews have no devices"
_SHARED = "resources may only be cpu, memory and"

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
    Case("an empty affinity", _NODES, "affinity is refused", {"affinity": {}}),
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
    Case("a device", _DEVICES, _SHARED, container=_most("nvidia.com/gpu", "8")),
    Case("a device by a plugin", _DEVICES, _SHARED, container=_most("smarter-devices/fuse", "1")),
    Case("hugepages", _DEVICES, _SHARED, container=_most("hugepages-2Mi", "2Mi")),
    Case(
        "a device in an init container",
        _DEVICES,
        _SHARED,
        {"initContainers": [{"name": "init", "image": "a", **_most("nvidia.com/gpu", "1")}]},
    ),
    Case("hugepages for all", _DEVICES, _SHARED, _most("hugepages-2Mi", "2Mi")),
    Case(
        "a claim of a device",
        _DEVICES,
        "resourceClaims is refused",
        {"resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "gpu"}]},
    ),
    Case(
        "a hook elsewhere",
        "only asked at its own address",
        "may only ask the pod itself",
        container={"lifecycle": {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}}},
    ),
)

# Object -> what the filter says, and the server: nothing where only the filter is stricter.
SERVICES: dict[str, tuple[Object, str, str]] = {
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
}
CLAIMS: dict[str, tuple[Object, str, str]] = {
    "a volume that is there": (claim(volumeName="theirs"), "new ones", "volumeName is refused"),
    "a volume by its labels": (claim(selector={"matchLabels": {"a": "b"}}), "new ones", "selector is refused"),
    "a copy of a volume": (
        claim(dataSource={"kind": "PersistentVolumeClaim", "name": "x"}),
        "new ones",
        "dataSource and",
    ),
    "any volume": (claim(selector={}), "new ones", "selector is refused"),
    "any volume without a class": (claim(storageClassName=""), "default class", "storageClassName must name"),
    "a class that keeps volumes": (claim(storageClassName="retains"), "default class", ""),
}
