"""README's kubectl commands, word for word, against the real API server: they are tried and change nothing."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from dev.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"(?m)^ *(kubectl .*)$|`(kubectl [^`]*[^`…])`", README)
CHANGES = ("apply", "create")


def test_there_are_some() -> None:
    assert len(COMMANDS) >= 5


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("command", sorted({written or inline for written, inline in COMMANDS}))
def test_it_works(command: str, cluster: Cluster, tmp_path: Path) -> None:
    for name in ("webhook-secret.txt", "private-key.pem", "host-key.txt"):
        (tmp_path / name).write_text("something long and random")
    (tmp_path / "manifests").symlink_to(ROOT / "manifests")
    words = shlex.split(command)
    if words[1] in CHANGES:
        words.append("--dry-run=server")
    words[0] = str(cluster.bin("kubectl"))
    environment = {"KUBECONFIG": str(cluster.kubeconfig), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
