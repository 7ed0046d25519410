"""The folders, ports and credentials of one cluster: decided once, then only read."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from dev.cluster import machine
from dev.cluster.pki import Authority, Pair

NODE = "local"
API_PORT = 16443
GATEWAY_PORT = 18080
ETCD_PORT = 12379


@dataclass(frozen=True)
class Ports:
    """Loopback ports; the usual ones unless they are taken."""

    etcd: int
    api: int
    gateway: int


@dataclass(frozen=True)
class Layout:
    """Where everything of one cluster is found."""

    world: Path
    tools: Path
    ports: Ports

    @property
    def server(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.ports.api}"

    @property
    def containerd_socket(self) -> Path:
        """Where images are handed to the node, also from outside its mount namespace."""
        return self.world / "containerd.sock"

    def folder(self, name: str) -> Path:
        """A folder of the world, made if missing."""
        path = self.world / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def tool(self, name: str) -> str:
        """The path of a binary, as an argument."""
        return str(self.tools / name)

    def write(self, name: str, content: object) -> str:
        """Write a JSON configuration file (every reader here takes JSON for YAML)."""
        path = self.folder("config") / name
        path.write_text(json.dumps(content, indent=2))
        return str(path)


@dataclass(frozen=True)
class Credentials:
    """Certificates and kubeconfigs of the cluster's parts."""

    authority: Pair
    server: Pair
    kubelet_client: Pair
    kubelet: Pair
    service_accounts: Pair
    kubeconfigs: dict[str, Path]


def make_credentials(layout: Layout) -> Credentials:
    """Sign everything afresh: nothing of an earlier cluster stays valid."""
    pki = Authority(layout.world / "pki")
    clients = {
        "admin": pki.sign("reviewbot-admin", "system:masters"),
        "kube-controller-manager": pki.sign("system:kube-controller-manager"),
        "kube-scheduler": pki.sign("system:kube-scheduler"),
        "kube-proxy": pki.sign("system:kube-proxy"),
        "kubelet": pki.sign(f"system:node:{NODE}", "system:nodes", (NODE, machine.BRIDGE_ADDRESS)),
    }
    configs = layout.folder("config")
    return Credentials(
        authority=pki.pair,
        server=pki.sign("kube-apiserver", hosts=("localhost", "kubernetes.default.svc", "127.0.0.1", "10.96.0.1")),
        kubelet_client=pki.sign("kube-apiserver-kubelet-client", "system:masters"),
        kubelet=clients["kubelet"],
        service_accounts=pki.sign("service-accounts"),
        kubeconfigs={
            name: pki.kubeconfig(configs / f"{name}.kubeconfig", layout.server, client)
            for name, client in clients.items()
        },
    )


def choose_ports() -> Ports:
    """Take the usual ports where they are free, else any free ones."""
    return Ports(etcd=free_port(ETCD_PORT), api=free_port(API_PORT), gateway=free_port(GATEWAY_PORT))


def free_port(preferred: int) -> int:
    """The preferred port of loopback, or another one if that is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            # The programs set it too, so a port in TIME_WAIT is no obstacle to them.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")


def kept_environment() -> dict[str, str]:
    """What a program that pulls images must know of the machine's network."""
    names = (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
    )
    return {name: os.environ[name] for name in names if name in os.environ}
