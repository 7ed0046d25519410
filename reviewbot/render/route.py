"""The one object that makes a release live: backend and headers change together, in one update."""

from typing import Any

from reviewbot.model import ReleaseState
from reviewbot.render.names import RELEASE, RELEASE_HEADER, ROUTE, SHA_HEADER
from reviewbot.render.workload import process_name


def route(namespace: str, host: str, release: ReleaseState, gateway: str) -> dict[str, Any]:
    """The preview's exact-host HTTPRoute to `release`; `gateway` is namespace/name."""
    gateway_namespace, _, gateway_name = gateway.partition("/")
    headers = {RELEASE_HEADER: release.id, SHA_HEADER: release.sha, "X-Robots-Tag": "noindex, nofollow"}
    header_filter = {
        "type": "ResponseHeaderModifier",
        "responseHeaderModifier": {"set": [{"name": name, "value": value} for name, value in headers.items()]},
    }
    own = release.served
    backend = {"name": own.service, "port": own.port} if own else {"name": process_name("web", release.id), "port": 80}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": ROUTE, "namespace": namespace, "labels": {RELEASE: release.id}},
        "spec": {
            "parentRefs": [{"namespace": gateway_namespace, "name": gateway_name}],
            "hostnames": [host],
            "rules": [{"filters": [header_filter], "backendRefs": [backend]}],
        },
    }
