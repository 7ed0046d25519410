"""Whatever is made of a definition passes the walls: each object as the tenant, each pod under Pod Security, dry."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.model import AppSpec, RepositoryConfig
from reviewbot.render.addons import addon_objects, addon_volume
from reviewbot.render.jobs import POSTDEPLOY, postdeploy_job, release_job
from reviewbot.render.names import Address
from reviewbot.render.release import Surroundings, release
from reviewbot.render.workload import tenant_objects
from reviewbot.spec import SpecError, parse_app
from reviewbot.spec.placement import parse_placement
from tests.contract.kube import Account, Object, tenant
from tests.unit.builders import a_pull

pytestmark = pytest.mark.usefixtures("installed")

CORPUS = Path(__file__).parents[1] / "unit" / "corpus"
AROUND = Surroundings(Address("shop-pr-12-abcdefghij", "https://preview.example.com"), "key", parse_placement({}))


def read(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return path.read_bytes() if path.is_file() else None


def apps() -> Iterator[tuple[str, AppSpec]]:
    for folder in sorted(CORPUS.iterdir()):
        try:
            yield folder.name, parse_app(read(folder, "Procfile"), read(folder, "app.json"))
        except SpecError:
            continue


APPS = dict(apps())


def objects(app: AppSpec, namespace: str) -> list[Object]:
    made = release(app, a_pull(), "registry.example.com/shop:1", RepositoryConfig(run_as_user=1000), AROUND)
    volumes = (addon_volume(addon, namespace) for addon in app.addons)
    return [
        *filter(None, volumes),
        *(item for addon in app.addons for item in addon_objects(addon, made, namespace)),
        *([release_job(made, namespace)] if app.release else []),
        *([postdeploy_job(made, namespace)] if app.postdeploy else []),
        *tenant_objects(made, namespace),
    ]


def pods(items: list[Object]) -> Iterator[Object]:
    """The pods that these objects ask for: Pod Security refuses a pod, and nothing before it."""
    for item in items:
        template = item["spec"].get("template")
        if template:
            metadata = {"generateName": "a-", "namespace": item["metadata"]["namespace"]}
            metadata["labels"] = template["metadata"]["labels"]
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def test_the_corpus_has_everything_that_is_rendered() -> None:
    kinds = {item["kind"] for app in APPS.values() for item in objects(app, "rb-x")}
    assert kinds == {"Deployment", "Service", "Job", "StatefulSet", "PersistentVolumeClaim"}
    assert {app.postdeploy is not None for app in APPS.values()} == {True, False}
    assert POSTDEPLOY in {item["metadata"]["name"] for app in APPS.values() for item in objects(app, "rb-x")}
    assert any(process.checks for app in APPS.values() for process in app.processes)


@pytest.mark.parametrize("name", APPS)
def test_it_passes(admin: Account, controller: Account, managed: str, name: str) -> None:
    items = objects(APPS[name], managed)
    as_tenant = controller.acting_as(tenant(managed))
    refused = [f"{item['kind']}: {answer.message}" for item in items if not (answer := as_tenant.try_create(item)).done]
    refused += [answer.message for pod in pods(items) if not (answer := admin.try_create(pod)).done]
    assert refused == []


def test_a_pod_of_root_would_be_refused(admin: Account, managed: str) -> None:
    (name, app) = next(iter(APPS.items()))
    (pod, *_) = pods(objects(replace(app, addons=()), managed))
    pod["spec"]["securityContext"]["runAsUser"] = 0
    assert "PodSecurity" in admin.try_create(pod).message, name
