"""Whatever a folder holds, it is read and made fit, or refused with sentences; nothing else happens."""

import json
from contextlib import suppress

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.errors import GiveUp
from reviewbot.manifests import Into, check_kustomization, confined, read, served
from reviewbot.model import Folder
from reviewbot.render.names import namespace
from reviewbot.spec import SpecError
from tests.manifest_changes import changed_sets
from tests.manifest_objects import Object, folder_of
from tests.unit.builders import REF, a_release

RELEASE = a_release(generated=("SECRET_KEY",), run_as_user=1000, pull_secret="mine")
INTO = Into(RELEASE, namespace(REF), "shop.example.com")
PIECES = st.sampled_from(
    ["a", "kind", "metadata", ":", " ", "\n", "  ", "- ", "[", "]", "{", "}", "'", '"', "&a", "*a"]
)
TEXTS = st.lists(
    PIECES | st.sampled_from(["!!str", "|", ">", "#", "---\n", "%", "\t", "0x", "1e9", "~", "\ufeff", "\0"])
)


@given(st.binary(max_size=100) | TEXTS.map("".join).map(str.encode), st.sampled_from(["yaml", "json"]))
def test_any_bytes(data: bytes, ending: str) -> None:
    with suppress(SpecError):
        read(Folder("", {f"a.{ending}": data}))
    with suppress(SpecError):
        check_kustomization(Folder("", {"kustomization.yaml": data}))


@given(changed_sets(), st.sampled_from([None, "web", "web:80", "web:http", ":", "a:b:c"]))
def test_any_change(items: list[Object], serve: str | None) -> None:
    with suppress(SpecError):
        made = confined(read(folder_of(*items)), INTO)
        assert {item["metadata"]["namespace"] for item in made} <= {INTO.namespace}
        with suppress(GiveUp):
            served(made, serve)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_what_is_read_is_what_was_written(data: dict[str, str]) -> None:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}
    for name, text in (("a.yaml", yaml.safe_dump(item, default_style='"')), ("a.json", json.dumps(item))):
        [found] = confined(read(Folder("", {name: text.encode()})), INTO)
        assert found["data"] == data
