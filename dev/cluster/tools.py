"""The binaries of the local cluster: built from the Go modules in dev/tools, each once per state of its module."""

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
    cgo: bool = True


# In order of need, so that a failing build is seen before the long wait for the last one.
TOOLS = (
    Tool("etcd", "go.etcd.io/etcd/server/v3"),
    *(
        Tool(name, f"k8s.io/kubernetes/cmd/{name}")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
    ),
    # Without C it needs no library, so that it runs in an image of its own too.
    Tool("kubectl", "k8s.io/kubernetes/cmd/kubectl", cgo=False),
    *(
        Tool(name, f"github.com/containerd/containerd/v2/cmd/{name}")
        for name in ("containerd", "containerd-shim-runc-v2", "ctr")
    ),
    Tool("bridge", "github.com/containernetworking/plugins/plugins/main/bridge"),
    Tool("loopback", "github.com/containernetworking/plugins/plugins/main/loopback"),
    Tool("host-local", "github.com/containernetworking/plugins/plugins/ipam/host-local"),
    # Without this tag every pod that asks for the default seccomp profile fails.
    Tool("runc", "github.com/opencontainers/runc", tags="seccomp"),
    Tool("coredns", ".", module="coredns", cgo=False),
    Tool(
        "local-path-provisioner",
        "github.com/rancher/local-path-provisioner",
        module="local-path-provisioner",
        cgo=False,
    ),
    Tool("traefik", "github.com/traefik/traefik/v3/cmd/traefik", module="traefik"),
)

# Not among them, because only the bench simulates pods.
KWOK = Tool("kwok", "sigs.k8s.io/kwok/cmd/kwok", module="kwok", cgo=False)


def tool_key(tool: Tool) -> str:
    """Name one binary by everything that shapes it, so that a change elsewhere does not build it again."""
    digest = hashlib.sha256(repr((tool, LINKER_FLAGS)).encode())
    module = TOOL_MODULES / tool.module
    for path in sorted({*module.glob("go.*"), *module.glob("*.go")}):
        digest.update(path.read_bytes())
    return f"{tool.name}-{digest.hexdigest()[:16]}"


def key() -> str:
    """Name the set of binaries by all of them."""
    names = [tool_key(tool) for tool in TOOLS]
    return hashlib.sha256(repr((names, GATEWAY_API)).encode()).hexdigest()[:16]


def build_command(tool: Tool, output: Path) -> list[str]:
    """The exact command that makes one tool."""
    tags = ["-tags", tool.tags] if tool.tags else []
    return ["go", "build", "-trimpath", "-ldflags", LINKER_FLAGS, *tags, "-o", str(output), tool.package]


def ensure_tools() -> Path:
    """Return the folder with every binary, building what is missing."""
    folder = cache_dir() / key()
    prerequisites.install(building=not folder.exists())
    if folder.exists():
        return folder
    prerequisites.require_go(TOOL_MODULES / "kubernetes")
    with locked(cache_dir() / ".tools.lock", "waiting for another build of the local cluster's binaries ..."):
        missing = [tool for tool in TOOLS if not _kept(tool).exists()]
        for number, tool in enumerate(missing, start=1):
            _build(tool, f"[{number}/{len(missing)}] building {tool.name}")
        if not folder.exists():
            _collect(folder)
    return folder


def ensure_kwok() -> Path:
    """Return the program that simulates a node and its pods, building it if it is missing."""
    if not _kept(KWOK).exists():
        prerequisites.require_go(TOOL_MODULES / KWOK.module)
        with locked(cache_dir() / ".tools.lock", "waiting for another build of the local cluster's binaries ..."):
            if not _kept(KWOK).exists():
                _build(KWOK, "building kwok")
    return _kept(KWOK)


def _kept(tool: Tool) -> Path:
    return cache_dir() / tool_key(tool)


def _build(tool: Tool, label: str) -> None:
    output = cache_dir() / f".{tool.name}.{os.getpid()}"
    run_build(build_command(tool, output), TOOL_MODULES / tool.module, label, tool.cgo)
    output.rename(_kept(tool))


def _collect(folder: Path) -> None:
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    partial.mkdir()
    for tool in TOOLS:
        (partial / tool.name).hardlink_to(_kept(tool))
    _fetch_definitions(partial / "gateway-api")
    partial.rename(folder)


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
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    # The module cache is read-only, and so would be a copied folder.
    target.chmod(0o755)
