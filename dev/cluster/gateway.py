"""The Gateway: Traefik on a loopback port, serving the routes of every namespace below one domain."""

import socket

from dev.cluster.layout import Credentials, Layout
from dev.cluster.processes import Program

DOMAIN = "preview.localhost"
NAMESPACE = "reviewbot-gateway"
NAME = "reviewbot"
CLASS = "traefik"


def traefik(layout: Layout, credentials: Credentials) -> Program:
    """Traefik as a Gateway implementation, outside the cluster."""
    return Program(
        "traefik",
        (
            layout.tool("traefik"),
            f"--entrypoints.web.address=127.0.0.1:{layout.ports.gateway}",
            "--providers.kubernetesgateway=true",
            "--providers.kubernetesgateway.statusaddress.ip=127.0.0.1",
            # The default of 2 s is most of the time a new route takes.
            "--providers.providersthrottleduration=100ms",
            # With every change in the cluster it makes its configuration of everything that is there. The first of
            # several is still taken up at once.
            "--providers.kubernetesgateway.throttleduration=200ms",
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            "--log.level=INFO",
            "--log.nocolor=true",
        ),
        {"KUBECONFIG": str(credentials.kubeconfigs["admin"])},
    )


def manifests(layout: Layout) -> list[dict[str, object]]:
    """The class, the namespace and the Gateway that previews attach to."""
    listener = {
        "name": "http",
        "protocol": "HTTP",
        # Traefik matches a listener to its entry point by this number.
        "port": layout.ports.gateway,
        "hostname": f"*.{DOMAIN}",
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": CLASS},
            "spec": {"controllerName": "traefik.io/gateway-controller"},
        },
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"gatewayClassName": CLASS, "listeners": [listener]},
        },
    ]


def listens(layout: Layout) -> bool:
    """Whether something accepts connections on the Gateway's port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", layout.ports.gateway)) == 0
