"""What is written in which order for a repository's own objects, and that a refusal comes before the first of them."""

from typing import Any

import pytest

from reviewbot.decide import Apply, Prune, Render
from reviewbot.errors import GiveUp
from reviewbot.model import Folder, JobState, Kustomization, OwnObjects, Served, Stage
from reviewbot.reconcile.tenant import Tenant
from tests.unit.builders import a_release, a_state

NAMES = (("ConfigMap", "settings"), ("Service", "web"), ("Deployment", "web"))
OBJECTS = tuple({"kind": kind, "metadata": {"name": name}} for kind, name in NAMES)
WANTED = a_release(processes=(), own=OwnObjects(OBJECTS, Served("web", 80, 8080)))
ACCOUNT = "system:serviceaccount:reviewbot-tenants:rb-abc"


class Writes:
    """A cluster that notes what is written, and refuses what has that name."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.done: list[str] = []

    def apply(self, item: Any, tenant: str | None = None, *, dry_run: bool = False) -> None:
        name = f"{item['kind']}/{item['metadata']['name']}"
        assert tenant == ACCOUNT
        if name == self.refused:
            raise GiveUp("The cluster refused it.")
        self.done.append(f"{'ask' if dry_run else 'apply'} {name}")

    def create(self, item: Any, *, tenant: str | None = None) -> bool:
        assert tenant == (None if item["kind"] == "Secret" else ACCOUNT)
        self.done.append(f"create {item['kind']}/{item['metadata']['name']}")
        return True

    def delete(self, kind: str, name: str, namespace: str) -> None:
        assert namespace == "rb-abc"
        self.done.append(f"delete {kind}/{name}")

    def delete_as(self, tenant: str, kind: str, name: str, namespace: str) -> None:
        assert tenant == ACCOUNT
        self.delete(kind, name, namespace)


def written(step: Any, cluster: Writes | None = None) -> list[str]:
    cluster = cluster or Writes()
    Tenant(cluster, "rb-abc").act(step)  # type: ignore[arg-type]
    return cluster.done


def test_the_cluster_is_asked_about_all_of_them_before_the_first_is_written() -> None:
    names = [f"{kind}/{name}" for kind, name in NAMES]
    secret = f"create Secret/reviewbot-config-{WANTED.id}"
    assert written(Apply(WANTED)) == [*(f"ask {name}" for name in names), secret, *(f"apply {name}" for name in names)]


def test_if_one_is_refused_nothing_is_written() -> None:
    cluster = Writes(refused="Deployment/web")
    with pytest.raises(GiveUp):
        written(Apply(WANTED), cluster)
    assert [each for each in cluster.done if not each.startswith("ask ")] == []


def test_the_services_go_last_of_them() -> None:
    rendering = JobState("kustomize-aaaaaaa-0", "aaaaaaa-0", Stage.SUCCEEDED)
    state = a_state(id="aaaaaaa-0", processes=frozenset(), objects=frozenset(NAMES), rendering=rendering)
    done = written(Prune(state))
    assert done[0] == "delete Secret/reviewbot-config-aaaaaaa-0"
    assert set(done[1:3]) == {"delete ConfigMap/settings", "delete Deployment/web"}
    assert done[3:] == [
        "delete Service/web",
        "delete Service/web-aaaaaaa-0",
        "delete Deployment/web-aaaaaaa-0",
        "delete Job/kustomize-aaaaaaa-0",
        "delete ConfigMap/kustomize-aaaaaaa-0",
    ]


def test_what_renders_has_its_files_first() -> None:
    wanted = a_release(unrendered=Kustomization(Folder("deploy", {"kustomization.yaml": b""}), "kustomize:1"))
    name = f"kustomize-{wanted.id}"
    assert written(Render(wanted)) == [f"create ConfigMap/{name}", f"create Job/{name}"]
