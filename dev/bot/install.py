"""Installs manifests/ into a cluster and hands out what the processes need: their accounts' kubeconfigs."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dev.cluster import Cluster, SetupError, servers
from reviewbot.engine.records import API_VERSION

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
SYSTEM = "reviewbot-system"
CONTROLLER, WEB = "reviewbot", "reviewbot-web"
_LIFE = "24h"
_WAIT = "60s"
# No repository's.
_ID = 2**63 - 1
_SAMPLES = [
    ("ReviewApp", f"pr-{_ID}-1", {"repositoryId": _ID, "installationId": 1, "source": {"pullRequest": {"number": 1}}}),
    ("Repository", f"repo-{_ID}", {"installationId": 1}),
]


@dataclass(frozen=True)
class Accounts:
    """Kubeconfigs of the two ServiceAccounts, and no more rights than theirs."""

    controller: Path
    web: Path


def kubectl(cluster: Cluster, *arguments: str, stdin: str | None = None) -> str:
    """Run kubectl as the cluster's administrator and return what it prints."""
    command = [str(cluster.bin("kubectl")), f"--kubeconfig={cluster.kubeconfig}", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise SetupError(f"kubectl {' '.join(arguments[:3])} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def install(cluster: Cluster, folder: Path) -> Accounts:
    """Namespaces, kinds, rights and policies from manifests/; then kubeconfigs into the folder."""
    kubectl(cluster, "apply", "--server-side", "--force-conflicts", "-k", str(MANIFESTS / "cluster"))
    _have_placement(cluster)
    _have_kinds(cluster)
    return Accounts(*(_kubeconfig(cluster, account, folder) for account in (CONTROLLER, WEB)))


def _have_kinds(cluster: Cluster) -> None:
    kubectl(cluster, "wait", "--for=condition=Established", f"--timeout={_WAIT}", "crd", "-l", _PART_OF)
    # In a kind's first two seconds the API server holds back whatever is created; better here than in a delivery.
    samples = [
        {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, "namespace": SYSTEM}, "spec": spec}
        for kind, name, spec in _SAMPLES
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": samples})
    kubectl(cluster, "create", "--dry-run=server", "-f", "-", stdin=listed)


def _have_placement(cluster: Cluster) -> None:
    # As the controller makes it with its first preview. The name of its own leaves an administrator's words alone.
    empty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "reviewbot-placement", "namespace": SYSTEM}}
    kubectl(cluster, "apply", "--server-side", "--field-manager=install", "-f", "-", stdin=json.dumps(empty))


def provide_servers(cluster: Cluster) -> None:
    """Put images of the built-in add-ons on the local cluster's node and name them in the catalogue."""
    images = {name: f"image: {cluster.server_image(name)}\n" for name in servers.ALL}
    metadata = {"name": "reviewbot-addons", "namespace": SYSTEM}
    catalogue = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": images}
    own = ("--server-side", "--field-manager=install", "--force-conflicts")
    kubectl(cluster, "apply", *own, "-f", "-", stdin=json.dumps(catalogue))


def expose(cluster: Cluster, web_port: int) -> None:
    """Let the Gateway reach web on this machine, and send it every preview host that has no route of its own."""
    for item in _catch_all(cluster, web_port):
        kubectl(cluster, "apply", "--server-side", "-f", "-", stdin=json.dumps(item))


def _catch_all(cluster: Cluster, web_port: int) -> list[dict[str, Any]]:
    host = cluster.previews_url.partition("://")[2].partition(":")[0]
    gateway_namespace, _, gateway = cluster.gateway.partition("/")
    documents = yaml.safe_load_all((MANIFESTS / "workloads" / "routes.yaml").read_text())
    route = next(each for each in documents if each["metadata"]["name"] == "reviewbot-catch-all")
    route["spec"]["hostnames"] = [f"*.{host}"]
    route["spec"]["parentRefs"] = [{"namespace": gateway_namespace, "name": gateway}]
    metadata = {"name": WEB, "namespace": SYSTEM}
    service = {"ports": [{"name": "http", "port": 80, "targetPort": web_port, "protocol": "TCP"}]}
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**metadata, "labels": {"kubernetes.io/service-name": WEB}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [cluster.bridge_address], "conditions": {"ready": True}}],
        "ports": [{"name": "http", "port": web_port, "protocol": "TCP"}],
    }
    return [{"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}, endpoints, route]


def _kubeconfig(cluster: Cluster, account: str, folder: Path) -> Path:
    token = kubectl(cluster, "create", "token", account, "-n", SYSTEM, f"--duration={_LIFE}").strip()
    admin = json.loads(kubectl(cluster, "config", "view", "--raw", "--minify", "--flatten", "-o", "json"))
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "world", "cluster": admin["clusters"][0]["cluster"]}],
        "users": [{"name": account, "user": {"token": token}}],
        "contexts": [{"name": "world", "context": {"cluster": "world", "user": account}}],
        "current-context": "world",
    }
    path = folder / f"{account}.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path


_PART_OF = "app.kubernetes.io/part-of=reviewbot"
