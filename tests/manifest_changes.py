"""Manifests that nobody would think of: good ones with something changed anywhere in them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.manifest_objects import Object, everything

_GONE = object()
_VALUES = [
    _GONE,
    None,
    True,
    False,
    0,
    1,
    -1,
    31,
    2**70,
    1.5,
    "",
    "x",
    "web",
    "default",
    "reviewbot-pull",
    "reviewbot-config",
    "Unconfined",
    "10.0.0.1",
    [],
    ["ALL"],
    [None],
    {},
    {"name": "x"},
    [{"name": "x"}],
    {"type": "LoadBalancer"},
    {"host": "10.0.0.1", "port": 80},
    {"hostPath": {"path": "/"}},
    {"limits": {"nvidia.com/gpu": 1}},
]
# What may be added where it is not: fields that matter, at places where they may mean something.
_NAMES = [
    "affinity",
    "dataSource",
    "hostNetwork",
    "hostPath",
    "hostPort",
    "host",
    "nodeName",
    "serviceAccount",
    "privileged",
    "procMount",
    "allowPrivilegeEscalation",
    "runAsNonRoot",
    "secret",
    "externalIPs",
    "type",
    "namespace",
    "ephemeralContainers",
    "tolerations",
    "seccompProfile",
    "seLinuxOptions",
    "windowsOptions",
    "tcpSocket",
    "serviceAccountToken",
    "resources",
    "resourceClaims",
    "nvidia.com/gpu",
    "hugepages-2Mi",
]


@st.composite
def changed_sets(draw: st.DrawFn) -> list[Object]:
    """One object, with one or two changes."""
    items = [deepcopy(draw(st.sampled_from(everything())))]
    for _ in range(draw(st.integers(1, 2))):
        _change(draw, items[0])
    return items


def _change(draw: st.DrawFn, item: Object) -> None:
    parent, key = draw(st.sampled_from(list(_places(item))))
    value = draw(st.sampled_from(_VALUES))
    if isinstance(parent, dict) and draw(st.booleans()):
        key = draw(st.sampled_from(_NAMES))
    if value is not _GONE:
        parent[key] = deepcopy(value)
    elif isinstance(parent, list) or key in parent:
        del parent[key]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everything in a value, as what it stands in and under which key."""
    if not isinstance(value, dict | list):
        return
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        yield from _places(value[key])
