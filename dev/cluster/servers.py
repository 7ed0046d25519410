"""Images of database servers: Debian's packages, an entry point, and the contract of the official images."""

import hashlib
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from dev.cluster import archive, images, prerequisites, tools
from dev.cluster.archive import Blob, File, Folder, Image
from dev.cluster.locks import locked
from dev.cluster.paths import SERVERS, cache_dir

SUITE = "bookworm"
USER = "999:999"
LIBRARIES = ("/lib*/ld-linux*", "/lib/*/lib*.so*", "/usr/lib/*-linux-gnu/lib*.so*", "/usr/lib/locale/C.utf8/*")


@dataclass(frozen=True)
class Server:
    """One server: the Debian package it comes from, and which of its files its image keeps and drops."""

    name: str
    image: str
    package: str
    keep: tuple[str, ...]
    drop: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    # Where it writes beside its volume.
    scratch: str = "tmp"
    stop_signal: str = "SIGTERM"


POSTGRESQL = Server(
    "postgresql",
    "localhost/reviewbot/postgresql:15",
    "postgresql-15",
    keep=("/usr/lib/postgresql/15/*", "/usr/share/postgresql/15/*", "/usr/share/zoneinfo/*"),
    # The compiler for queries is larger than all the rest.
    drop=(
        "*/libLLVM*",
        "*/libz3*",
        "*/llvmjit*",
        "*/bitcode/*",
        "*/pgxs/*",
        "*/libperl*",
        "/usr/share/postgresql/15/man/*",
        "/usr/share/zoneinfo/right/*",
    ),
    environment={
        "PATH": "/usr/lib/postgresql/15/bin:/usr/bin:/bin",
        "PGDATA": "/data/pgdata",
        "LANG": "C.UTF-8",
    },
    scratch="var/run/postgresql",
    # SIGTERM would wait until every client has gone.
    stop_signal="SIGINT",
)
REDIS = Server("redis", "localhost/reviewbot/redis:7", "redis-server", keep=("/usr/bin/redis-*",))
ALL = {server.name: server for server in (POSTGRESQL, REDIS)}


def image(server: Server) -> Image:
    """A server's image."""
    additions = images.shell(server.name) | {
        "entrypoint.sh": File((SERVERS / f"{server.name}.sh").read_bytes(), 0o755),
        "data": Folder(0o1777),
        server.scratch: Folder(0o1777),
    }
    return Image(
        server.image,
        (Blob(archive.LAYER, debian_layer(server).read_bytes()), archive.layer(additions)),
        entrypoint=("/entrypoint.sh",),
        environment=server.environment,
        working_directory="/data",
        user=USER,
        stop_signal=server.stop_signal,
    )


def debian_layer(server: Server) -> Path:
    """What Debian's packages bring, unpacked once per choice of packages and files, and kept beside the binaries."""
    kept = cache_dir() / f"{server.name}-{key(server)}.tar"
    if kept.exists():
        return kept
    prerequisites.install_mmdebstrap()
    with locked(cache_dir() / f".{server.name}.lock", f"waiting for another making of the image {server.image} ..."):
        if not kept.exists():
            _extract(server, kept)
    return kept


def key(server: Server) -> str:
    """Name a layer by everything that shapes it."""
    command = extract_command(server, [], Path(), Path())
    return hashlib.sha256(repr(command).encode()).hexdigest()[:16]


def _extract(server: Server, kept: Path) -> None:
    # Beside the one that is kept, so that it becomes that one at once.
    with tempfile.TemporaryDirectory(prefix=f".{server.name}-", dir=kept.parent) as name:
        folder = Path(name)
        settings, output = folder / "apt.conf", folder / "debian.tar"
        settings.write_text(_said("apt-config", "dump", "--format", '%F "%v";%n', "Acquire"))
        command = extract_command(server, _mirrors(), settings, output)
        tools.run_build(command, folder, f"making the image {server.image}")
        # What mmdebstrap wrote there itself tells of this machine.
        _said("tar", "--delete", f"--file={output}", "./etc", "./var")
        output.rename(kept)


def extract_command(server: Server, mirrors: list[str], settings: Path, output: Path) -> list[str]:
    """The exact command that unpacks a server's package and all it needs into one layer."""
    filters = ["path-exclude=/*"]
    filters += [f"path-include={path}" for path in (*LIBRARIES, *server.keep)]
    filters += [f"path-exclude={path}" for path in server.drop]
    return [
        *("mmdebstrap", "--mode=root", "--variant=extract", "--format=tar", "--skip=output/dev"),
        f"--include={server.package}",
        *(f"--dpkgopt={line}" for line in filters),
        f"--aptopt={settings}",
        *(SUITE, str(output), *mirrors),
    ]


def _mirrors() -> list[str]:
    # Where this machine's apt finds the suite; none leaves it to mmdebstrap.
    fields = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    origin = ("Created-By: Packages", "Origin: Debian")
    found = _said("apt-get", "indextargets", "--format", fields, *origin).splitlines()
    return sorted({line for line in found if line.split()[2].startswith(SUITE)})


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
