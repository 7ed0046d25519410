"""What every test of the local world shares: the cluster that is up, with reviewbot's manifests installed in it."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.bot.install import Accounts, install
from dev.cluster import Cluster, current
from dev.cluster.cluster import from_environment


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster that `make test` or `make cluster` started, or the one in REVIEWBOT_KUBECONFIG."""
    found = from_environment() or current()
    assert found is not None, "No cluster is up: run `make test`, or `make cluster` first."
    return found


@pytest.fixture(scope="session")
def installed(cluster: Cluster) -> Iterator[Accounts]:
    """manifests/cluster applied, and the kubeconfigs of reviewbot's two accounts."""
    lock = Path(tempfile.gettempdir()) / "reviewbot-install.lock"
    with tempfile.TemporaryDirectory(prefix="reviewbot-test-") as folder:
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            accounts = install(cluster, Path(folder))
        yield accounts
