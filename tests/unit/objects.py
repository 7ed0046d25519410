"""Kubernetes objects as an API server answers them, just as large as their readers need."""

from collections.abc import Mapping
from typing import Any

from reviewbot.render.walls import managed_namespace
from tests.unit.builders import HEAD, REF

Object = dict[str, Any]

RELEASE = "aaaaaaa-0123456789"
OLD_RELEASE = "bbbbbbb-0123456789"
CREATED = "2026-05-04T11:59:30Z"
IMAGE = "registry.example.com/shop:aaaaaaa"


def a_namespace(**metadata: Any) -> Object:
    item = managed_namespace(REF)
    return item | {"metadata": item["metadata"] | {"uid": "namespace-uid"} | metadata}


def labels(release: str = RELEASE, process: str = "web") -> dict[str, str]:
    return {"reviewbot.dev/release": release, "reviewbot.dev/process": process}


def a_deployment(release: str = RELEASE, process: str = "web", **more: Any) -> Object:
    conditions = more.pop("conditions", [])
    metadata = {
        "name": f"{process}-{release}",
        "labels": labels(release, process),
        "annotations": {"reviewbot.dev/sha": HEAD},
        "creationTimestamp": CREATED,
    }
    return {"metadata": metadata | more, "status": {"conditions": conditions}}


def a_service(release: str = RELEASE) -> Object:
    return {"metadata": {"name": f"web-{release}", "labels": labels(release)}}


def a_slice(*ready: bool | None, release: str = RELEASE) -> Object:
    endpoints = [{"addresses": ["10.1.0.7"], "conditions": {} if each is None else {"ready": each}} for each in ready]
    metadata = {"name": f"web-{release}-x", "labels": {"kubernetes.io/service-name": f"web-{release}"}}
    return {"metadata": metadata, "endpoints": endpoints or None}


def a_pod(release: str = RELEASE, process: str = "web", **status: Any) -> Object:
    metadata = {"name": f"{process}-{release}-x", "uid": "pod-uid", "labels": labels(release, process)}
    metadata |= status.pop("metadata", {})
    return {"metadata": metadata, "spec": {"containers": [status.pop("spec", {"name": process})]}, "status": status}


def a_container(name: str = "web", restarts: int = 0, **more: Any) -> Object:
    return {"name": name, "image": IMAGE, "imageID": "", "restartCount": restarts, "state": {}} | more


def waiting(reason: str, message: str = "", **more: Any) -> Object:
    return a_container(state={"waiting": {"reason": reason, "message": message}}, **more)


def ended(reason: str = "Error", code: int = 1, **more: Any) -> Object:
    return {"terminated": {"reason": reason, "exitCode": code} | more}


def a_route(release: str | None = RELEASE, name: str = "preview") -> Object:
    return {"metadata": {"name": name, "labels": labels(release) if release else None}}


def objects(**kinds: list[Object]) -> Mapping[str, list[Object]]:
    """A release of one web process that is ready and has the route, with changes."""
    return {
        "Deployment": [a_deployment()],
        "Service": [a_service()],
        "EndpointSlice": [a_slice(True)],
        "Pod": [a_pod(containerStatuses=[a_container(imageID="shop@sha256:1")])],
        "HTTPRoute": [a_route()],
    } | kinds
