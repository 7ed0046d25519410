"""Servers that a preview gets beside its processes, such as a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewbot.model.placement import DEFAULT_SIZE


@dataclass(frozen=True)
class Service:
    """One entry of the catalogue: what runs for an add-on of that name.

    `env`, `args` and `url` may hold `$(PASSWORD)`, `$(HOST)` and `$(PORT)`. The data stands below `mount` on a volume
    of the size `storage`, in Kubernetes' quantities; without `storage` it goes with the pod. `user` is whom it runs as.
    `variable` is the config var that its address goes to.
    """

    name: str
    image: str
    port: int
    url: str
    variable: str
    user: int
    env: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    storage: str | None = None
    mount: str = "/data"
    size: str = DEFAULT_SIZE
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Addon:
    """One add-on of one preview: `name` is its host there, `variable` the config var with its address."""

    name: str
    variable: str
    service: Service
