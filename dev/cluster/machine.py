"""What the cluster changes on the machine outside its own processes, and how each change is undone.

A bridge, two nftables tables, a branch of control groups and some kernel settings: nothing else. All names
are fixed, so that the next cluster can clear what a crashed one left.
"""

import json
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from dev.cluster.errors import SetupError

BRIDGE = "reviewbot0"
BRIDGE_ADDRESS = "10.244.0.1"
# Wider than the usual /24: hundreds of previews share one node.
POD_RANGE = "10.244.0.0/20"
# What cluster networks usually take whole: a route inside it is another cluster's.
NEIGHBOURHOOD = "10.244.0.0/16"
SERVICE_RANGE = "10.96.0.0/16"
CGROUP = "reviewbot"
CGROUPS = Path("/sys/fs/cgroup")
TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"))
# The kubelet sets all but the first; the bridge plugin turns forwarding on.
SETTINGS = (
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
SYSCTL = Path("/proc/sys")


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise SetupError(f"Preparing the machine failed: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def read_settings() -> dict[str, str]:
    """The kernel settings that a node changes, as they are now."""
    return {name: (SYSCTL / name).read_text() for name in SETTINGS if (SYSCTL / name).exists()}


def restore_settings(settings: dict[str, str]) -> None:
    """Put back what `read_settings` saw."""
    for name, value in settings.items():
        if name in SETTINGS and (SYSCTL / name).read_text() != value:
            (SYSCTL / name).write_text(value)


def refuse_foreign() -> None:
    """Stay off a machine that is a Kubernetes node or uses our addresses already."""
    tables = _run("nft", "list", "tables")
    if any(f"table {family} {name}" in tables.splitlines() for family, name in TABLES):
        raise SetupError(
            "This machine already has a kube-proxy table in nftables: it is somebody else's Kubernetes node."
            " Set REVIEWBOT_KUBECONFIG to use that cluster."
        )
    for route in json.loads(_run("ip", "-j", "-4", "route", "show", "root", NEIGHBOURHOOD) or "[]"):
        raise SetupError(
            f"The network {route['dst']} on {route.get('dev', 'this machine')} overlaps the local cluster's"
            f" pods ({POD_RANGE}): take it down, or set REVIEWBOT_KUBECONFIG to use a cluster you have."
        )


def prepare() -> None:
    """Make the bridge, so that its address exists before any pod does, and our branch of control groups."""
    prefix = POD_RANGE.partition("/")[2]
    _run("ip", "link", "add", BRIDGE, "type", "bridge")
    _run("ip", "addr", "add", f"{BRIDGE_ADDRESS}/{prefix}", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")
    if (CGROUPS / "cgroup.controllers").exists():
        _delegate_controllers()
    for hierarchy in _hierarchies():
        (hierarchy / CGROUP).mkdir(exist_ok=True)


def _delegate_controllers() -> None:
    for controller in (CGROUPS / "cgroup.controllers").read_text().split():
        # Some machines keep one to themselves; the kubelet says which it cannot do without.
        with suppress(OSError):
            (CGROUPS / "cgroup.subtree_control").write_text(f"+{controller}")


def _hierarchies() -> list[Path]:
    if (CGROUPS / "cgroup.procs").exists():
        return [CGROUPS]
    return [folder for folder in sorted(CGROUPS.iterdir()) if (folder / "cgroup.procs").exists()]


def clear() -> None:
    """Remove all that a cluster leaves on the machine, whether it ended well or not."""
    for family, name in TABLES:
        _run("nft", "delete", "table", family, name, check=False)
    _run("ip", "link", "delete", BRIDGE, check=False)
    for hierarchy in _hierarchies():
        _remove_cgroup(hierarchy / CGROUP, deadline=time.monotonic() + 10)


def _remove_cgroup(top: Path, deadline: float) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        while True:
            try:
                Path(folder).rmdir()
                break
            except FileNotFoundError:
                break
            except OSError:
                # Still busy while the kernel reaps the last of the killed processes.
                if time.monotonic() > deadline:
                    raise SetupError(f"The control group {folder} still has processes of an earlier cluster.") from None
                time.sleep(0.05)
