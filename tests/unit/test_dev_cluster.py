"""The local cluster's parts that need neither root nor a cluster."""

import json
import os
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from syrupy.assertion import SnapshotAssertion

from dev.cluster import cluster, dns, holder, machine, node, prerequisites, storage, supervisor
from dev.cluster.archive import Image
from dev.cluster.cluster import Cluster
from dev.cluster.errors import SetupError
from dev.cluster.layout import Layout, Ports, free_port, make_credentials
from dev.cluster.pki import Authority
from dev.cluster.processes import Processes, Program


class TestPki:
    def test_a_server_certificate_is_trusted_for_its_hosts(self, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        pair = authority.sign("kube-apiserver", hosts=("localhost", "127.0.0.1"))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pair.certificate, pair.key)
        client = ssl.create_default_context(cafile=str(authority.pair.certificate))
        shake_hands(server, client, "127.0.0.1")
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(server, client, "10.0.0.1")

    def test_a_client_is_named_by_its_certificate(self, tmp_path: Path) -> None:
        pair = Authority(tmp_path).sign("system:node:local", "system:nodes")
        subject = x509.load_pem_x509_certificate(pair.certificate.read_bytes()).subject.rfc4514_string()
        assert subject == "CN=system:node:local,O=system:nodes"

    def test_private_files_are_private(self, tmp_path: Path) -> None:
        credentials = make_credentials(Layout(tmp_path, tmp_path, Ports(1, 2, 3)))
        for path in (credentials.kubeconfigs["admin"], credentials.server.key, credentials.authority.key):
            assert path.stat().st_mode & 0o077 == 0


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue
    assert not sides


class TestHolder:
    def test_this_process_is_alive(self) -> None:
        assert holder.ourselves(Path("/w"), {}).alive()

    def test_another_process_with_the_same_number_is_not_the_holder(self) -> None:
        assert not holder.Holder(os.getpid(), "1", "/w", {}).alive()

    def test_an_ended_process_is_not_alive(self) -> None:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        started = holder.start_time(process.pid)
        assert process.stdin is not None
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not holder.Holder(process.pid, started, "/w", {}).alive()
        process.wait()
        assert not holder.Holder(process.pid, started, "/w", {}).alive()

    def test_a_record_survives_its_writer_and_a_good_end_erases_it(self, tmp_path: Path) -> None:
        path = tmp_path / "lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        us = holder.ourselves(Path("/w"), {"vm/overcommit_memory": "0\n"})
        holder.write(descriptor, us)
        assert holder.read(path) == us
        holder.write(descriptor, None)
        assert holder.read(path) is None
        os.close(descriptor)

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
    def test_an_unreadable_record_is_none(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "lock"
        path.write_text(content)
        assert holder.read(path) is None

    def test_a_second_world_is_told_who_has_the_first(self) -> None:
        said = supervisor.conflict(holder.Holder(42, "1", "/first", {}), Path("/second"))
        assert "process 42, /first" in said


class TestFolder:
    def test_a_folder_with_other_things_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()
        with pytest.raises(SetupError, match="holds other things"):
            supervisor.check_folder(tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]

    def test_a_folder_that_the_node_shadows_is_refused(self) -> None:
        with pytest.raises(SetupError, match="cannot live in"):
            supervisor.check_folder(Path("/run/reviewbot"))

    def test_a_path_too_long_for_sockets_is_refused(self) -> None:
        with pytest.raises(SetupError, match="too long"):
            supervisor.check_folder(Path("/x" * 50))

    def test_wiping_keeps_what_must_stay(self, tmp_path: Path) -> None:
        (tmp_path / "etcd").mkdir()
        (tmp_path / "etcd" / "db").touch()
        (tmp_path / "cluster.json").touch()
        (tmp_path / "start.lock").touch()
        supervisor.wipe(tmp_path, ("start.lock",))
        assert [entry.name for entry in tmp_path.iterdir()] == ["start.lock"]


class TestMachine:
    def test_only_changed_settings_are_written_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "SYSCTL", tmp_path)
        setting = tmp_path / "vm" / "overcommit_memory"
        setting.parent.mkdir()
        setting.write_text("0\n")
        seen = machine.read_settings()
        assert seen == {"vm/overcommit_memory": "0\n"}
        setting.write_text("1\n")
        machine.restore_settings(seen | {"kernel/hostname": "other"})
        assert setting.read_text() == "0\n"
        assert not (tmp_path / "kernel").exists()


