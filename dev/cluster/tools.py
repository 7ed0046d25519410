"""The binaries of the local cluster: built from the Go modules in dev/tools, once per set of versions."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dev.cluster import prerequisites
from dev.cluster.errors import SetupError
from dev.cluster.locks import locked
from dev.cluster.paths import TOOL_MODULES, cache_dir

KUBERNETES_VERSION = "v1.37.2"
GATEWAY_API = "sigs.k8s.io/gateway-api@v1.6.3"
# Without it every server says v0.0.0-master and clients doubt it.
LINKER_FLAGS = f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES_VERSION}"
ALIVE_EVERY = 30


@dataclass(frozen=True)
class Tool:
    """One binary: its module folder below dev/tools and its main package."""

    name: str
    package: str
    module: str = "kubernetes"
    tags: str = ""


# In order of need, so that a failing build is seen before the long wait for the last one.
TOOLS = (
    Tool("etcd", "go.etcd.io/etcd/server/v3"),
    *(
        Tool(name, f"k8s.io/kubernetes/cmd/{name}")
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubectl",
        )
    ),
    *(
        Tool(name, f"github.com/containerd/containerd/v2/cmd/{name}")
        for name in ("containerd", "containerd-shim-runc-v2", "ctr")
    ),
    Tool("bridge", "github.com/containernetworking/plugins/plugins/main/bridge"),
    Tool("loopback", "github.com/containernetworking/plugins/plugins/main/loopback"),
    Tool("host-local", "github.com/containernetworking/plugins/plugins/ipam/host-local"),
    # Without this tag every pod that asks for the default seccomp profile fails.
    Tool("runc", "github.com/opencontainers/runc", tags="seccomp"),
    Tool("traefik", "github.com/traefik/traefik/v3/cmd/traefik", module="traefik"),
)


def key() -> str:
    """Name the set of binaries by everything that shapes them."""
    digest = hashlib.sha256(repr((TOOLS, LINKER_FLAGS, GATEWAY_API)).encode())
    for module in sorted({tool.module for tool in TOOLS}):
        for name in ("go.mod", "go.sum"):
            digest.update((TOOL_MODULES / module / name).read_bytes())
    return digest.hexdigest()[:16]


def build_command(tool: Tool, output: Path) -> list[str]:
    """The exact command that makes one tool."""
    tags = ["-tags", tool.tags] if tool.tags else []
    return ["go", "build", "-trimpath", "-ldflags", LINKER_FLAGS, *tags, "-o", str(output), tool.package]


def ensure_tools() -> Path:
    """Return the folder with every binary, building what is missing."""
    folder = cache_dir() / key()
    wanted = [tool for tool in TOOLS if not (folder / tool.name).exists()]
    definitions = folder / "gateway-api"
    prerequisites.install(building=bool(wanted))
    if not wanted and definitions.exists():
        return folder
    prerequisites.require_go(TOOL_MODULES / "kubernetes")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock", "waiting for another build of the local cluster's binaries ..."):
        missing = [tool for tool in TOOLS if not (folder / tool.name).exists()]
        for number, tool in enumerate(missing, start=1):
            _build(tool, folder, f"[{number}/{len(missing)}] building {tool.name}")
        if not definitions.exists():
            _fetch_definitions(definitions)
    return folder


def _build(tool: Tool, folder: Path, label: str) -> None:
    output = folder / f".{tool.name}.{os.getpid()}"
    run_build(build_command(tool, output), TOOL_MODULES / tool.module, label)
    output.rename(folder / tool.name)


def run_build(command: list[str], module: Path, label: str, cgo: bool = True) -> None:
    """Run one build, showing that it lives; raise with the compiler's last words if it fails."""
    environment = os.environ | {"CGO_ENABLED": "1" if cgo else "0"}
    began = time.monotonic()
    build = subprocess.Popen(
        command, cwd=module, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while True:
        try:
            said, _ = build.communicate(timeout=1 if sys.stdout.isatty() else ALIVE_EVERY)
            break
        except subprocess.TimeoutExpired:
            _show(f"{label} ... {time.monotonic() - began:.0f} s", last=False)
        except BaseException:
            build.terminate()
            build.wait()
            raise
    _show(f"{label} ... {time.monotonic() - began:.0f} s", last=True)
    if build.returncode != 0:
        tail = "\n".join(said.strip().splitlines()[-12:])
        raise SetupError(f"{label} failed:\n{tail}")


def _show(line: str, last: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r{line}", end="\n" if last else "", flush=True)
    else:
        print(line, flush=True)


def _fetch_definitions(target: Path) -> None:
    done = subprocess.run(["go", "mod", "download", "-json", GATEWAY_API], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"Fetching the Gateway API definitions failed: {done.stderr.strip() or done.stdout.strip()}")
    source = Path(json.loads(done.stdout)["Dir"]) / "config" / "crd" / "standard"
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copytree(source, partial, copy_function=shutil.copyfile)
    # The module cache is read-only, and so would be a copied folder.
    partial.chmod(0o755)
    partial.rename(target)
