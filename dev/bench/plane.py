"""A control plane of the bench's own, beside the local world: nothing else disturbs it, and its pods are simulated."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dev.bot.install import SYSTEM, Accounts, install, kubectl
from dev.bot.run import free_port
from dev.cluster import Cluster, control_plane, gateway
from dev.cluster.layout import Credentials, Layout, Ports, make_credentials
from dev.cluster.paths import REPOSITORY
from dev.cluster.processes import Processes, Program
from dev.cluster.tools import ensure_kwok, ensure_tools

_SIMULATED = Path(__file__).with_name("simulated.yaml")
_BOT = f"system:serviceaccount:{SYSTEM}:"
_AUDIT = "audit.log"
# A line for each request of ours when it is answered, a watch's when it begins.
_COUNTED = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": [_BOT.removesuffix(":").replace("account:", "accounts:")]}],
}
_NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "simulated", "annotations": {"kwok.x-k8s.io/node": "fake"}},
}


@dataclass(frozen=True)
class Plane:
    """A cluster with reviewbot's manifests in it, and what runs of it."""

    cluster: Cluster
    accounts: Accounts
    folder: Path

    def asked(self) -> int:
        """How many requests of reviewbot the API server has answered so far."""
        return sum(f'"username":"{_BOT}' in line for line in (self.folder / _AUDIT).open())


@contextmanager
def plane(pods: bool = True) -> Iterator[Plane]:
    """The control plane for a block of code, ended with it; without `pods` its objects are stored, and no more."""
    tools = ensure_tools()
    with tempfile.TemporaryDirectory(prefix="reviewbot-bench-") as temporary:
        folder = Path(temporary)
        layout = Layout(folder, tools, Ports(free_port(), free_port(), free_port()))
        processes = Processes(layout.folder("logs"), tools)
        try:
            credentials = make_credentials(layout)
            cluster = _store(layout, credentials, processes, counted=pods)
            if pods:
                _simulate(layout, credentials, processes, cluster)
            yield Plane(cluster, install(cluster, folder), folder)
        finally:
            processes.stop()


def _store(layout: Layout, credentials: Credentials, processes: Processes, counted: bool) -> Cluster:
    processes.start(_mortal(control_plane.etcd(layout)))
    api_server = control_plane.api_server(layout, credentials)
    policy = layout.write("audit.json", _COUNTED)
    audit = (f"--audit-policy-file={policy}", f"--audit-log-path={layout.world / _AUDIT}") if counted else ()
    processes.start(_mortal(replace(api_server, arguments=(*api_server.arguments, *audit))))
    authority = credentials.authority.certificate
    processes.wait("kube-apiserver", lambda: control_plane.api_answers(layout.server, authority), 60)
    return Cluster(
        kubeconfig=str(credentials.kubeconfigs["admin"]),
        gateway=f"{gateway.NAMESPACE}/{gateway.NAME}",
        gateway_address=f"127.0.0.1:{layout.ports.gateway}",
        previews_url=f"http://{gateway.DOMAIN}:{layout.ports.gateway}",
        tools=str(layout.tools),
    )


def _simulate(layout: Layout, credentials: Credentials, processes: Processes, cluster: Cluster) -> None:
    kubectl(cluster, "apply", "--server-side", "-f", str(layout.tools / "gateway-api"))
    for program in (
        _patient(control_plane.controller_manager(layout, credentials)),
        control_plane.scheduler(layout, credentials),
        _kwok(credentials),
        _gateway(layout, credentials),
    ):
        processes.start(_mortal(program))
    for item in (*gateway.manifests(layout), _NODE):
        kubectl(cluster, "apply", "--server-side", "-f", "-", stdin=json.dumps(item))
    # As the Gateway's implementation would have it.
    address = {"status": {"addresses": [{"type": "IPAddress", "value": "127.0.0.1"}]}}
    where = ("gateway", gateway.NAME, "-n", gateway.NAMESPACE, "--subresource=status", "--type=merge")
    kubectl(cluster, "patch", *where, "-p", json.dumps(address))


def _patient(program: Program) -> Program:
    """The same, to which a node is well whose heart beats late: the machine is busy."""
    return replace(program, arguments=(*program.arguments, "--node-monitor-grace-period=24h"))


def _mortal(program: Program) -> Program:
    """The same, killed by the kernel if this process is."""
    return replace(program, arguments=("setpriv", "--pdeathsig", "KILL", *program.arguments))


def _kwok(credentials: Credentials) -> Program:
    return Program(
        "kwok",
        (
            str(ensure_kwok()),
            f"--kubeconfig={credentials.kubeconfigs['admin']}",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--config={_SIMULATED}",
        ),
    )


def _gateway(layout: Layout, credentials: Credentials) -> Program:
    arguments = ("-m", "dev.bench.gateway", str(credentials.kubeconfigs["admin"]), str(layout.ports.gateway))
    return Program("gateway", (sys.executable, *arguments), {"PYTHONPATH": str(REPOSITORY)})
