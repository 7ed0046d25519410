"""`reviewbot check`: a working copy, and what is said of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from syrupy.assertion import SnapshotAssertion

from reviewbot.check import check
from reviewbot.cli import main

CANARY = "c4n4ry"
APP_JSON = """{
  "env": {"KEY": {"generator": "secret"}, "GIVEN": "c4n4ry", "OVER": "c4n4ry", "NEEDED": {},
          "MAYBE": {"required": false}, "DATABASE_URL": {}},
  "formation": {"worker": {"quantity": 2, "size": "standard-2x"}, "release": {"size": "basic"}},
  "addons": ["heroku-postgresql", {"plan": "redis", "as": "JOBS"}, "papertrail"],
  "scripts": {"postdeploy": "bin/seed", "pr-predestroy": {"command": "bin/tidy", "size": "eco"}},
  "healthchecks": {"web": [{"path": "/up"}, {"type": "liveness", "command": ["bin/ok", "-q"]}]}
}"""


def a_copy(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def test_everything_that_would_be_deployed(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    files = {
        ".github/reviewbot.yml": "image: x\nenv: {OVER: c4n4ry}\nsizes: {web: basic}\naddons: {jobs: {storage: 2Gi}}",
        "Procfile": "release: bin/migrate\nweb: bin/web\nworker: " + "w" * 100,
        "app.json": APP_JSON,
    }
    result = run(str(a_copy(tmp_path, files)))
    assert result.stdout == snapshot
    assert (result.exit_code, CANARY in result.output) == (0, False)


def test_an_empty_folder_runs_the_image_as_it_is(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.stdout == "processes      web x1 default: the image's own entry point\n"
    assert result.exit_code == 0


def test_every_problem_of_every_file(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    files = {".github/reviewbot.yml": "imag: x\nport: 0\n", "Procfile": "web run\n", "app.json": '{"env": {"A": 1}}'}
    result = run(str(a_copy(tmp_path, files)))
    assert result.stdout == snapshot
    assert result.exit_code == 1


def test_several_apps(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    apps = "apps: {api: {path: services/api}, site: {path: site}, gone: {path: gone}, root: {path: .}}"
    files = {
        ".github/reviewbot.yml": apps,
        "Procfile": "web: bin/root",
        "services/api/Procfile": "web: bin/api",
        "services/api/app.json": '{"stack": "heroku-24"}',
        "site/app.json": '{"addons": "redis"}',
    }
    result = run(str(a_copy(tmp_path, files)))
    assert result.stdout == snapshot
    assert result.exit_code == 1


def test_no_such_folder(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nowhere"))
    assert (result.exit_code, "does not exist" in result.stderr) == (2, True)
    assert run(str(tmp_path), "more").exit_code == 2


def link(root: Path, name: str, target: str) -> None:
    (root / name).symlink_to(target)


def loop(root: Path) -> None:
    link(root, "Procfile", "other")
    link(root, "other", "Procfile")


def out(root: Path) -> None:
    (root.parent / "outside").write_text("web: x")
    link(root, "Procfile", "../outside")


def submodule(root: Path) -> None:
    a_copy(root, {"Procfile/.git": "gitdir: ../.git/modules/x"})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (out, "Procfile:1:1: is a symbolic link that leads out of the repository"),
        (lambda root: link(root, "Procfile", "/etc/hostname"), "Procfile:1:1: is a symbolic link that leads out of"),
        (lambda root: link(root, "Procfile", "gone"), "Procfile:1:1: is a symbolic link that leads nowhere"),
        (loop, "Procfile:1:1: is a symbolic link that leads back to itself"),
        (lambda root: (root / "app.json").mkdir(), "app.json:1:1: is a folder, not a file"),
        (lambda root: link(root, "app.json", "."), "app.json:1:1: is a folder, not a file"),
        (submodule, "Procfile:1:1: is a submodule, not a file"),
        (
            lambda root: link(a_copy(root, {"ci/reviewbot.yml": ""}), ".github", "ci"),
            ".github/reviewbot.yml:1:1: is below the symbolic link .github, which GitHub does not follow",
        ),
        (
            lambda root: a_copy(root, {"app.json": " " * 3 * 1024 * 1024}),
            "app.json:1:1: the file is larger than 1024 KB",
        ),
    ],
)
def test_what_stands_in_place_of_a_file(tmp_path: Path, make: object, sentence: str) -> None:
    root = tmp_path / "copy"
    root.mkdir()
    assert callable(make)
    make(root)
    outcome = check(root)
    assert not outcome.fine
    assert outcome.text.split("\n\n")[-1].startswith(sentence)
    assert outcome.text.endswith("1 problem")


def test_a_link_within_the_repository_is_followed(tmp_path: Path) -> None:
    root = a_copy(tmp_path, {"config/Procfile": "web: bin/linked"})
    link(root, "Procfile", "config/Procfile")
    assert check(root).text == "processes      web x1 default: bin/linked"


OWN = ".github/reviewbot.yml"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
JOB = """apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: index, image: "${IMAGE}"}]}}}
"""


def test_manifests(tmp_path: Path) -> None:
    files = {OWN: "image: x\nmanifests: deploy/preview/\n", "Procfile": "release: bin/migrate\n"}
    root = a_copy(tmp_path, files | {"deploy/preview/sub/all.yaml": SERVICE + "---\n" + JOB})
    assert (
        check(root).text == "objects        Job index\n               Service web\nrelease        default: bin/migrate"
    )


@pytest.mark.parametrize(
    ("serve", "files", "problem"),
    [
        ("web", {}, f"{OWN}:1:1: there is no folder deploy"),
        ("shop", {"web.yaml": SERVICE}, f"{OWN}:1:1: `serve` in .github/reviewbot.yml names the Service shop; the"),
        ("web", {"web.yaml": SERVICE + "kind: x"}, "deploy/web.yaml:5:1: "),
        ("web", {"web.yaml": SERVICE.replace("ports", "type: NodePort, ports")}, "deploy/web.yaml:4:14: spec.type"),
        ("web", {"kustomization.yaml": "resources: [../x]"}, "deploy/kustomization.yaml:1:13: resources: leads out"),
    ],
)
def test_manifests_that_cannot_be_used(tmp_path: Path, serve: str, files: dict[str, str], problem: str) -> None:
    settings = {OWN: f"image: x\nmanifests: deploy\nserve: {serve}\n"}
    outcome = check(a_copy(tmp_path, settings | {f"deploy/{name}": text for name, text in files.items()}))
    assert outcome.text.startswith(problem)
    assert outcome.text.endswith("1 problem")


def test_manifests_of_which_some_are_no_files(tmp_path: Path) -> None:
    files = {OWN: "manifests: deploy\n", "deploy/kustomization.yaml": "resources: []", "deploy/lib/.git": "gitdir: x"}
    root = a_copy(tmp_path, files)
    assert check(root).text.startswith("deploy/lib:1:1: this is a submodule")
    (root / "deploy/lib/.git").unlink()
    (root / "deploy/lib/x.yaml").symlink_to(root / "deploy/kustomization.yaml")
    assert check(root).text.startswith("deploy/lib/x.yaml:1:1: this is a symbolic link")
    (root / "deploy/lib/x.yaml").unlink()
    assert check(root).text == "objects        a kustomization, rendered in the preview"
