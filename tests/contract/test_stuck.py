"""A namespace that does not go because an API is not available: what the cluster says of it is what we read."""

from collections.abc import Iterator

import pytest

from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.preview import read
from reviewbot.render.walls import managed_namespace
from tests.contract.kube import Account, path_of, preview_name, until

REF = PullRequestRef(RepositoryId(int(preview_name()[3:13], 16)), InstallationId(1), 1)
GROUP = "stuck.reviewbot.invalid"
SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"


@pytest.fixture
def unavailable(admin: Account) -> Iterator[None]:
    """An API of whose server nothing is there."""
    spec = {
        "group": GROUP,
        "version": "v1",
        "groupPriorityMinimum": 1,
        "versionPriority": 1,
        "insecureSkipTLSVerify": True,
        "service": {"name": "nothing", "namespace": "default"},
    }
    body = {"kind": "APIService", "metadata": {"name": f"v1.{GROUP}"}, "spec": spec}
    answer = admin.call("POST", SERVICES, {"apiVersion": "apiregistration.k8s.io/v1", **body})
    assert answer.done, answer.message
    try:
        yield
    finally:
        assert admin.call("DELETE", f"{SERVICES}/v1.{GROUP}").done


@pytest.mark.alone
def test_stuck_terminating__while_an_api_is_unavailable(admin: Account, unavailable: None) -> None:
    del unavailable
    space = managed_namespace(REF)
    path = path_of("Namespace", name=space["metadata"]["name"])
    assert admin.create(space).done
    assert admin.call("DELETE", path).done

    def told() -> bool:
        seen = read(REF, admin.call("GET", path).body, {})
        return seen.namespace == "terminating" and GROUP in seen.stuck

    until("the cluster says what holds it", told)
