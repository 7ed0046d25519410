"""Container images without an engine: one archive in the layout of OCI, the same bytes each time."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION = "application/vnd.oci.image.config.v1+json"
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
class Blob:
    """A part of an image, found by its digest."""

    media_type: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """The name that the content gives it."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    @property
    def descriptor(self) -> dict[str, object]:
        """How another part refers to it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


@dataclass(frozen=True)
class Image:
    """What the configuration of an image says about running it."""

    name: str
    layers: tuple[Blob, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = "/"
    user: str = "65534:65534"
    stop_signal: str = "SIGTERM"


def layer(entries: Mapping[str, Entry]) -> Blob:
    """Pack entries, by path, into a layer; parents of a path are made as folders."""
    return Blob(LAYER, _tar(entries))


def _tar(entries: Mapping[str, Entry]) -> bytes:
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


def blobs(image: Image) -> list[Blob]:
    """Every part of an image, its manifest first."""
    configuration = Blob(CONFIGURATION, _json(_configuration(image)))
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": configuration.descriptor,
        "layers": [each.descriptor for each in image.layers],
    }
    return [Blob(MANIFEST, _json(manifest)), configuration, *image.layers]


def pack(image: Image, present: Collection[Blob] = ()) -> bytes:
    """The archive as `ctr images import` takes it, without the layers that are `present` where it goes."""
    manifest, *others = blobs(image)
    index = {
        "schemaVersion": 2,
        "manifests": [manifest.descriptor | {"annotations": {"io.containerd.image.name": image.name}}],
    }
    left_out = {each.digest for each in present}
    parts = [each for each in (manifest, *others) if each.digest not in left_out]
    files: dict[str, Entry] = {f"blobs/{each.digest.replace(':', '/')}": File(each.content) for each in parts}
    files["index.json"] = File(_json(index))
    files["oci-layout"] = File(_json({"imageLayoutVersion": "1.0.0"}))
    return _tar(files)


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
        "rootfs": {"type": "layers", "diff_ids": [each.digest for each in image.layers]},
        "history": [{"created_by": "reviewbot local cluster"} for _ in image.layers],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
