"""How an add-on fares, read from its volume, its server, its Service and its pod. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.model import AddonState, Trouble
from reviewbot.preview.trouble import find_refusal, find_trouble
from reviewbot.render.names import ADDON, DEFINITION

Object = Mapping[str, Any]
_KINDS = ("PersistentVolumeClaim", "StatefulSet", "Service")


def read_addons(objects: Mapping[str, Iterable[Object]]) -> tuple[AddonState, ...]:
    """Every add-on of which something is there, by name."""
    found: dict[str, dict[str, Object]] = {}
    for kind in _KINDS:
        for each in objects.get(kind, ()):
            name = _label(each, ADDON)
            if name:
                found.setdefault(name, {})[kind] = each
    pods, events = list(objects.get("Pod", ())), list(objects.get("Event", ()))
    mine = {name: [pod for pod in pods if _label(pod, ADDON) == name] for name in found}
    return tuple(_addon(name, parts, mine[name], events) for name, parts in sorted(found.items()))


def _addon(name: str, parts: Mapping[str, Object], mine: list[Object], events: Iterable[Object]) -> AddonState:
    server = parts.get("StatefulSet")
    # A claim that was deleted stays for as long as its server does.
    going = [server] if server else [*parts.values(), *mine]
    leaving = any(map(_goes, going))
    whole = server is not None and "Service" in parts and ("PersistentVolumeClaim" in parts or not _keeps(server))
    return AddonState(
        name=name,
        definition=_label(server, DEFINITION) if server else "",
        whole=whole and not leaving,
        ready=server is not None and _is_ready(server),
        leaving=leaving,
        undeleted=not all(map(_goes, parts.values())),
        trouble=_trouble(server, mine, events) if server else None,
    )


def _goes(each: Object) -> bool:
    return bool(each["metadata"].get("deletionTimestamp"))


def _trouble(server: Object, pods: list[Object], events: Iterable[Object]) -> Trouble | None:
    if not pods:
        return find_refusal(server, events)
    return find_trouble((), [pod for pod in pods if _is_current(pod, server)])


def _keeps(server: Object) -> bool:
    volumes = server["spec"]["template"]["spec"].get("volumes") or ()
    return any("persistentVolumeClaim" in volume for volume in volumes)


def _is_current(pod: Object, server: Object) -> bool:
    # What keeps the pod of an older definition from running may be mended in this one.
    revision = (server.get("status") or {}).get("updateRevision")
    return _is_observed(server) and _label(pod, "controller-revision-hash") == revision


def _is_observed(server: Object) -> bool:
    return bool((server.get("status") or {}).get("observedGeneration", 0) >= server["metadata"].get("generation", 0))


def _is_ready(server: Object) -> bool:
    status = server.get("status") or {}
    updated = status.get("currentRevision") == status.get("updateRevision")
    return _is_observed(server) and updated and status.get("readyReplicas", 0) >= 1


def _label(each: Object, name: str) -> str:
    return str((each["metadata"].get("labels") or {}).get(name, ""))
