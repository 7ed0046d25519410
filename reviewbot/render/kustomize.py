"""A kustomization is rendered in its preview: by a pod that has its files and nothing else, no network and no account.

What the pod writes is the outcome; it stays as long as the release, to be read again. The image is called as
`kustomize build <folder>`, so it needs no shell.
"""

import base64
from typing import Any

from reviewbot.model import Release
from reviewbot.render.jobs import KUSTOMIZE, job_name
from reviewbot.render.names import JOB, NETWORK, NO_NETWORK, PULL_SECRET, RELEASE, SHA
from reviewbot.render.pods import place

Object = dict[str, Any]

IMAGE = "registry.k8s.io/kustomize/kustomize:v5.7.1"
_DEADLINE_SECONDS = 60
_FILES = "/work"
_SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod's own
_NOBODY = 65532


def render_objects(release: Release, namespace: str) -> tuple[Object, Object]:
    """The ConfigMap with the files, and the Job that renders them; to be created as the tenant, in this order."""
    if release.unrendered is None:
        raise ValueError(f"release {release.id} has nothing to render")
    folder, name = release.unrendered.folder, job_name(KUSTOMIZE, release.id)
    labels = {"app.kubernetes.io/name": KUSTOMIZE, "app.kubernetes.io/managed-by": "reviewbot", JOB: KUSTOMIZE}
    metadata = {
        "name": name,
        "namespace": namespace,
        "labels": {**labels, RELEASE: release.id},
        "annotations": {SHA: release.sha},
    }
    # A key cannot hold a path.
    keys = {path: f"file-{number}" for number, path in enumerate(sorted(folder.files))}
    files = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "immutable": True,
        "binaryData": {key: base64.b64encode(folder.files[path]).decode() for path, key in keys.items()},
    }
    spec = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": _DEADLINE_SECONDS,
        "template": {
            "metadata": {"labels": {**labels, NETWORK: NO_NETWORK}},
            "spec": _pod(name, keys, release, release.unrendered.image),
        },
    }
    return files, {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def _pod(name: str, keys: dict[str, str], release: Release, image: str) -> Object:
    items = [{"key": key, "path": path} for path, key in keys.items()]
    return {
        "restartPolicy": "Never",
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"imagePullSecrets": [{"name": PULL_SECRET}]} if release.pull_secret else {}),
        **place(release.nodes),
        "containers": [_container(image)],
        "volumes": [
            {"name": "files", "configMap": {"name": name, "items": items}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "16Mi"}},
        ],
    }


def _container(image: str) -> Object:
    return {
        "name": KUSTOMIZE,
        "image": image,
        "command": ["kustomize", "build", _FILES],
        "workingDir": _SCRATCH,
        "env": [{"name": "HOME", "value": _SCRATCH}],
        "volumeMounts": [
            {"name": "files", "mountPath": _FILES, "readOnly": True},
            {"name": "scratch", "mountPath": _SCRATCH},
        ],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "64Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
