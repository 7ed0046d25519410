"""The repository keeps its own promises: what README and the manifests name is there, and settings are told the same
everywhere."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import click
import yaml

from dev.docs import addons_page, app_json, metrics_page, settings_page
from reviewbot.cli import main
from reviewbot.metrics import CONTROLLER, WEB
from reviewbot.settings import ControllerSettings, Settings, WebSettings
from reviewbot.spec import parse_catalogue, schema_text

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def names(*kinds: type[WebSettings | ControllerSettings]) -> set[str]:
    return {str(field.alias) for kind in kinds for field in kind.model_fields.values()}


def test_settings_are_told_as_they_are_defined() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page(), "run `make docs`"
    assert (ROOT / "app.json").read_text() == app_json(), "run `make docs`"


def test_metrics_are_told_as_they_are_defined() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == metrics_page(), "run `make docs`"


def test_add_ons_are_told_as_they_are_defined() -> None:
    page = (ROOT / "docs" / "addons.md").read_text()
    assert page == addons_page(), "run `make docs`"
    example = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    assert set(parse_catalogue(example["data"])) == {"postgresql", "redis", "mailhog"}


def test_the_schema_is_told_as_it_is_defined() -> None:
    assert (ROOT / "docs" / "reviewbot.schema.json").read_text() == schema_text(), "run `make docs`"


def test_alerts_speak_of_metrics_and_labels_that_exist() -> None:
    (group,) = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())["groups"]
    text = " ".join(rule["expr"] for rule in group["rules"])
    samples = [each for registry in (WEB, CONTROLLER) for metric in registry.collect() for each in metric.samples]
    assert set(re.findall(r"\breviewbot_\w+", text)) <= {each.name for each in samples}
    labels = {(label, value) for each in samples for label, value in each.labels.items()}
    assert set(re.findall(r'(\w+)="(\w+)"', text)) <= labels


def test_readme_names_every_setting() -> None:
    assert names(Settings) <= set(re.findall(r"`([A-Z][A-Z_]+)`", README))


def test_manifests_name_every_setting_and_no_other() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "manifests" / "workloads").glob("*.yaml"))
    # In a cluster the pod's own account is used.
    assert names(Settings) - {"KUBECONFIG"} <= set(re.findall(r"\b[A-Z][A-Z_]+\b", text))
    assert set(re.findall(r"\b(?:REVIEWBOT|GITHUB)_[A-Z_]+\b", text)) <= names(Settings)


def test_no_process_gets_the_other_ones_secrets() -> None:
    given = {name: _environment(name) for name in ("web", "controller")}
    assert {"GITHUB_APP_PRIVATE_KEY", "REVIEWBOT_HOST_KEY"} & given["web"] == set()
    assert {"GITHUB_WEBHOOK_SECRET"} & given["controller"] == set()


def _environment(process: str) -> set[str]:
    documents = yaml.safe_load_all((ROOT / "manifests" / "workloads" / f"{process}.yaml").read_text())
    (deployment,) = [each for each in documents if each["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return {entry["name"] for entry in container.get("env", [])}


def test_processes_of_the_procfile_are_commands() -> None:
    lines = dict(line.split(": ") for line in (ROOT / "Procfile").read_text().splitlines())
    commands = {command.removeprefix("reviewbot ") for command in lines.values()}
    assert commands <= set(_commands())
    assert set(lines) == set(json.loads(app_json())["formation"])


def test_readme_names_commands_that_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"(?m)^ *make ([a-z-]+)", README)) <= targets
    assert set(re.findall(r"`reviewbot (\w+)", README)) == set(_commands())


def test_readme_names_files_and_settings_that_exist() -> None:
    paths = re.findall(r"`((?:manifests|dev|docs|tests)/[\w/.-]*)`|\]\((docs/[\w.]+)\)", README)
    assert [path for pair in paths for path in pair if path and not (ROOT / path).exists()] == []
    local = {"REVIEWBOT_KUBECONFIG", "REVIEWBOT_BRIDGE_ADDRESS", "REVIEWBOT_PR_NUMBER", "REVIEWBOT_SHA"}
    local |= {"REVIEWBOT_URL_ADMIN"}
    assert set(re.findall(r"\bREVIEWBOT_[A-Z_]+\b", README)) <= names(Settings) | local


def _commands() -> Mapping[str, click.Command]:
    assert isinstance(main, click.Group)
    return main.commands
