"""The images the local cluster brings itself: the pause container, kustomize, and the sample app at any commit."""

import functools
import hashlib
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from dev.cluster import archive, prerequisites, tools
from dev.cluster.archive import Blob, File, Folder, Image, Link
from dev.cluster.errors import SetupError
from dev.cluster.locks import locked
from dev.cluster.node import PAUSE_IMAGE
from dev.cluster.paths import SAMPLE, cache_dir

# No wget: the static one of Debian 12 crashes.
APPLETS = ("sh", "cat", "chmod", "echo", "env", "false", "id", "ls", "mkdir", "mv", "nc", "rm", "sed", "sleep", "true")
SAMPLE_NAME = "localhost/acme/shop"
KUSTOMIZE = "localhost/reviewbot/kustomize:2"
# A shell that waits for its child hears SIGTERM at once; a sleeping one would not.
PAUSE = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'


def pause() -> Image:
    """The image that holds a pod's namespaces."""
    return Image(PAUSE_IMAGE, (archive.layer(shell()),), entrypoint=("/bin/sh", "-c", PAUSE))


def kustomize(kubectl: Path) -> Image:
    """An image in which `kustomize build` renders a folder, with what kubectl has of it."""
    programs = {
        "usr/bin/kubectl": File(kubectl.read_bytes(), 0o755),
        "usr/bin/kustomize": File(b'#!/bin/sh\nexec kubectl kustomize "$2"\n', 0o755),
    }
    return Image(KUSTOMIZE, (archive.layer(shell() | programs),), command=("kubectl", "kustomize"))


def sample(version: str, user: str = Image.user, files: Mapping[str, bytes] = {}) -> Image:
    """The sample app, marked inside with the version it was built from, beside that version's files.

    `user` is whom it runs as.
    """
    content = {**files, "VERSION": f"{version}\n".encode()}
    own = archive.layer({f"app/{path}": File(data) for path, data in content.items()})
    return Image(
        sample_name(version),
        (*sample_base().layers, own),
        command=("/bin/sh", "-c", "bin/shop"),
        working_directory="/app",
        user=user,
    )


def sample_base() -> Image:
    """What every version of the sample app has in common; it differs by one small layer alone."""
    program = _program(sample_binary())
    return Image(sample_name(f"base-{program.digest.removeprefix('sha256:')[:16]}"), (program,))


@functools.lru_cache(maxsize=1)
def _program(binary: Path) -> Blob:
    return archive.layer(shell() | {"app/bin/shop": File(binary.read_bytes(), 0o755)})


def sample_name(version: str) -> str:
    """The name under which the sample app's image of one version is found."""
    return f"{SAMPLE_NAME}:{version}"


def deliver(binaries: Path, socket: Path, image: Image, present: Collection[Blob] = ()) -> None:
    """Hand an image to containerd, where the kubelet finds it, but for the layers that are `present` there."""
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        file.write(archive.pack(image, present))
        file.flush()
        done = _ctr(binaries, socket, "import", file.name)
    if done.returncode != 0:
        raise SetupError(f"containerd did not take the image: {done.stderr.strip()}")


def delivered(binaries: Path, socket: Path, name: str) -> bool:
    """Whether containerd has an image of this name."""
    return _ctr(binaries, socket, "list", "--quiet", f"name=={name}").stdout.strip() == name


def _ctr(binaries: Path, socket: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(binaries / "ctr"), "-a", str(socket), "-n", "k8s.io", "images", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def shell(account: str = "") -> dict[str, archive.Entry]:
    """What every image starts from: busybox, and the accounts root, nobody and perhaps one more, with id 999."""
    accounts = {"root": 0, "nobody": 65534} | ({account: 999} if account else {})
    users = [f"{name}:x:{number}:{number}:{name}:/:/bin/sh\n" for name, number in accounts.items()]
    groups = [f"{name}:x:{number}:\n" for name, number in accounts.items()]
    content: dict[str, archive.Entry] = {
        "bin/busybox": File(prerequisites.busybox().read_bytes(), 0o755),
        "etc/passwd": File("".join(users).encode()),
        "etc/group": File("".join(groups).encode()),
        "tmp": Folder(0o1777),
    }
    return content | {f"bin/{applet}": Link("busybox") for applet in APPLETS}


def sample_binary() -> Path:
    """The sample app, built once per state of its source."""
    digest = hashlib.sha256()
    for path in sorted({*SAMPLE.glob("go.*"), *SAMPLE.glob("*.go")}):
        digest.update(path.read_bytes())
    folder = cache_dir()
    binary = folder / f"sample-{digest.hexdigest()[:16]}"
    if binary.exists():
        return binary
    prerequisites.require_go(SAMPLE)
    with locked(folder / ".sample.lock", "waiting for another build of the sample app ..."):
        partial = binary.with_suffix(".partial")
        command = ["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", str(partial), "."]
        tools.run_build(command, SAMPLE, "building the sample app", cgo=False)
        partial.rename(binary)
    return binary
