"""What shapes the image of a server, and what the cluster is told of volumes and names."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from dev.cluster import dns, prerequisites, servers, storage
from dev.cluster.layout import Layout, Ports, make_credentials
from dev.cluster.paths import SERVERS
from dev.cluster.servers import POSTGRESQL, REDIS


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the entry points, and a busybox that every machine has."""
    folder = tmp_path / "servers"
    shutil.copytree(SERVERS, folder)
    monkeypatch.setattr(servers, "SERVERS", folder)
    monkeypatch.setattr(prerequisites, "busybox", lambda: folder / "redis.sh")
    return folder


def test_an_entry_point_shapes_its_image(scripts: Path) -> None:
    before = servers.key(POSTGRESQL)
    assert servers.key(POSTGRESQL) == before
    (scripts / "postgresql.sh").write_text("#!/bin/sh")
    assert servers.key(POSTGRESQL) != before


@pytest.mark.usefixtures("scripts")
def test_files_and_packages_shape_an_image() -> None:
    others = (dataclasses.replace(REDIS, keep=("/usr/*",)), dataclasses.replace(REDIS, package="valkey"))
    assert servers.key(REDIS) not in {servers.key(other) for other in others}


def test_the_command_that_unpacks_a_server(snapshot: SnapshotAssertion) -> None:
    mirrors = ["deb http://deb.debian.org/debian bookworm main"]
    assert servers.extract_command(POSTGRESQL, mirrors, Path("apt.conf"), Path("out.tar")) == snapshot


def test_names_and_volumes_are_announced(snapshot: SnapshotAssertion) -> None:
    assert [*dns.manifests(), *storage.manifests()] == snapshot


def test_volumes_are_in_the_world(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Path("/tools"), Ports(1, 2, 3))
    storage.provisioner(layout, make_credentials(layout))
    configuration = json.loads((tmp_path / "config" / "volumes.json").read_text())
    assert [node["paths"] for node in configuration["nodePathMap"]] == [[str(tmp_path / "volumes")]]
