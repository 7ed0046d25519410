"""Cluster DNS: CoreDNS on the bridge, which pods find behind the Service that clusters have for it."""

import socket

from dev.cluster.layout import Credentials, Layout
from dev.cluster.machine import BRIDGE_ADDRESS
from dev.cluster.node import DNS_ADDRESS, DNS_DOMAIN
from dev.cluster.processes import Program

SERVICE = "kube-dns"
# Not 53: a machine's own resolver may listen there on every address.
PORT = 10053


def coredns(layout: Layout, credentials: Credentials) -> Program:
    """CoreDNS, answering for the cluster's names and no others."""
    zones = f"{DNS_DOMAIN} in-addr.arpa ip6.arpa"
    path = layout.folder("config") / "Corefile"
    path.write_text(f"""{zones} {{
    bind {BRIDGE_ADDRESS}
    errors
    kubernetes {zones} {{
        kubeconfig {credentials.kubeconfigs["admin"]}
    }}
}}
""")
    return Program("coredns", (layout.tool("coredns"), f"-conf={path}", f"-dns.port={PORT}"))


def manifests() -> list[dict[str, object]]:
    """The Service at the address that pods ask, and where it leads."""
    metadata: dict[str, object] = {"name": SERVICE, "namespace": "kube-system"}
    protocols = {"dns": "UDP", "dns-tcp": "TCP"}
    ports = [{"name": name, "port": 53, "protocol": protocol} for name, protocol in protocols.items()]
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"clusterIP": DNS_ADDRESS, "ports": ports},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata | {"labels": {"kubernetes.io/service-name": SERVICE}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [BRIDGE_ADDRESS], "conditions": {"ready": True}}],
            "ports": [port | {"port": PORT} for port in ports],
        },
    ]


def listens() -> bool:
    """Whether something accepts connections where CoreDNS should."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((BRIDGE_ADDRESS, PORT)) == 0
