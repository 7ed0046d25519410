"""Whoever asks the API server, and where; a file that needs more of one of them says so itself."""

from collections.abc import Iterator

import pytest

from tests.contract.kube import Account, Cluster, administrator, namespace, preview, service_account


@pytest.fixture(scope="module")
def admin(cluster: Cluster) -> Iterator[Account]:
    with administrator(cluster) as account:
        yield account


@pytest.fixture(scope="module")
def controller(cluster: Cluster) -> Iterator[Account]:
    with service_account(cluster, "reviewbot") as account:
        yield account


@pytest.fixture(scope="module")
def web(cluster: Cluster) -> Iterator[Account]:
    with service_account(cluster, "reviewbot-web") as account:
        yield account


@pytest.fixture(scope="module")
def managed(admin: Account) -> Iterator[str]:
    """A preview's namespace."""
    with preview(admin) as name:
        yield name


@pytest.fixture(scope="module")
def foreign(admin: Account) -> Iterator[str]:
    """A namespace that is none of reviewbot's business."""
    with namespace(admin) as name:
        yield name
