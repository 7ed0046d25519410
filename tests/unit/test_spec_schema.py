"""The JSON Schema of .github/reviewbot.yml: valid, and never stricter than what reads the file."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from reviewbot.cli import main
from reviewbot.spec import SpecError, parse_config
from reviewbot.spec.config.schema import schema

VALIDATOR = jsonschema.Draft7Validator(schema())
README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
READMES_EXAMPLE = README.split("```yaml\n")[1].split("```")[0]


def fits(text: str) -> bool:
    return bool(VALIDATOR.is_valid(yaml.safe_load(text)))


def test_it_is_a_schema_and_printed() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert json.loads(CliRunner().invoke(main, ["schema"]).stdout) == schema()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        READMES_EXAMPLE,
        "image:\nhealth:\nport:\nenv:\nsizes:\naddons:\nlimits:\nmanifests:\nserve:\napps:\nchecks:\ncomment:\nlogs:\n",
        "comment: off",
        "comment: on-failure",
        "addons: {a: on, b: off, c: , d: {size: , storage: 1Gi}}",
        "limits: {ready: 1, release: 3600, postdeploy: 60m, pr_predestroy: 10m}",
        "manifests: ./a/b/\nserve: web:8080",
        "apps: {api: {path: ., port: 1, env: {A: ''}}}",
        "apps: {api: {path: a..b/c, manifests: a, serve: b}}",
    ],
)
def test_what_is_read_fits_it(text: str) -> None:
    parse_config(text.encode())
    assert fits(text)


@pytest.mark.parametrize(
    "text",
    [
        "imag: a",
        "- image",
        "port: '80'",
        "port: 0",
        "health: healthz",
        "comment: never",
        "logs: private",
        "env: {A: 1}",
        "env: {A: }",
        "env: {A-B: x}",
        "addons: {A: off}",
        "addons: {a: none}",
        "addons: {a: {storage: 1}}",
        "limits: {ready: 0}",
        "limits: {ready: 10 m}",
        "manifests: /a",
        "manifests: a/../b",
        "serve: web:0",
        "apps: {a: {}}",
        "apps: {a: {path: }}",
        "apps: {A: {path: a}}",
        "checks: {require: build}",
        "checks: {require: ['']}",
    ],
)
def test_an_editor_sees_most_mistakes(text: str) -> None:
    with pytest.raises(SpecError):
        parse_config(text.encode())
    assert not fits(text)
