"""What a text of reviewbot claims of the cluster, and whether that is so."""

import re
from collections.abc import Iterator

from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import ROUTE, SHA_HEADER

_SERVES = re.compile(r"`?\b([0-9a-f]{7})`? is running\.|still serving `([0-9a-f]{7})`")
_NOTHING_LEFT = "nothing of its preview is left"


def untrue(text: str, admin: gateway.Cluster, namespace: str) -> Iterator[str]:
    """Every claim of the text that is not so, as a sentence."""
    for found in _SERVES.finditer(text):
        claimed, serves = found[1] or found[2], routed(admin, namespace)
        if not (serves or "").startswith(claimed):
            yield f"says “{found[0]}” while {serves or 'nothing'} serves"
    if _NOTHING_LEFT in text and admin.get("Namespace", namespace) is not None:
        yield "says that nothing is left while the namespace is there"


def routed(admin: gateway.Cluster, namespace: str) -> str | None:
    """The commit that the address of a preview leads to."""
    route = admin.get("HTTPRoute", ROUTE, namespace)
    return sha_of(route) if route else None


def sha_of(route: gateway.Object) -> str:
    """The commit that a route leads to."""
    (only,) = route["spec"]["rules"][0]["filters"]
    headers: dict[str, str] = {each["name"]: each["value"] for each in only["responseHeaderModifier"]["set"]}
    return headers[SHA_HEADER]
