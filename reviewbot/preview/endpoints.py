"""What can answer, as EndpointSlices tell it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]


def can_answer(endpoint_slice: Object) -> bool:
    """Whether any endpoint of an EndpointSlice is ready."""
    endpoints = endpoint_slice.get("endpoints") or ()
    return any((endpoint.get("conditions") or {}).get("ready") is True for endpoint in endpoints)


def has_endpoint(service: str, slices: Iterable[Object]) -> bool:
    """Whether anything is ready behind the Service of that name."""
    return any(can_answer(each) for each in slices if _service(each) == service)


def _service(endpoint_slice: Object) -> str | None:
    labels: Mapping[str, str] = endpoint_slice["metadata"].get("labels") or {}
    return labels.get("kubernetes.io/service-name")
