"""Which Service gets the preview's address, and which of its ports."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewbot.errors import GiveUp
from reviewbot.manifests.objects import Object
from reviewbot.spec.problems import listed, shown

_HOW = "`serve` in .github/reviewbot.yml"


@dataclass(frozen=True)
class Served:
    """A Service, its port, and the port of its pods, which may be a name."""

    service: str
    port: int
    target: int | str


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
        return Served(name, found[0]["port"], found[0].get("targetPort", found[0]["port"]))
    have = listed(_told(each) for each in ports) or "none"
    if wanted:
        raise GiveUp(f"{_HOW} names the port {shown(wanted)} of the Service {name}, which has {have}.")
    raise GiveUp(f"Say with {_HOW} which port of the Service {name} gets the address, as {name}:port; it has {have}.")


def _told(port: Object) -> str:
    return f"{port['port']} ({port['name']})" if port.get("name") else str(port["port"])
