"""A kustomization is rendered in its preview: by a pod that has its files and nothing else, no network and no account.

What the pod writes is the outcome. The image is called as `kustomize build <folder>`, so it needs no shell.
"""

import base64
import hashlib
from typing import Any

from reviewbot.model import Folder, Nodes
from reviewbot.render.names import NETWORK, NO_NETWORK
from reviewbot.render.pods import place

Object = dict[str, Any]

IMAGE = "registry.k8s.io/kustomize/kustomize:v5.7.1"
# The container whose output to read.
CONTAINER = "kustomize"

_DEADLINE_SECONDS = 60
_KEPT_SECONDS = 3600
_FILES = "/work"
_SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod's own
_NOBODY = 65532
_LABELS = {"app.kubernetes.io/name": CONTAINER, "app.kubernetes.io/managed-by": "reviewbot"}


def render_name(folder: Folder, image: str) -> str:
    """The name of both objects: the same files and image are rendered once."""
    digest = hashlib.sha256(image.encode())
    for path, data in sorted(folder.files.items()):
        digest.update(b"\0%d %d\0%b%b" % (len(path.encode()), len(data), path.encode(), data))
    return f"reviewbot-kustomize-{digest.hexdigest()[:10]}"


def render_objects(folder: Folder, image: str, namespace: str, nodes: Nodes) -> tuple[Object, Object]:
    """The ConfigMap with the files, and the Job that renders them; to be applied as the tenant, in this order."""
    name = render_name(folder, image)
    metadata = {"name": name, "namespace": namespace, "labels": _LABELS}
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
        "ttlSecondsAfterFinished": _KEPT_SECONDS,
        "template": {"metadata": {"labels": {**_LABELS, NETWORK: NO_NETWORK}}, "spec": _pod(name, keys, image, nodes)},
    }
    return files, {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def _pod(name: str, keys: dict[str, str], image: str, nodes: Nodes) -> Object:
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
        **place(nodes),
        "containers": [_container(image)],
        "volumes": [
            {"name": "files", "configMap": {"name": name, "items": items}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "16Mi"}},
        ],
    }


def _container(image: str) -> Object:
    return {
        "name": CONTAINER,
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
