"""Laws that hold for whatever can be read: it can be rendered, and every name and label of it is valid."""

import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model import AppSpec, RepositoryConfig
from reviewbot.render.addons import addon_objects, addon_volume
from reviewbot.render.jobs import postdeploy_job, release_job
from reviewbot.render.names import Address, host_label, namespace
from reviewbot.render.release import Surroundings, release
from reviewbot.render.secrets import addon_secret, config_secret, generated_secret
from reviewbot.render.workload import tenant_objects
from reviewbot.spec.placement import parse_placement
from tests.unit.builders import REF, a_pull, a_ref
from tests.unit.test_spec_properties import MANIFESTS, app_of

AROUND = Surroundings(Address("shop-pr-12-abcdefghij", "https://preview.example.com"), "key", parse_placement({}))
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
SECRET = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def rendered(app: AppSpec, where: str) -> Iterator[dict[str, Any]]:
    made = release(app, a_pull(), "shop:1", RepositoryConfig(), AROUND)
    yield config_secret(made, where)
    yield from (generated_secret(variable, "x", where) for variable in made.generated)
    for addon in made.addons:
        yield addon_secret(addon, "x", where)
        yield from filter(None, [addon_volume(addon, where), *addon_objects(addon, made, where)])
    if made.command:
        yield release_job(made, where)
    if made.postdeploy:
        yield postdeploy_job(made, where)
    yield from tenant_objects(made, where)


@given(MANIFESTS, st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_A", min_size=1, max_size=60))
def test_what_is_read_can_be_rendered(manifest: dict[str, Any], process: str) -> None:
    procfile = f"web: run\n{process}: work\nrelease: migrate".encode()
    formation = {"formation": {process: {"quantity": 2}}}
    app = app_of(procfile, json.dumps(formation | manifest).encode())
    if not isinstance(app, AppSpec):
        return
    items = list(rendered(app, namespace(REF)))
    names = [(item["kind"], item["metadata"]["name"]) for item in items]
    assert len(set(names)) == len(names)
    assert all((SECRET if kind == "Secret" else NAME).fullmatch(name) for kind, name in names), names
    labels = [value for item in items for value in item["metadata"].get("labels", {}).values()]
    assert all(LABEL.fullmatch(value) for value in labels), labels
    assert json.loads(json.dumps(items)) == items


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**31 - 1), st.text(max_size=120))
def test_any_repository_has_a_namespace_and_a_host(repository: int, number: int, name: str) -> None:
    ref = a_ref(number, repository)
    assert NAME.fullmatch(namespace(ref))
    assert NAME.fullmatch(host_label(ref, f"acme/{name}", "key"))
