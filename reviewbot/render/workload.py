"""A release's own objects: a Deployment per process type, web's Service, and what waits for the preview's end.

Nothing here is ever changed in place: another commit or another config var is another release.
"""

from typing import Any

from reviewbot.model import HealthCheck, Process, Release
from reviewbot.render.jobs import predestroy_job
from reviewbot.render.names import PROCESS, RELEASE, SHA
from reviewbot.render.pods import app_container, pod, probe

Object = dict[str, Any]

DEADLINE_SECONDS = 600
# The name of the served port, whose number is each release's own.
HTTP = "http"
WORKER_MIN_READY_SECONDS = 5


def tenant_objects(release: Release, namespace: str) -> list[Object]:
    """What is applied as the tenant: the Service last, so that its presence says the rest was applied.

    A repository's own objects are each looked for.
    """
    farewell = [predestroy_job(release, namespace)] if release.predestroy else []
    if release.own:
        return [*farewell, *map(dict, release.own.objects)]
    deployments = [_deployment(release, process, namespace) for process in release.processes]
    return [*farewell, *deployments, _service(release, namespace)]


def process_name(process: str, release_id: str) -> str:
    """Name of the objects of one process type of one release."""
    return f"{process}-{release_id}"


def _deployment(release: Release, process: Process, namespace: str) -> Object:
    container = _container(release, process)
    spec: Object = {
        "replicas": process.quantity,
        "revisionHistoryLimit": 0,
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "selector": {"matchLabels": {RELEASE: release.id, PROCESS: process.type}},
        "template": {
            "metadata": {"labels": _labels(release, process.type)},
            "spec": pod(release, container, release.run_as_user),
        },
    }
    if "readinessProbe" not in container:
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


def _container(release: Release, process: Process) -> Object:
    container = app_container(release, process.type, process.command, process.size)
    checks = {check.kind: check for check in process.checks}
    if process.type == "web":
        container["ports"] = [{"name": HTTP, "containerPort": release.port, "protocol": "TCP"}]
        # Asked every second, because the address waits for it.
        checks.setdefault("readiness", HealthCheck("readiness", release.health, period=1, timeout=2))
    for kind, check in checks.items():
        container[f"{kind}Probe"] = probe(check, release.port)
    return container


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
