"""Real kustomize on files as a pod finds them: a ConfigMap's volume is a folder of symbolic links."""

import subprocess
from pathlib import Path

import pytest

from reviewbot.manifests import check_kustomization, read, rendered
from reviewbot.model import Folder
from tests.contract.kube import Cluster

FOLDER = Folder(
    "deploy/preview",
    {
        "kustomization.yaml": b"resources: [overlay, web.yaml]\ncommonLabels: {team: shop}\n",
        "web.yaml": b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\n",
        "overlay/kustomization.yml": b"resources: [../base]\nconfigMapGenerator: [{name: made, files: [a.txt]}]\n",
        "overlay/a.txt": b"${HOST}\n",
        "base/kustomization.yaml": b"resources: [settings.yaml]\n",
        "base/settings.yaml": b'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {on: "yes"}\n',
    },
)


def mounted(folder: Folder, at: Path) -> Path:
    """The folder as the kubelet mounts it."""
    real = at / "..2026_05_04"
    for path, data in folder.files.items():
        (real / path).parent.mkdir(parents=True, exist_ok=True)
        (real / path).write_bytes(data)
    (at / "..data").symlink_to(real.name)
    for name in {path.partition("/")[0] for path in folder.files}:
        (at / name).symlink_to(Path("..data") / name)
    return at


@pytest.fixture
def kubectl(cluster: Cluster) -> Path:
    return cluster.bin("kubectl")


def build(kubectl: Path, where: Path) -> subprocess.CompletedProcess[bytes]:
    """Both streams in one, as in a pod's log."""
    command = [str(kubectl), "kustomize", str(where)]
    environment = {"HOME": str(where), "PATH": "/nowhere"}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )


def test_what_is_rendered_can_be_read(kubectl: Path, tmp_path: Path) -> None:
    check_kustomization(FOLDER)
    done = build(kubectl, mounted(FOLDER, tmp_path))
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(b"# Warning")
    found = read(rendered(FOLDER, done.stdout))
    assert sorted((each.kind, each.name.partition("-")[0]) for each in found) == [
        ("ConfigMap", "made"),
        ("ConfigMap", "settings"),
        ("Service", "web"),
    ]


def test_a_failure_is_one(kubectl: Path, tmp_path: Path) -> None:
    broken = Folder("deploy", {"kustomization.yaml": b"resources: [web.yaml]\n", "web.yaml": b"a: [\n"})
    check_kustomization(broken)
    assert build(kubectl, mounted(broken, tmp_path)).returncode != 0
