"""What a repository brings along of Kubernetes itself, made fit for a preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewbot.model.folder import Folder


@dataclass(frozen=True)
class Served:
    """A Service, its port, and the port of its pods, which may be a name."""

    service: str
    port: int
    target: int | str


@dataclass(frozen=True)
class Kustomization:
    """A folder of which a repository's own objects have yet to be rendered, and the image that does that."""

    folder: Folder
    image: str


@dataclass(frozen=True)
class OwnObjects:
    """A repository's own objects, in the order to apply them in, and what of them gets the address."""

    objects: tuple[Mapping[str, Any], ...]
    served: Served

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """Kind and name of each."""
        return frozenset((each["kind"], each["metadata"]["name"]) for each in self.objects)
