"""Laws that hold for any file: reading ends in a value or a SpecError, review replaces whole keys, names are valid."""

import json
import re
from typing import Any

import jsonschema
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model import AppSpec, RepositoryConfig
from reviewbot.spec import SpecError, gaps, parse_app, parse_catalogue, parse_config, parse_placement
from reviewbot.spec.config.keys import APP_KEYS, KEYS
from reviewbot.spec.config.schema import schema

VALIDATOR = jsonschema.Draft7Validator(schema())
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
WORDS = st.sampled_from(
    ["web", "worker", "redis", "heroku-postgresql:mini", "basic", "/up", "10m", "a", "A_B", "x:{sha}"]
)
NAMES = st.sampled_from([*KEYS, "path", "size", "storage", "ready", "release", "require", "web", "api", "redis"])


def trees(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS | WORDS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )


MANIFEST_NAMES = st.sampled_from(
    ["plan", "as", "value", "required", "generator", "quantity", "size", "command", "type", "path", "web", "worker"]
)
MANIFESTS = st.fixed_dictionaries(
    {},
    optional={
        "name": SCALARS,
        "env": trees(MANIFEST_NAMES) | st.dictionaries(st.from_regex(r"[A-Z_]{1,6}", fullmatch=True), SCALARS),
        "formation": trees(MANIFEST_NAMES),
        "addons": trees(MANIFEST_NAMES) | st.lists(WORDS, max_size=3),
        "scripts": trees(st.sampled_from(["postdeploy", "pr-predestroy", "command", "size"])),
        "healthchecks": trees(MANIFEST_NAMES),
        "success_url": SCALARS | WORDS,
    },
)
CONFIGS = st.dictionaries(NAMES, trees(NAMES), max_size=6)


def app_of(procfile: bytes | None, app_json: bytes | None) -> AppSpec | tuple[str, ...]:
    try:
        return parse_app(procfile, app_json)
    except SpecError as error:
        assert error.problems
        return tuple(str(problem) for problem in error.problems)


def config_of(text: bytes) -> RepositoryConfig | None:
    try:
        return parse_config(text)
    except SpecError as error:
        assert error.problems
        return None


@given(st.none() | st.binary(max_size=200), st.none() | st.binary(max_size=200))
def test_any_bytes_are_an_app_or_refused(procfile: bytes | None, app_json: bytes | None) -> None:
    app_of(procfile, app_json)


@given(st.text(max_size=200), st.text(alphabet='{}[]":,\\/ \n\t\x00ab01-.eE', max_size=60))
def test_any_text_is_an_app_or_refused(procfile: str, app_json: str) -> None:
    app_of(procfile.encode(errors="surrogatepass"), app_json.encode())


@given(st.binary(max_size=200) | st.text(alphabet="{}[]\"':,&*!|>%@`?-# \n\t~ab01é", max_size=80).map(str.encode))
def test_any_bytes_are_a_config_or_refused(text: bytes) -> None:
    config_of(text)


@given(st.dictionaries(st.sampled_from(["redis", "search", "sizes", "tolerations"]), st.text(max_size=60)))
def test_any_config_map_is_read_or_refused(data: dict[str, str]) -> None:
    for parse in (parse_catalogue, parse_placement):
        try:
            parse(data)
        except SpecError as error:
            assert error.problems


@given(MANIFESTS)
def test_any_manifest_is_an_app_with_valid_names_or_refused(manifest: dict[str, Any]) -> None:
    app = app_of(b"web: run\nworker: work\nrelease: migrate", json.dumps(manifest).encode())
    if not isinstance(app, AppSpec):
        return
    assert all(
        LABEL.fullmatch(name) for name in [each.type for each in app.processes] + [each.name for each in app.addons]
    )
    provided = [addon.variable for addon in app.addons]
    variables = [var.name for var in app.env]
    assert len({*provided, *variables}) == len(provided) + len(variables)
    assert set(gaps(app)) <= set(variables)
    assert variables == sorted(variables)


@given(MANIFESTS, MANIFESTS)
def test_review_replaces_whole_keys(base: dict[str, Any], review: dict[str, Any]) -> None:
    made = app_of(None, json.dumps({**base, "environments": {"review": review}}).encode())
    plain = app_of(None, json.dumps({**base, **review}).encode())
    if isinstance(made, AppSpec) and isinstance(plain, AppSpec):
        same = ("processes", "env", "success_path", "release", "postdeploy", "predestroy", "addons", "about")
        assert [getattr(made, name) for name in same] == [getattr(plain, name) for name in same]
    else:
        assert type(made) is type(plain)


@given(CONFIGS)
def test_whatever_is_read_fits_the_schema(content: dict[str, Any]) -> None:
    text = yaml.safe_dump(content, allow_unicode=True)
    if config_of(text.encode()) is not None:
        VALIDATOR.validate(yaml.safe_load(text))


@given(
    st.fixed_dictionaries({"port": st.integers(1, 65535), "health": st.just("/up")}), st.sampled_from(sorted(APP_KEYS))
)
def test_an_app_has_what_it_does_not_say_from_the_top(top: dict[str, Any], name: str) -> None:
    config = parse_config(yaml.safe_dump({**top, "apps": {"api": {"path": "api", name: None}}}).encode())
    own = config.apps["api"].config
    assert (own.port, own.health) == (top["port"], top["health"])
