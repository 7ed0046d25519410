"""The longest names and labels that are made, before a real server; one character more is too much for it."""

import pytest

from reviewbot.engine.records import HOST
from reviewbot.model import InstallationId, Process, PullRequestRef, RepositoryId
from reviewbot.render.jobs import release_job
from reviewbot.render.names import Address, host_label
from reviewbot.render.route import route
from reviewbot.render.walls import managed_namespace
from reviewbot.render.workload import tenant_objects
from reviewbot.spec.names import MAX_NAME
from tests.contract.kube import SYSTEM, Account, Object, thing
from tests.unit.builders import a_release, a_state

pytestmark = pytest.mark.usefixtures("installed")

# Shop-like names at the edge of what GitHub has: 100 characters, dots and capitals, nothing that a host can have.
NAMES = ["acme/" + "x" * 100, "acme/" + "X.y_" * 25, "a-b/c", "acme/日本語", "acme/-"]
LARGEST = PullRequestRef(RepositoryId(2**53), InstallationId(2**53), 2**31 - 1, "a" * 20)


def _route(where: str, label: str) -> Object:
    host = Address(label, "https://preview.example.com").host
    return route(where, host, a_state(), "gateways/shared")


def _record(label: str) -> Object:
    source = {"pullRequest": {"number": LARGEST.number, "app": LARGEST.app}}
    spec = {"repositoryId": LARGEST.repository, "installationId": LARGEST.installation, "source": source}
    return thing("ReviewApp", LARGEST.name, SYSTEM, labels={HOST: label}, spec=spec)


def _answers(admin: Account, *items: Object) -> list[str]:
    return [answer.message for item in items if not (answer := admin.try_create(item)).done]


def test_names__at_their_edges(admin: Account, managed: str) -> None:
    assert _answers(admin, managed_namespace(LARGEST)) == []
    labels = [host_label(LARGEST, name, "key") for name in NAMES]
    assert max(map(len, labels)) == 63
    assert _answers(admin, *map(_record, labels), *(_route(managed, label) for label in labels)) == []
    longest = Process("p" * MAX_NAME, "run", 1)
    release = a_release(processes=(Process("web", None, 1), longest), command=None)
    assert _answers(admin, *tenant_objects(release, managed)) == []
    assert _answers(admin, release_job(a_release(command=longest), managed)) == []


@pytest.mark.parametrize("name", ["x" * 64, "Rb-1", "rb_1", "rb-1-"])
def test_names__beyond_them(admin: Account, name: str) -> None:
    assert admin.try_create(thing("Namespace", name)).code == 422


def test_names__beyond_them_a_label_is_none(admin: Account) -> None:
    assert admin.try_create(_record("x" * 64)).code == 422
