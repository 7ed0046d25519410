"""What must be on the machine first: installed on Debian, elsewhere asked for in a sentence."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev.cluster.errors import SetupError

GO_VERSION = (1, 26)
APT = {"DEBIAN_FRONTEND": "noninteractive"}


def require_root() -> None:
    """A node needs root; whoever has a cluster already does not need a node."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise SetupError(
            "The local cluster needs root on Linux: run this as root, or set REVIEWBOT_KUBECONFIG to use a"
            " cluster you already have."
        )


def require_go(module: Path) -> None:
    """Ask Go inside the module, where an older Go may fetch the version the module names."""
    try:
        said = subprocess.run(["go", "version"], cwd=module, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        said = ""
    if go_version(said) < GO_VERSION:
        raise SetupError("Building the local cluster needs Go 1.26 or newer: install it from https://go.dev/dl/.")


def go_version(said: str) -> tuple[int, int]:
    """Read what `go version` prints; nothing readable counts as no Go at all."""
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def busybox() -> Path:
    """The statically linked busybox that becomes the shell of our images."""
    path = _static_busybox()
    if path is None:
        raise SetupError("The local cluster needs a static busybox: install the package busybox-static.")
    return path


def _static_busybox() -> Path | None:
    for candidate in map(Path, ("/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox")):
        if candidate.exists() and is_static(candidate.read_bytes()[:4096]):
            return candidate
    return None


def is_static(head: bytes) -> bool:
    """An ELF file without a loader's path in its head needs no library."""
    return head.startswith(b"\x7fELF") and b"/ld-" not in head


def _has_seccomp() -> bool:
    if not shutil.which("pkg-config"):
        return False
    return subprocess.run(["pkg-config", "--exists", "libseccomp"], check=False).returncode == 0


def _missing(building: bool) -> list[str]:
    has = {
        "busybox-static": _static_busybox() is not None,
        "nftables": bool(shutil.which("nft")),
        "iproute2": bool(shutil.which("ip")),
        "util-linux": bool(shutil.which("unshare") and shutil.which("setpriv")),
        "mount": bool(shutil.which("mount")),
    }
    if building:
        has |= {
            "gcc": bool(shutil.which("gcc")),
            "libc6-dev": Path("/usr/include/stdlib.h").exists(),
            "pkg-config": bool(shutil.which("pkg-config")),
            "libseccomp-dev": _has_seccomp(),
        }
    return [package for package, present in has.items() if not present]


def install(building: bool) -> None:
    """Install what is missing where we may, ask for it where we may not."""
    _install(_missing(building))


def install_mmdebstrap() -> None:
    """The same for what makes images of Debian's packages."""
    if not shutil.which("mmdebstrap"):
        _install(["mmdebstrap"])


def _install(packages: list[str]) -> None:
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"The local cluster needs these packages (by their Debian names): install {names}.")
    print(f"installing {names} ...", flush=True)
    for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", *packages]):
        done = subprocess.run(command, env=os.environ | APT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SetupError(f"Installing {names} failed ({last}): install them by hand and try again.")
