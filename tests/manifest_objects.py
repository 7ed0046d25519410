"""Objects as people write them, for tests of a repository's own manifests."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from reviewbot.model import Folder

Object = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
_LABELS = {"app": "web"}


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
        "env": [
            {"name": "A", "value": "b"},
            {"name": "X", "valueFrom": {"secretKeyRef": {"name": "reviewbot-addons-postgresql", "key": "k"}}},
        ],
        "envFrom": [{"secretRef": {"name": "reviewbot-config-${RELEASE}"}}, {"configMapRef": {"name": "settings"}}],
        "ports": [{"name": "http", "containerPort": 8080, "hostPort": 0}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
        "lifecycle": {"preStop": {"exec": {"command": ["stop"]}}},
        "resources": {
            "requests": {"cpu": "10m", "memory": "16Mi", "ephemeral-storage": "1Mi"},
            "limits": {"cpu": 1, "memory": "64Mi", "ephemeral-storage": "2Mi"},
        },
        "securityContext": {"privileged": False, "runAsUser": 7, "capabilities": {"add": ["NET_BIND_SERVICE"]}},
    }
    return {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "hostNetwork": False,
        "terminationGracePeriodSeconds": 600,
        "imagePullSecrets": [{"name": "reviewbot-pull"}],
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
