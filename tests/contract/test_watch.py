"""The one watch of every preview's endpoints, with the controller's rights on a real API server."""

from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from reviewbot.gateways.cluster import Cluster, connect
from reviewbot.render.names import RELEASE
from tests.contract.kube import Account, thing

LABELLED = {RELEASE: None}


@pytest.fixture
def own(installed: Accounts) -> Iterator[Cluster]:
    made = connect(str(installed.controller))
    yield made
    made.close()


def a_service(name: str, where: str, **labels: str) -> dict[str, object]:
    spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return thing("Service", name, where, labels=labels, spec=spec)


def test_a_slice_has_the_labels_of_its_service_and_is_heard_in_any_namespace(
    own: Cluster, admin: Account, managed: str
) -> None:
    _, since = own.items_at("EndpointSlice", None, LABELLED)
    assert admin.create(a_service("somebody-elses", managed)).done
    assert admin.create(a_service("web-ours", managed, **{RELEASE: "ours"})).done
    for change, item in own.watch("EndpointSlice", None, LABELLED, since):
        if change != "BOOKMARK" and item["metadata"]["namespace"] == managed:
            break
    assert (change, item["metadata"]["labels"][RELEASE]) == ("ADDED", "ours")
    assert item["metadata"]["labels"]["kubernetes.io/service-name"] == "web-ours"
