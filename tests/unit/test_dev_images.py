"""Images without a container engine: their archives, the sample app, and the servers of Debian's packages."""

import dataclasses
import io
import json
import tarfile
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from dev.cluster import archive, images, prerequisites, servers
from dev.cluster.archive import File, Folder, Image, Link
from dev.cluster.paths import SERVERS
from dev.cluster.servers import POSTGRESQL, REDIS


def read_tar(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name: file.read() for name, file in files.items() if file}


class TestArchive:
    def test_the_same_image_is_the_same_bytes(self) -> None:
        def image() -> bytes:
            layer = archive.layer({"app/bin/run": File(b"x", 0o755), "bin/sh": Link("busybox")})
            return archive.pack(Image("localhost/a/b:1", (layer,), command=("/app/bin/run",)))

        assert image() == image()

    def test_a_layer_has_the_folders_of_its_files(self) -> None:
        content = archive.layer({"app/bin/run": File(b"x", 0o755), "tmp": Folder(0o1777)}).content
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            modes = {member.name: (member.isdir(), oct(member.mode)) for member in tar}
        assert modes == {
            "app": (True, "0o755"),
            "app/bin": (True, "0o755"),
            "app/bin/run": (False, "0o755"),
            "tmp": (True, "0o1777"),
        }

    def test_the_configuration_describes_the_layers_and_the_command(self) -> None:
        layer = archive.layer({"a": File(b"1")})
        image = Image("localhost/a/b:1", (layer,), command=("/a",), environment={"K": "v"})
        manifest, configuration = archive.blobs(image)[:2]
        said = json.loads(manifest.content)
        assert (said["config"], said["layers"]) == (configuration.descriptor, [layer.descriptor])
        assert layer.descriptor["size"] == len(layer.content)
        found = json.loads(configuration.content)
        assert found["config"]["User"] == "65534:65534"
        assert found["config"]["StopSignal"] == "SIGTERM"
        assert found["config"]["Cmd"] == ["/a"]
        assert "K=v" in found["config"]["Env"]
        assert found["rootfs"]["diff_ids"] == [layer.digest]

    def test_an_archive_has_the_parts_by_their_digests_and_leaves_out_what_is_there(self) -> None:
        there, new = (archive.layer({name: File(b"1")}) for name in ("there", "new"))
        image = Image("localhost/a/b:1", (there, new))
        manifest, configuration = archive.blobs(image)[:2]
        files = read_tar(archive.pack(image, present=[there]))
        index = json.loads(files.pop("index.json"))
        named = {"annotations": {"io.containerd.image.name": "localhost/a/b:1"}}
        assert index["manifests"] == [manifest.descriptor | named]
        assert json.loads(files.pop("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
        parts = (manifest, configuration, new)
        assert files == {f"blobs/{part.digest.replace(':', '/')}": part.content for part in parts}

    def test_versions_of_the_sample_share_their_base(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        binary = tmp_path / "binary"
        binary.write_bytes(b"\x7fELF")
        monkeypatch.setattr(images, "sample_binary", lambda: binary)
        monkeypatch.setattr(prerequisites, "busybox", lambda: binary)
        migration = {"migrations/1.sql": b"select 1"}
        one, two = (images.sample(sha, files=migration) for sha in ("one", "two"))
        assert (one.name, two.name) == ("localhost/acme/shop:one", "localhost/acme/shop:two")
        assert one.layers[:1] == two.layers[:1] == images.sample_base().layers
        own = {"app/VERSION": b"one\n", "app/migrations/1.sql": b"select 1"}
        assert read_tar(one.layers[1].content) == own
        assert read_tar(two.layers[1].content) == own | {"app/VERSION": b"two\n"}


def test_packages_and_files_shape_what_is_unpacked() -> None:
    others = (dataclasses.replace(REDIS, keep=("/usr/*",)), dataclasses.replace(REDIS, package="valkey"), POSTGRESQL)
    assert len({servers.key(server) for server in (REDIS, *others)}) == 4


def test_an_image_is_what_debian_brings_and_our_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    debian = tmp_path / "debian.tar"
    debian.write_bytes(archive.layer({"usr/bin/redis-server": File(b"redis")}).content)
    monkeypatch.setattr(servers, "debian_layer", lambda _: debian)
    monkeypatch.setattr(prerequisites, "busybox", lambda: debian)
    image = servers.image(REDIS)
    first, second = (read_tar(layer.content) for layer in image.layers)
    assert first == {"usr/bin/redis-server": b"redis"}
    assert second["entrypoint.sh"] == (SERVERS / "redis.sh").read_bytes()
    assert b"redis:x:999:999:" in second["etc/passwd"]
    assert image.name == "localhost/reviewbot/redis:7"
    assert (image.user, image.entrypoint, image.working_directory) == ("999:999", ("/entrypoint.sh",), "/data")


def test_the_command_that_unpacks_a_server(snapshot: SnapshotAssertion) -> None:
    mirrors = ["deb http://deb.debian.org/debian bookworm main"]
    assert servers.extract_command(POSTGRESQL, mirrors, Path("apt.conf"), Path("out.tar")) == snapshot
