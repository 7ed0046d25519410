"""Volumes: folders of the world, made for each claim by local-path-provisioner and gone with the world."""

from dev.cluster.layout import Credentials, Layout
from dev.cluster.node import PAUSE_IMAGE
from dev.cluster.processes import Program

CLASS = "local-path"
NAMESPACE = "local-path-storage"
SCRIPTS = "local-path-config"


def provisioner(layout: Layout, credentials: Credentials) -> Program:
    """local-path-provisioner, outside the cluster; the pods that make and remove folders run in its namespace."""
    paths = {"node": "DEFAULT_PATH_FOR_NON_LISTED_NODES", "paths": [str(layout.folder("volumes"))]}
    helper = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "helper"},
        "spec": {
            # A folder's content belongs to whoever wrote it.
            "securityContext": {"runAsUser": 0},
            "containers": [{"name": "helper", "image": PAUSE_IMAGE, "imagePullPolicy": "Never"}],
        },
    }
    return Program(
        "local-path-provisioner",
        (
            layout.tool("local-path-provisioner"),
            "start",
            f"--config={layout.write('volumes.json', {'nodePathMap': [paths]})}",
            f"--helper-pod-file={layout.write('volumes-helper.json', helper)}",
            f"--helper-image={PAUSE_IMAGE}",
            f"--configmap-name={SCRIPTS}",
            f"--namespace={NAMESPACE}",
            "--service-account-name=default",
            f"--kubeconfig={credentials.kubeconfigs['admin']}",
        ),
    )


def manifests() -> list[dict[str, object]]:
    """The namespace, the scripts of the helper pods, and the default StorageClass."""
    scripts = {"setup": 'mkdir -p "$VOL_DIR"\n', "teardown": 'rm -rf "$VOL_DIR"\n'}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": SCRIPTS, "namespace": NAMESPACE},
            "data": scripts,
        },
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": CLASS,
                "annotations": {
                    "storageclass.kubernetes.io/is-default-class": "true",
                    # Unlike hostPath, the type of volume that obeys a pod's fsGroup.
                    "defaultVolumeType": "local",
                },
            },
            "provisioner": "rancher.io/local-path",
            "volumeBindingMode": "WaitForFirstConsumer",
            "reclaimPolicy": "Delete",
        },
    ]
