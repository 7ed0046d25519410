"""What every test of the local world shares: the cluster that is up, with reviewbot's manifests installed in it."""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import settings

from dev.bot.install import Accounts, install
from dev.cluster import Cluster, current
from dev.cluster.cluster import from_environment
from tests import canaries

_CONTRACT = Path(__file__).parent / "contract"

# The same examples in every run, however slow the machine is.
settings.register_profile("stable", derandomize=True, deadline=None, database=None)
settings.load_profile("stable")


def pytest_configure(config: pytest.Config) -> None:
    """Every test is searched for secrets."""
    config.pluginmanager.register(canaries)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--histories` chooses which of the random histories are told."""
    parser.addoption("--histories", default="0+3", help="numbers of random histories: the first + how many (0+3)")


# Before `-m` chooses by it.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: short ones fill up the end. What may run beside real processes is marked so."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
    for item in items:
        if not _is_marked(item, "alone", "processes") and _writes_no_records(item):
            item.add_marker("beside")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster that `make test` or `make cluster` started, or the one in REVIEWBOT_KUBECONFIG."""
    found = from_environment() or current()
    assert found is not None, "No cluster is up: run `make test`, or `make cluster` first."
    return found


@pytest.fixture(autouse=True)
def _room(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests share the cluster side by side; one marked `alone` changes what counts for every preview in it."""
    if not _in_cluster(request.node):
        yield
        return
    alone = _is_marked(request.node, "alone")
    with _locked("door", fcntl.LOCK_EX) as door, _locked("room", fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        # Whoever waits to be alone keeps the door shut, or the room would never be empty.
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


def _is_marked(item: pytest.Item, *names: str) -> bool:
    return any(item.get_closest_marker(name) for name in names)


def _writes_no_records(item: pytest.Item) -> bool:
    return not _in_cluster(item) or (item.path.parent == _CONTRACT and not _is_marked(item, "records"))


def _in_cluster(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "cluster" in item.fixturenames


@contextmanager
def _locked(name: str, how: int) -> Iterator[TextIO]:
    with (Path(tempfile.gettempdir()) / f"reviewbot-{name}.lock").open("w") as held:
        fcntl.flock(held, how)
        yield held


@pytest.fixture(scope="session")
def installed(cluster: Cluster) -> Iterator[Accounts]:
    """manifests/cluster applied, and the kubeconfigs of reviewbot's two accounts."""
    with tempfile.TemporaryDirectory(prefix="reviewbot-test-") as folder:
        with _locked("install", fcntl.LOCK_EX):
            accounts = install(cluster, Path(folder))
        for account in (accounts.controller, accounts.web):
            canaries.know_kubeconfig(account.read_text())
        yield accounts
