"""The command lines of the control plane: etcd, API server, controller manager, scheduler."""

import ssl
import urllib.error
import urllib.request
from pathlib import Path

from dev.cluster.layout import Credentials, Layout
from dev.cluster.machine import SERVICE_RANGE
from dev.cluster.processes import Program

# The defaults (20 a second) hold back a burst of previews.
CLIENT_LIMITS = ("--kube-api-qps=500", "--kube-api-burst=1000")


def etcd(layout: Layout) -> Program:
    """The store: gone with the cluster, so it need not survive a power cut."""
    client = f"http://127.0.0.1:{layout.ports.etcd}"
    # Nobody joins; port 0 keeps the peer listener off any fixed port.
    peer = "http://127.0.0.1:0"
    return Program(
        "etcd",
        (
            layout.tool("etcd"),
            f"--data-dir={layout.folder('etcd')}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
    )


def api_server(layout: Layout, credentials: Credentials) -> Program:
    """The API server, on loopback only."""
    accounts = credentials.service_accounts
    return Program(
        "kube-apiserver",
        (
            layout.tool("kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{layout.ports.etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={layout.ports.api}",
            f"--tls-cert-file={credentials.server.certificate}",
            f"--tls-private-key-file={credentials.server.key}",
            f"--client-ca-file={credentials.authority.certificate}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={accounts.key}",
            f"--service-account-signing-key-file={accounts.key}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged",
            # 127.0.0.1 may not be an endpoint, and no pod calls the API server.
            "--endpoint-reconciler-type=none",
            f"--kubelet-client-certificate={credentials.kubelet_client.certificate}",
            f"--kubelet-client-key={credentials.kubelet_client.key}",
            f"--kubelet-certificate-authority={credentials.authority.certificate}",
            "--kubelet-preferred-address-types=InternalIP",
        ),
    )


def controller_manager(layout: Layout, credentials: Credentials) -> Program:
    """The controllers, quick enough to delete many namespaces at once."""
    return Program(
        "kube-controller-manager",
        (
            layout.tool("kube-controller-manager"),
            f"--kubeconfig={credentials.kubeconfigs['kube-controller-manager']}",
            "--bind-address=127.0.0.1",
            # A fixed port could be taken; nobody asks it anything.
            "--secure-port=0",
            "--use-service-account-credentials",
            "--leader-elect=false",
            f"--service-account-private-key-file={credentials.service_accounts.key}",
            f"--root-ca-file={credentials.authority.certificate}",
            # Endpoints, which nobody reads beside EndpointSlices.
            "--controllers=*,-endpoints-controller,-endpointslice-mirroring-controller",
            "--concurrent-namespace-syncs=50",
            "--concurrent-deployment-syncs=20",
            "--concurrent-replicaset-syncs=20",
            "--concurrent-gc-syncs=40",
            *CLIENT_LIMITS,
        ),
    )


def scheduler(layout: Layout, credentials: Credentials) -> Program:
    """The scheduler."""
    return Program(
        "kube-scheduler",
        (
            layout.tool("kube-scheduler"),
            f"--kubeconfig={credentials.kubeconfigs['kube-scheduler']}",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--leader-elect=false",
            *CLIENT_LIMITS,
        ),
    )


def api_answers(server: str, authority: Path) -> bool:
    """Whether the API server calls itself ready."""
    context = ssl.create_default_context(cafile=str(authority))
    try:
        with urllib.request.urlopen(f"{server}/readyz", timeout=2, context=context) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
