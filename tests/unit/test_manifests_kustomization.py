"""A kustomization: what it may refer to, the pod that renders it, and what is made of that pod's output."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.manifests import check_kustomization, is_kustomization, read, rendered
from reviewbot.manifests.kustomization import NAMES
from reviewbot.model import Folder, Kustomization, Nodes, Toleration
from reviewbot.render.kustomize import IMAGE, render_objects
from reviewbot.spec import SpecError
from tests.unit.builders import a_release

FILES = {
    "base/kustomization.yaml": b"resources: [web.yaml]\n",
    "base/web.yaml": b"",
    "patch.yaml": b"",
    "settings.env": b"",
    "github.com/acme/shop/kustomization.yaml": b"{}",
}


def folder(text: str, **more: bytes) -> Folder:
    return Folder("deploy/preview", {"kustomization.yaml": text.encode(), **FILES, **more})


def problems(where: Folder) -> list[str]:
    try:
        check_kustomization(where)
    except SpecError as error:
        return [str(problem).removeprefix("deploy/preview/") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("name", "expected"),
    [*((name, True) for name in NAMES), ("base/kustomization.yaml", False), ("web.yaml", False)],
)
def test_which_folder_is_one(name: str, expected: bool) -> None:
    assert is_kustomization(Folder("deploy", {name: b""})) is expected


def test_what_a_kustomization_may_say() -> None:
    text = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namePrefix: shop-
resources: [base, ./base/../base/web.yaml]
components:
configMapGenerator:
- name: settings
  files: [settings.env, key=patch.yaml]
  envs: [settings.env]
  env: settings.env
  literals: ["ADDRESS=https://${HOST}/"]
patches:
- path: patch.yaml
- patch: |-
    - {op: remove, path: /spec/replicas}
  target: {kind: Deployment}
patchesStrategicMerge:
- patch.yaml
- |-
  apiVersion: v1
  kind: Service
  metadata: {name: "https://x?y"}
images: [{name: web, newName: "${IMAGE}"}]
openapi: {path: base/web.yaml}
"""
    assert problems(folder(text)) == []
    assert problems(folder("")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *(
            (f"resources: ['{address}']", "1:13: resources: nothing is loaded from elsewhere; copy it into the folder")
            for address in (
                "https://example.com/web.yaml",
                "http://169.254.169.254/latest",
                "github.com/acme/shop",
                "GitHub.com/acme/shop",
                "git@github.com:acme/shop",
                "git::https://example.com/x",
                "ssh://example.com/x",
                "file:///etc/passwd",
                "gh:acme/shop",
                "base?ref=main",
                "base//web",
            )
        ),
        ("components: ['https://example.com/x']", "1:14: components: nothing is loaded"),
        ("bases: ['https://example.com/x']", "1:9: bases: nothing is loaded"),
        ("patches: [{path: 'https://example.com/x'}]", "1:18: patches.path: nothing is loaded"),
        ("openapi: {path: 'https://example.com/x'}", "1:17: openapi.path: nothing is loaded"),
        ("configMapGenerator: [{files: ['a=https://example.com/x']}]", "1:31: configMapGenerator.files: nothing"),
        ("configMapGenerator: [{envs: [../../.env]}]", "1:30: configMapGenerator.envs: leads out of deploy/preview"),
        ("resources: [..]", "1:13: resources: leads out of deploy/preview; all that is needed must be in there"),
        ("resources: [../prod]", "1:13: resources: leads out of deploy/preview"),
        ("resources: [base/../../prod]", "1:13: resources: leads out of deploy/preview"),
        ("resources: [/etc/passwd]", "1:13: resources: leads out of deploy/preview"),
        ("resources: [nothing]", "1:13: resources: there is no such file or folder in deploy/preview"),
        ("resources: [on]", "1:13: resources: must be a string, but this is read as true"),
        ("resources: base", "1:12: resources: must be a list"),
        ("helmCharts: [{name: x}]", "1:1: helmCharts: must be left out: Helm is not run"),
        ("generators: [base]", "1:1: generators: must be left out: plugins are not run"),
        ("transformers: [base]", "1:1: transformers: must be left out"),
        ("validators: [base]", "1:1: validators: must be left out"),
        ("secretGenerator: [{name: x}]", "1:1: secretGenerator: must be left out"),
        ("resource: [base]", "1:1: resource: unknown key; known are"),
        ("- base", "1:1: must be an object"),
        ("resources: &a [base]", "1:12: anchors and aliases are not allowed"),
        ("a: 1\n---\nb: 1", "2:1: only one document is allowed"),
    ],
)
def test_paths_shell_ssrf__kustomization(text: str, problem: str) -> None:
    [found] = problems(folder(text))
    assert found.startswith(f"kustomization.yaml:{problem}")


def test_those_of_folders_below_count_too() -> None:
    where = folder("resources: [base]", **{"base/sub/Kustomization": b"resources: [../web.yaml, ../../../x, ../y]"})
    assert [problem.partition(": ")[0] for problem in problems(where)] == [
        "base/sub/Kustomization:1:26",
        "base/sub/Kustomization:1:38",
    ]


def test_paths_shell_ssrf__links_in_a_kustomization() -> None:
    where = Folder("deploy", {"kustomization.yaml": b""}, {"base": "symbolic link"})
    assert problems(where) == ["deploy/base:1:1: this is a symbolic link; only ordinary files can be read"]


def test_what_is_applied(snapshot: SnapshotAssertion) -> None:
    nodes = Nodes({"pool": "previews"}, (Toleration("only", "previews", "NoSchedule"),), "gvisor")
    where = Folder("deploy", {"kustomization.yaml": b"resources: [base]\n", "base/web.bin": b"\xff"})
    release = a_release(unrendered=Kustomization(where, IMAGE), nodes=nodes, pull_secret="registry")
    assert render_objects(release, "rb-abc") == snapshot


OBJECT = b'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "# Warning: mine"}\n'


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"# Warning: 'commonLabels' is deprecated. Please use 'labels' instead.\n",
        b"# Warning: 'bases' is deprecated.\n# Warning: 'vars' is deprecated.\n",
        b"Warning: something\n2026/05/04 12:00:00 well-defined vars that were never replaced: X\n",
    ],
)
def test_what_is_made_of_the_output(told: bytes) -> None:
    [found] = read(rendered(folder(""), told + OBJECT))
    assert (found.file, found.name) == ("deploy/preview/(rendered by kustomize).yaml", "a")
    assert found.node.place.line == 1


@pytest.mark.parametrize("output", [b"", b"# Warning: nothing"])
def test_an_empty_output(output: bytes) -> None:
    assert read(rendered(folder(""), output)) == ()


def test_an_output_that_is_none(snapshot: SnapshotAssertion) -> None:
    output: Any = b"Error: accumulating resources: no such file"
    with pytest.raises(SpecError) as caught:
        read(rendered(folder(""), output))
    assert caught.value.sentence == snapshot
