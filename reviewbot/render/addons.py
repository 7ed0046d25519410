"""An add-on's objects: a small server of the preview's own, whose data outlives its releases."""

import hashlib
import json
from typing import Any

from reviewbot.model import Addon, HealthCheck, Release
from reviewbot.render.names import ADDON, DEFINITION
from reviewbot.render.pods import confined, from_secret, pod, probe
from reviewbot.render.secrets import PASSWORD, addon_name

Object = dict[str, Any]

_VOLUME = "data"


def addon_volume(addon: Addon, namespace: str) -> Object | None:
    """The claim for its data, if that is to be kept: made once, because not every cluster can change one."""
    if addon.service.storage is None:
        return None
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": addon.service.storage}}}
    return _object("v1", "PersistentVolumeClaim", addon, namespace, claim)


def addon_objects(addon: Addon, release: Release, namespace: str) -> list[Object]:
    """What is applied as the tenant: server and Service, each under the add-on's name as its volume is."""
    server = _server(addon, release)
    server_set = _object("apps/v1", "StatefulSet", addon, namespace, server)
    server_set["metadata"]["labels"][DEFINITION] = definition(addon, release)
    port = {"port": addon.service.port, "targetPort": addon.service.port, "protocol": "TCP"}
    service = _object("v1", "Service", addon, namespace, {"selector": {ADDON: addon.name}, "ports": [port]})
    return [server_set, service]


def definition(addon: Addon, release: Release) -> str:
    """A digest of what the server is made of: another one means that it has to be brought up to date."""
    content = json.dumps(_server(addon, release), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:10]


def _server(addon: Addon, release: Release) -> Object:
    # One pod at most at any time: two servers on the same data would be the end of it.
    return {
        "serviceName": addon.name,
        "replicas": 1,
        # With the other policy a broken pod would keep its own replacement away.
        "podManagementPolicy": "Parallel",
        "revisionHistoryLimit": 0,
        "selector": {"matchLabels": {ADDON: addon.name}},
        "template": {"metadata": {"labels": _labels(addon)}, "spec": _pod(addon, release)},
    }


def _pod(addon: Addon, release: Release) -> Object:
    service = addon.service
    container = confined(addon.name, service.image, release.resources.get(service.size))
    container["env"] = [
        from_secret(PASSWORD, addon_name(addon.name), PASSWORD),
        {"name": "HOST", "value": addon.name},
        {"name": "PORT", "value": str(service.port)},
        # Kubernetes itself fills in what stands in $( ) and was named before.
        *({"name": name, "value": value} for name, value in service.env.items()),
    ]
    if service.args:
        container["args"] = list(service.args)
    container["ports"] = [{"containerPort": service.port, "protocol": "TCP"}]
    container["readinessProbe"] = probe(HealthCheck("readiness", period=1, timeout=2), service.port)
    container["volumeMounts"] = [{"name": _VOLUME, "mountPath": service.mount}]
    source: Object = {"persistentVolumeClaim": {"claimName": addon.name}} if service.storage else {"emptyDir": {}}
    spec = pod(release, container, service.user, volumes=[{"name": _VOLUME, **source}])
    spec["securityContext"] |= {"runAsGroup": service.user, "fsGroup": service.user}
    return spec


def _object(version: str, kind: str, addon: Addon, namespace: str, spec: Object) -> Object:
    metadata = {"name": addon.name, "namespace": namespace, "labels": _labels(addon)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _labels(addon: Addon) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": addon.name,
        "app.kubernetes.io/managed-by": "reviewbot",
        ADDON: addon.name,
    }
