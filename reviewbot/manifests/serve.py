"""Which Service gets the preview's address, and which of its ports."""

import re
from collections.abc import Iterable, Sequence

from reviewbot.errors import GiveUp
from reviewbot.manifests.confine import Into, confined
from reviewbot.manifests.objects import Manifest, Object
from reviewbot.model import OwnObjects, Served
from reviewbot.render.names import SERVED
from reviewbot.spec.problems import listed, shown

_HOW = "`serve` in .github/reviewbot.yml"


# A port's number, or a name as Kubernetes has it.
_TARGET = re.compile(r"[1-9][0-9]{0,4}|(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_PORT_NAME = 15


def own_objects(manifests: Iterable[Manifest], into: Into, serve: str | None) -> OwnObjects:
    """The objects as they are applied, and what of them is served. Raises SpecError, and GiveUp as `served` does."""
    objects = confined(manifests, into)
    found = served(objects, serve)
    return OwnObjects(tuple(_marked(each, found) for each in objects), found)


def _marked(item: Object, found: Served) -> Object:
    if (item["kind"], item["metadata"]["name"]) != ("Service", found.service):
        return item
    labels = {**item["metadata"]["labels"], SERVED: str(found.port)}
    return {**item, "metadata": {**item["metadata"], "labels": labels}}


def served(objects: Sequence[Object], serve: str | None) -> Served:
    """What `serve` names, `service` or `service:port`; without it, or without a port, the only one there is.

    Raises GiveUp with a sentence that says which there are.
    """
    name, _, port = (serve or "").partition(":")
    service = _service([each for each in objects if each["kind"] == "Service"], name)
    return _port(service, port)


def _service(services: list[Object], name: str) -> Object:
    names = [each["metadata"]["name"] for each in services]
    if not services:
        raise GiveUp("The manifests have no Service, so there is nothing to give the address to.")
    if name and name not in names:
        raise GiveUp(f"{_HOW} names the Service {shown(name)}; the manifests have {listed(names)}.")
    if not name and len(services) > 1:
        raise GiveUp(f"Say with {_HOW} which Service gets the address; the manifests have {listed(names)}.")
    return services[names.index(name) if name else 0]


def _port(service: Object, wanted: str) -> Served:
    name = service["metadata"]["name"]
    ports = [each for each in service.get("spec", {}).get("ports", []) if each.get("protocol", "TCP") == "TCP"]
    found = [each for each in ports if not wanted or wanted in (str(each["port"]), each.get("name"))]
    if len(found) == 1:
        return Served(name, found[0]["port"], _target(name, found[0]))
    have = listed(_told(each) for each in ports) or "none"
    if wanted:
        raise GiveUp(f"{_HOW} names the port {shown(wanted)} of the Service {name}, which has {have}.")
    raise GiveUp(f"Say with {_HOW} which port of the Service {name} gets the address, as {name}:port; it has {have}.")


def _target(service: str, port: Object) -> int | str:
    target: int | str = port["targetPort"] if "targetPort" in port else port["port"]
    if len(str(target)) <= _MAX_PORT_NAME and _TARGET.fullmatch(str(target)):
        return target
    raise GiveUp(
        f"The Service {service} has a targetPort that is neither a port nor the name of one: {shown(str(target))}."
    )


def _told(port: Object) -> str:
    return f"{port['port']} ({port['name']})" if port.get("name") else str(port["port"])
