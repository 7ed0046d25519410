"""A release's own objects: config and generated Secrets, a Deployment per process type, web's Service.

Nothing here is ever changed in place: another commit or another config var is another release.
"""

import hashlib
from typing import Any

from reviewbot.model import Nodes, Process, Release, Resources, Toleration
from reviewbot.render.names import PROCESS, PULL_SECRET, RELEASE, SHA

Object = dict[str, Any]

DEADLINE_SECONDS = 600
# The name of the served port, whose number is each release's own.
HTTP = "http"
_GRACE_SECONDS = 10
WORKER_MIN_READY_SECONDS = 5


def config_secret(release: Release, namespace: str) -> Object:
    """The release's config vars: immutable and of its own, so an old pod never reads a new value."""
    return _secret(config_name(release.id), namespace, dict(release.config)) | {"immutable": True}


def generated_secret(variable: str, value: str, namespace: str) -> Object:
    """One generated value; written once in a preview's life and shared by its releases."""
    return _secret(_generated_name(variable), namespace, {variable: value}) | {"immutable": True}


def tenant_objects(release: Release, namespace: str) -> list[Object]:
    """What is applied as the tenant: the Service last, so that its presence says the rest was applied."""
    deployments = [_deployment(release, process, namespace) for process in release.processes]
    return [*deployments, _service(release, namespace)]


def process_name(process: str, release_id: str) -> str:
    """Name of the objects of one process type of one release."""
    return f"{process}-{release_id}"


def config_name(release_id: str) -> str:
    """Name of a release's config Secret; the id is already a hash of the content."""
    return f"reviewbot-config-{release_id}"


def _deployment(release: Release, process: Process, namespace: str) -> Object:
    labels = {RELEASE: release.id, PROCESS: process.type}
    spec: Object = {
        "replicas": process.quantity,
        "revisionHistoryLimit": 0,
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": _labels(release, process.type)}, "spec": _pod(release, process)},
    }
    if process.type != "web":
        # Without a readiness probe a crashing worker would count as available between its crashes.
        spec["minReadySeconds"] = WORKER_MIN_READY_SECONDS
    metadata = _metadata(release, process.type, namespace)
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _service(release: Release, namespace: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(release, "web", namespace),
        "spec": {
            "selector": {RELEASE: release.id, PROCESS: "web"},
            "ports": [{"name": HTTP, "port": 80, "targetPort": release.port, "protocol": "TCP"}],
        },
    }


def _pod(release: Release, process: Process) -> Object:
    return {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            **({"runAsUser": release.run_as_user} if release.run_as_user else {}),
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"imagePullSecrets": [{"name": PULL_SECRET}]} if release.pull_secret else {}),
        **place(release.nodes),
        "containers": [_container(release, process)],
    }


def place(nodes: Nodes) -> Object:
    """The fields of a pod that say on which nodes it runs, as the policy reviewbot-tenant-placement wants them."""
    fields = {
        "nodeSelector": dict(nodes.selector),
        "tolerations": [_toleration(each) for each in nodes.tolerations],
        "runtimeClassName": nodes.runtime_class,
    }
    return {name: value for name, value in fields.items() if value}


def _toleration(toleration: Toleration) -> Object:
    taint = {"key": toleration.key, "effect": toleration.effect}
    if toleration.value is None:
        return {**taint, "operator": "Exists"}
    return {**taint, "operator": "Equal", "value": toleration.value}


def _container(release: Release, process: Process) -> Object:
    container: Object = {
        "name": process.type,
        "image": release.image,
        "envFrom": [{"secretRef": {"name": config_name(release.id)}}],
        "env": [generated_variable(variable) for variable in release.generated],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    if process.command is not None:
        container["command"] = ["/bin/sh", "-c", process.command]
    resources = release.resources.get(process.type, Resources())
    if resources.requests or resources.limits:
        container["resources"] = {"requests": dict(resources.requests), "limits": dict(resources.limits)}
    if process.type == "web":
        container["ports"] = [{"name": HTTP, "containerPort": release.port, "protocol": "TCP"}]
        container["readinessProbe"] = _readiness(release)
    return container


def _readiness(release: Release) -> Object:
    port: Object = {"port": release.port}
    check: Object = {"httpGet": {"path": release.health, **port}} if release.health else {"tcpSocket": port}
    return {**check, "periodSeconds": 1, "timeoutSeconds": 2, "failureThreshold": 3}


def generated_variable(variable: str) -> Object:
    """A container's variable that has a generated value."""
    return {
        "name": variable,
        "valueFrom": {"secretKeyRef": {"name": _generated_name(variable), "key": variable}},
    }


def _generated_name(variable: str) -> str:
    return f"reviewbot-generated-{hashlib.sha256(variable.encode()).hexdigest()[:10]}"


def _secret(name: str, namespace: str, values: dict[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": values,
    }


def _metadata(release: Release, process: str, namespace: str) -> Object:
    return {
        "name": process_name(process, release.id),
        "namespace": namespace,
        "labels": _labels(release, process),
        "annotations": {SHA: release.sha},
    }


def _labels(release: Release, process: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": process,
        "app.kubernetes.io/version": release.sha[:7],
        "app.kubernetes.io/managed-by": "reviewbot",
        RELEASE: release.id,
        PROCESS: process,
    }
