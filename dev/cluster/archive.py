"""Container images without an engine: one docker-archive tar, the same bytes each time."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class File:
    """A regular file of a layer."""

    content: bytes
    mode: int = 0o644


@dataclass(frozen=True)
class Link:
    """A symbolic link of a layer."""

    target: str


@dataclass(frozen=True)
class Folder:
    """An otherwise empty folder of a layer."""

    mode: int = 0o755


Entry = File | Link | Folder


@dataclass(frozen=True)
class Image:
    """What the configuration of an image says about running it."""

    name: str
    layers: tuple[bytes, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = "/"
    user: str = "65534:65534"
    stop_signal: str = "SIGTERM"


def layer(entries: Mapping[str, Entry]) -> bytes:
    """Pack entries, by path, into a layer; parents of a path are made as folders."""
    everything: dict[str, Entry] = {}
    for path in entries:
        for parent in reversed(Path(path).parents[:-1]):
            everything.setdefault(str(parent), Folder())
    everything |= entries
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(everything):
            _add(tar, path, everything[path])
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, path: str, entry: Entry) -> None:
    # TarInfo's defaults (owner 0, time 0) are what makes the bytes repeatable.
    info = tarfile.TarInfo(path)
    match entry:
        case File(content, mode):
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
        case Link(target):
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
            tar.addfile(info)
        case Folder(mode):
            info.type, info.mode = tarfile.DIRTYPE, mode
            tar.addfile(info)


def pack(image: Image) -> bytes:
    """The whole archive, as `ctr images import` takes it."""
    configuration = json.dumps(_configuration(image), sort_keys=True).encode()
    names = [f"{_digest(content)}.tar" for content in image.layers]
    config_name = f"{_digest(configuration)}.json"
    manifest = [{"Config": config_name, "RepoTags": [image.name], "Layers": names}]
    files: dict[str, Entry] = {name: File(content) for name, content in zip(names, image.layers, strict=True)}
    files[config_name] = File(configuration)
    files["manifest.json"] = File(json.dumps(manifest, sort_keys=True).encode())
    return layer(files)


def _configuration(image: Image) -> dict[str, object]:
    run: dict[str, object] = {
        "User": image.user,
        "WorkingDir": image.working_directory,
        "StopSignal": image.stop_signal,
    }
    if image.entrypoint:
        run["Entrypoint"] = list(image.entrypoint)
    if image.command:
        run["Cmd"] = list(image.command)
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    run["Env"] = [f"{name}={value}" for name, value in (path | dict(image.environment)).items()]
    return {
        "architecture": MACHINES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_digest(content)}" for content in image.layers]},
        "history": [{"created_by": "reviewbot local cluster"} for _ in image.layers],
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
