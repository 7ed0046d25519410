"""The one real node: containerd with bridge networking, kubelet, kube-proxy."""

import socket
from pathlib import Path

from dev.cluster.layout import NODE, Credentials, Layout, kept_environment
from dev.cluster.machine import BRIDGE, BRIDGE_ADDRESS, CGROUP, POD_RANGE
from dev.cluster.processes import Program

PAUSE_IMAGE = "localhost/reviewbot/pause:1"
DNS_ADDRESS = "10.96.0.10"
DNS_DOMAIN = "cluster.local"


def containerd(layout: Layout) -> Program:
    """The container runtime, with all it keeps inside the world."""
    return Program(
        "containerd",
        (layout.tool("containerd"), f"--config={_containerd_config(layout)}"),
        kept_environment(),
    )


def _containerd_config(layout: Layout) -> Path:
    network = layout.folder("config/cni")
    layout.write("cni/10-bridge.conflist", _network(layout))
    path = layout.folder("config") / "containerd.toml"
    path.write_text(f"""version = 3
root = "{layout.folder("containerd")}"
state = "{layout.folder("containerd-state")}"
[grpc]
  address = "{layout.containerd_socket}"
[plugins."io.containerd.cri.v1.runtime"]
  # A machine without CAP_SYS_RESOURCE cannot lower the score; asking would fail every container.
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  # Its profile would stay loaded on the machine.
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["{layout.tools}"]
    conf_dir = "{network}"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "{layout.tool("runc")}"
      SystemdCgroup = false
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "{PAUSE_IMAGE}"
""")
    return path


def _network(layout: Layout) -> dict[str, object]:
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.folder("addresses")),
            "ranges": [[{"subnet": POD_RANGE, "gateway": BRIDGE_ADDRESS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    return {"cniVersion": "1.0.0", "name": "reviewbot", "plugins": [bridge]}


def containerd_answers(layout: Layout) -> bool:
    """Whether containerd listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(layout.containerd_socket))
        except OSError:
            return False
    return True


def kubelet(layout: Layout, credentials: Credentials) -> Program:
    """The node agent, reachable on the bridge only."""
    configuration = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": BRIDGE_ADDRESS,
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": 0,
        "tlsCertFile": str(credentials.kubelet.certificate),
        "tlsPrivateKeyFile": str(credentials.kubelet.key),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(credentials.authority.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{layout.containerd_socket}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": DNS_DOMAIN,
        "maxPods": 500,
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
        "kubeAPIQPS": 500,
        "kubeAPIBurst": 1000,
        "serializeImagePulls": False,
        "podLogsDir": str(layout.folder("pods")),
        # A full disk of the developer's must not evict previews.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageMinimumGCAge": "24h",
        "shutdownGracePeriod": "0s",
    }
    return Program(
        "kubelet",
        (
            layout.tool("kubelet"),
            f"--config={layout.write('kubelet.json', configuration)}",
            f"--kubeconfig={credentials.kubeconfigs['kubelet']}",
            f"--root-dir={layout.folder('kubelet')}",
            f"--hostname-override={NODE}",
            f"--node-ip={BRIDGE_ADDRESS}",
        ),
    )


def kube_proxy(layout: Layout, credentials: Credentials) -> Program:
    """Service addresses, through nftables."""
    configuration = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(credentials.kubeconfigs["kube-proxy"])},
        "hostnameOverride": NODE,
        "bindAddress": BRIDGE_ADDRESS,
        "bindAddressHardFail": False,
        # An empty address would mean all of them.
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "nodePortAddresses": ["127.0.0.0/8"],
        "clusterCIDR": POD_RANGE,
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        # Pods share one bridge: without this, answers between two of them would bypass the translation on
        # machines that do not filter bridged traffic.
        "nftables": {"masqueradeAll": True, "minSyncPeriod": "100ms", "syncPeriod": "30s"},
    }
    return Program(
        "kube-proxy",
        (layout.tool("kube-proxy"), f"--config={layout.write('kube-proxy.json', configuration)}"),
    )
