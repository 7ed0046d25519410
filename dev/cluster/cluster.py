"""A cluster as its users see it: ours, read from its record, or one they bring, read from the environment."""

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from dev.cluster import images, servers
from dev.cluster.archive import Blob, Image
from dev.cluster.errors import SetupError

NEEDED = ("REVIEWBOT_GATEWAY", "REVIEWBOT_GATEWAY_ADDRESS", "REVIEWBOT_PREVIEWS_URL")


@dataclass(frozen=True)
class Cluster:
    """Where a running cluster and its Gateway are found."""

    kubeconfig: str
    # namespace/name of the Gateway that previews attach to
    gateway: str
    # host:port where that Gateway listens
    gateway_address: str
    # scheme, domain and port below which previews get their hosts
    previews_url: str
    # where pods and the Gateway reach programs on this machine; empty if unknown
    bridge_address: str = ""
    # an image that any cluster can pull, where we cannot import our own
    image: str = ""
    # set for the local cluster only
    tools: str = ""
    containerd_socket: str = ""

    def bin(self, name: str) -> Path:
        """The path of one of the cluster's binaries, such as kubectl."""
        path = Path(self.tools) / name if self.tools else Path(shutil.which(name) or "")
        if not path.is_file():
            raise SetupError(f"The program {name} is missing: install it.")
        return path

    def import_image(self, image: Image) -> str:
        """Put an image on the node and return its name."""
        self._import(image)
        return image.name

    def sample_image(self, version: str, user: str = Image.user, files: Mapping[str, bytes] = {}) -> str:
        """Put the sample app of one version, with its files, on the node and return its image's name."""
        if not self.tools:
            if not self.image:
                raise SetupError("Set REVIEWBOT_IMAGE to an image of the sample app that your cluster can pull.")
            return self.image
        base, image = images.sample_base(), images.sample(version, user, files)
        if not self._has(base.name):
            self._import(base)
        self._import(image, present=base.layers)
        return image.name

    def server_image(self, name: str) -> str:
        """Put the image of a server, `postgresql` or `redis`, on the node unless it is there, and return its name."""
        server = servers.ALL[name]
        if not self._has(server.image):
            self._import(servers.image(server))
        return server.image

    def kustomize_image(self) -> str:
        """Put the image that renders a kustomization on the node unless it is there, and return its name."""
        if not self._has(images.KUSTOMIZE):
            self._import(images.kustomize(self.bin("kubectl")))
        return images.KUSTOMIZE

    def _import(self, image: Image, present: Collection[Blob] = ()) -> None:
        self._require_local()
        images.deliver(Path(self.tools), Path(self.containerd_socket), image, present)

    def _has(self, image: str) -> bool:
        self._require_local()
        return images.delivered(Path(self.tools), Path(self.containerd_socket), image)

    def _require_local(self) -> None:
        if not self.tools:
            raise SetupError("Images can only be imported into the local cluster: unset REVIEWBOT_KUBECONFIG.")


def from_environment(environment: Mapping[str, str] = os.environ) -> Cluster | None:
    """The cluster that the user brings, if any."""
    kubeconfig = environment.get("REVIEWBOT_KUBECONFIG")
    if not kubeconfig:
        return None
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise SetupError(f"REVIEWBOT_KUBECONFIG is set, so set {', '.join(missing)} too.")
    return Cluster(
        kubeconfig=kubeconfig,
        gateway=environment["REVIEWBOT_GATEWAY"],
        gateway_address=environment["REVIEWBOT_GATEWAY_ADDRESS"],
        previews_url=environment["REVIEWBOT_PREVIEWS_URL"],
        bridge_address=environment.get("REVIEWBOT_BRIDGE_ADDRESS", ""),
        image=environment.get("REVIEWBOT_IMAGE", ""),
    )


def save(world: Path, cluster: Cluster) -> None:
    """Record a cluster that is ready, at once or not at all."""
    partial = world / "cluster.json.partial"
    partial.write_text(json.dumps(asdict(cluster), indent=2))
    partial.rename(world / "cluster.json")


def load(world: Path) -> Cluster | None:
    """The cluster recorded in a world's folder, if one was ever ready."""
    try:
        return Cluster(**json.loads((world / "cluster.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
