"""Where previews run and how much each process gets: what an administrator decides for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_SIZE = "default"


@dataclass(frozen=True)
class Toleration:
    """A taint of nodes that previews may run on all the same; without a value, whatever its value."""

    key: str
    value: str | None
    effect: str


@dataclass(frozen=True)
class Nodes:
    """Which nodes take previews, and which of their runtimes."""

    selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    runtime_class: str | None = None


@dataclass(frozen=True)
class Resources:
    """What a container asks for and may use, in Kubernetes' quantities; the namespace's limits say the rest."""

    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placement:
    """The nodes for all previews, and the sizes by which an `app.json` may choose."""

    nodes: Nodes
    sizes: Mapping[str, Resources]
