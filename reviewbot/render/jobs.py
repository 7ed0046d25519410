"""Commands that run once: a release's own phase, the preview's first setup, and what is done at its end."""

from datetime import timedelta
from typing import Any

from reviewbot.model import Release, Script
from reviewbot.render.names import JOB, RELEASE, SHA
from reviewbot.render.pods import app_container, pod

Object = dict[str, Any]

RELEASE_PHASE = "release"
# The name of the Job too, which is how it runs once in a preview's life whichever release brought it.
POSTDEPLOY = "postdeploy"
PREDESTROY = "pr-predestroy"
# Renders a kustomization; the name of its container too.
KUSTOMIZE = "kustomize"


def release_job(release: Release, namespace: str) -> Object:
    """The release phase."""
    return _job(release, RELEASE_PHASE, release.command, release.limits.release, namespace)


def postdeploy_job(release: Release, namespace: str) -> Object:
    """The first setup of the preview."""
    return _job(release, POSTDEPLOY, release.postdeploy, release.limits.postdeploy, namespace)


def predestroy_job(release: Release, namespace: str) -> Object:
    """Waits suspended for the preview's end, when nobody can be asked any more what to run then."""
    job = _job(release, PREDESTROY, release.predestroy, release.limits.predestroy, namespace)
    job["spec"]["suspend"] = True
    return job


def job_name(kind: str, release_id: str) -> str:
    """Name of the Job of that kind that a release brings."""
    return POSTDEPLOY if kind == POSTDEPLOY else f"{kind}-{release_id}"


def _job(release: Release, kind: str, script: Script | None, limit: timedelta, namespace: str) -> Object:
    if script is None:
        raise ValueError(f"release {release.id} has no {kind}")
    labels = {
        "app.kubernetes.io/name": kind,
        "app.kubernetes.io/version": release.sha[:7],
        "app.kubernetes.io/managed-by": "reviewbot",
        RELEASE: release.id,
        JOB: kind,
    }
    container = app_container(release, kind, script.command, script.size)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name(kind, release.id),
            "namespace": namespace,
            "labels": labels,
            "annotations": {SHA: release.sha},
        },
        "spec": {
            # Whoever wrote it knows whether it may run twice; we do not.
            "backoffLimit": 0,
            "activeDeadlineSeconds": int(limit.total_seconds()),
            "template": {
                "metadata": {"labels": labels},
                "spec": pod(release, container, release.run_as_user, restartPolicy="Never"),
            },
        },
    }