class TestProcesses:
    def test_a_program_that_ends_is_named_with_its_last_words(self, tmp_path: Path) -> None:
        processes = Processes(tmp_path, tmp_path)
        processes.start(Program("etcd", ("sh", "-c", "echo port is taken; exit 3")))
        with pytest.raises(SetupError, match=r"(?s)etcd ended with code 3.*port is taken"):
            processes.wait("etcd", lambda: False, 10)

    def test_waiting_has_an_end(self, tmp_path: Path) -> None:
        processes = Processes(tmp_path, tmp_path)
        (tmp_path / "etcd.log").write_text("electing\n")
        with pytest.raises(SetupError, match=r"(?s)etcd was not ready after 0 s.*electing"):
            processes.wait("etcd", lambda: False, 0)


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)
    assert free_port(port) == port


class TestPrerequisites:
    @pytest.mark.parametrize(
        ("said", "version"),
        [
            ("go version go1.26.8 linux/amd64", (1, 26)),
            ("go version go1.19 linux/amd64", (1, 19)),
            ("", (0, 0)),
        ],
    )
    def test_go_version(self, said: str, version: tuple[int, int]) -> None:
        assert prerequisites.go_version(said) == version

    def test_a_loader_in_the_head_means_not_static(self) -> None:
        assert prerequisites.is_static(b"\x7fELF....")
        assert not prerequisites.is_static(b"\x7fELF..../lib64/ld-linux-x86-64.so.2")
        assert not prerequisites.is_static(b"#!/bin/sh")


class TestCluster:
    def test_none_is_brought_unless_named(self) -> None:
        assert cluster.from_environment({}) is None

    def test_a_brought_cluster_says_what_it_misses(self) -> None:
        with pytest.raises(SetupError, match="set REVIEWBOT_GATEWAY_ADDRESS, REVIEWBOT_PREVIEWS_URL too"):
            cluster.from_environment({"REVIEWBOT_KUBECONFIG": "/k", "REVIEWBOT_GATEWAY": "a/b"})

    def test_a_brought_cluster_takes_no_images(self) -> None:
        brought = Cluster("/k", "a/b", "127.0.0.1:80", "http://p.localhost")
        with pytest.raises(SetupError, match="REVIEWBOT_IMAGE"):
            brought.sample_image("abc")
        with pytest.raises(SetupError, match="only be imported into the local cluster"):
            brought.import_image(Image("localhost/a/b:1", ()))
        with pytest.raises(SetupError, match="only be imported into the local cluster"):
            brought.server_image("redis")

    def test_a_record_is_read_back_whole(self, tmp_path: Path) -> None:
        saved = Cluster("/k", "a/b", "127.0.0.1:80", "http://p.localhost", bridge_address="10.0.0.1")
        assert cluster.load(tmp_path) is None
        cluster.save(tmp_path, saved)
        assert cluster.load(tmp_path) == saved


def test_everything_listens_on_loopback_or_the_bridge(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Path("/tools"), Ports(1, 2, 3))
    credentials = make_credentials(layout)
    node.kubelet(layout, credentials)
    node.kube_proxy(layout, credentials)
    dns.coredns(layout, credentials)
    kubelet = json.loads((tmp_path / "config" / "kubelet.json").read_text())
    proxy = json.loads((tmp_path / "config" / "kube-proxy.json").read_text())
    assert kubelet["address"] == proxy["bindAddress"] == machine.BRIDGE_ADDRESS
    assert proxy["healthzBindAddress"].startswith("127.0.0.1:")
    assert proxy["metricsBindAddress"].startswith("127.0.0.1:")
    assert f"bind {machine.BRIDGE_ADDRESS}\n" in (tmp_path / "config" / "Corefile").read_text()


def test_names_and_volumes_are_announced(snapshot: SnapshotAssertion) -> None:
    assert [*dns.manifests(), *storage.manifests()] == snapshot


def test_volumes_are_in_the_world(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Path("/tools"), Ports(1, 2, 3))
    storage.provisioner(layout, make_credentials(layout))
    configuration = json.loads((tmp_path / "config" / "volumes.json").read_text())
    assert [node["paths"] for node in configuration["nodePathMap"]] == [[str(tmp_path / "volumes")]]
