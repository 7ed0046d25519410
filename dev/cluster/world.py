"""The first process of the cluster's own process and mount namespaces: starts everything, then watches.

It ends when its standard input does. The kernel ends all other processes, mounts and pod networks with it, so
there is no stopping order and nothing to miss.
"""

import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dev.cluster import control_plane, dns, gateway, images, node, storage
from dev.cluster.cluster import Cluster, save
from dev.cluster.errors import SetupError
from dev.cluster.layout import NODE, Credentials, Layout, choose_ports, make_credentials
from dev.cluster.machine import BRIDGE_ADDRESS
from dev.cluster.paths import SHADOWED
from dev.cluster.processes import Processes


def main() -> None:
    """Bring the cluster up and hold it until told to stop."""
    world, tools = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        _hold(world, tools)
    except SetupError as error:
        (world / "error").write_text(str(error))
        raise SystemExit(1) from None


def _hold(world: Path, tools: Path) -> None:
    _shadow(world)
    layout = Layout(world, tools, choose_ports())
    processes = Processes(layout.folder("logs"), tools)
    _Start(layout, processes).run()
    while not select.select([sys.stdin], [], [], 0.5)[0]:
        processes.reap()


def _shadow(world: Path) -> None:
    scratch = world / "scratch"
    scratch.mkdir()
    _mount("-t", "tmpfs", "tmpfs", str(scratch))
    for number, folder in enumerate(SHADOWED):
        upper, work = scratch / f"upper{number}", scratch / f"work{number}"
        upper.mkdir(mode=0o755)
        work.mkdir()
        options = f"lowerdir={folder},upperdir={upper},workdir={work}"
        _mount("-t", "overlay", "overlay", "-o", options, folder)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"The local cluster must be able to mount file systems: {done.stderr.strip()}")


class _Start:
    """One start of everything, in the order of need."""

    def __init__(self, layout: Layout, processes: Processes) -> None:
        self._layout = layout
        self._processes = processes
        self._credentials = make_credentials(layout)
        self._admin = _Admin(layout, self._credentials)
        self._began = time.monotonic()

    def run(self) -> None:
        self._control_plane()
        self._say("control plane ready")
        self._node()
        self._gateway()
        self._await_node()
        self._say("node ready")
        self._await_gateway()
        self._say("gateway ready")
        save(self._layout.world, _describe(self._layout, self._credentials))

    def _say(self, what: str) -> None:
        print(f"{what} ({time.monotonic() - self._began:.1f} s)", flush=True)

    def _control_plane(self) -> None:
        layout, processes = self._layout, self._processes
        processes.start(control_plane.etcd(layout))
        processes.start(node.containerd(layout))
        processes.start(control_plane.api_server(layout, self._credentials))
        processes.wait("containerd", lambda: node.containerd_answers(layout), 30)
        images.deliver(layout.tools, layout.containerd_socket, images.pause())
        authority = self._credentials.authority.certificate
        processes.wait("kube-apiserver", lambda: control_plane.api_answers(layout.server, authority), 60)

    def _node(self) -> None:
        programs = (control_plane.controller_manager, control_plane.scheduler, node.kubelet, node.kube_proxy)
        for make in (*programs, dns.coredns, storage.provisioner):
            self._processes.start(make(self._layout, self._credentials))

    def _gateway(self) -> None:
        self._admin.apply(str(self._layout.tools / "gateway-api"))
        self._processes.start(gateway.traefik(self._layout, self._credentials))
        manifests = [*gateway.manifests(self._layout), *dns.manifests(), *storage.manifests()]
        self._admin.apply(self._layout.write("manifests.json", _list(manifests)))

    def _await_node(self) -> None:
        # Without it the first pod of a fast user would be refused.
        account = self._admin.sees("serviceaccount/default", "{.metadata.name}", "default")
        self._processes.wait("kube-controller-manager", account, 30)
        ready = "{.status.conditions[?(@.type=='Ready')].status}"
        self._processes.wait("kubelet", self._admin.sees(f"node/{NODE}", ready, "True"), 60)
        self._processes.wait("coredns", dns.listens, 10)

    def _await_gateway(self) -> None:
        programmed = "{.status.conditions[?(@.type=='Programmed')].status}"
        seen = self._admin.sees(f"gateway/{gateway.NAME}", programmed, "True", gateway.NAMESPACE)
        self._processes.wait("traefik", seen, 60)
        self._processes.wait("traefik", lambda: gateway.listens(self._layout), 10)


class _Admin:
    """kubectl with the administrator's credentials."""

    def __init__(self, layout: Layout, credentials: Credentials) -> None:
        self._command = [layout.tool("kubectl"), f"--kubeconfig={credentials.kubeconfigs['admin']}"]

    def apply(self, path: str) -> None:
        command = [*self._command, "apply", "--server-side", "-f", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SetupError(f"kubectl could not apply {path}: {done.stderr.strip()}")

    def sees(self, resource: str, field: str, value: str, namespace: str = "default") -> Callable[[], bool]:
        command = [*self._command, "get", "-n", namespace, resource, "-o", f"jsonpath={field}"]

        def check() -> bool:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.stdout == value

        return check


def _list(items: list[dict[str, object]]) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _describe(layout: Layout, credentials: Credentials) -> Cluster:
    return Cluster(
        kubeconfig=str(credentials.kubeconfigs["admin"]),
        gateway=f"{gateway.NAMESPACE}/{gateway.NAME}",
        gateway_address=f"127.0.0.1:{layout.ports.gateway}",
        previews_url=f"http://{gateway.DOMAIN}:{layout.ports.gateway}",
        bridge_address=BRIDGE_ADDRESS,
        tools=str(layout.tools),
        containerd_socket=str(layout.containerd_socket),
    )


if __name__ == "__main__":
    main()
