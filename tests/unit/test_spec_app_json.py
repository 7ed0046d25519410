"""app.json: what is read, what is ignored, what is refused and where."""

import codecs
import json

import pytest

from reviewbot.errors import GiveUp
from reviewbot.model import About, Addon, AppSpec, ConfigVar, HealthCheck, Process, Script
from reviewbot.spec import BUILT_IN, Problem, SpecError, gaps
from tests.unit.definitions import parsed

WEB = (Process("web", None, 1),)


def refused(app_json: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        parsed(None, app_json)
    return caught.value.sentence


def test_a_whole_file() -> None:
    app_json = b"""{
  "$schema": "https://example.com/app.json",
  "name": "shop", "description": "Sells\\n socks", "keywords": ["a"], "website": "", "repository": "",
  "logo": "https://example.com/logo.svg",
  "buildpacks": [{"url": "heroku/ruby"}], "stack": "heroku-24", "image": "heroku/ruby",
  "scripts": {"postdeploy": "seed", "pr-predestroy": {"command": "tidy", "size": "Standard-2X"}},
  "addons": ["heroku-postgresql:hobby-dev", {"plan": "heroku-redis", "as": "JOBS"}],
  "env": {
    "RAILS_ENV": "production",
    "SECRET_KEY_BASE": {"description": "for cookies", "generator": "secret"},
    "API_KEY": {"description": "ask Ann"},
    "OPTIONAL": {"required": false},
    "EMPTY": "",
    "PEM": "a\\nb"
  },
  "formation": {"web": {"quantity": 2, "size": "basic"}, "worker": {"quantity": 1}, "release": {"size": "basic"}},
  "success_url": "/welcome",
  "healthchecks": {"web": [{"type": "liveness", "path": "/alive"}]}
}"""
    app = parsed(b"release: migrate\nweb: run\nworker: work\nclock: tick\n", app_json)
    assert app == AppSpec(
        processes=(
            Process("web", "run", 2, "basic", (HealthCheck("liveness", "/alive"),)),
            Process("worker", "work", 1),
        ),
        env=(
            ConfigVar("API_KEY"),
            ConfigVar("EMPTY", ""),
            ConfigVar("OPTIONAL", required=False),
            ConfigVar("PEM", "a\nb"),
            ConfigVar("RAILS_ENV", "production"),
            ConfigVar("SECRET_KEY_BASE", generated=True),
        ),
        success_path="/welcome",
        warnings=("app.json:5:3: not used, as your CI builds the image: buildpacks, stack, image",),
        release=Script("migrate", "basic"),
        postdeploy=Script("seed"),
        predestroy=Script("tidy", "standard-2x"),
        addons=(
            Addon("postgresql", "DATABASE_URL", BUILT_IN["postgresql"]),
            Addon("jobs", "JOBS_URL", BUILT_IN["redis"]),
        ),
        about=About("shop", "Sells socks", "https://example.com/logo.svg"),
    )
    assert gaps(app) == ("API_KEY",)


@pytest.mark.parametrize("app_json", [None, b"{}", codecs.BOM_UTF8 + b"\r\n{ }\r\n", b'{"addons":[],"scripts":{}}'])
def test_nothing_to_say(app_json: bytes | None) -> None:
    assert parsed(None, app_json) == AppSpec(WEB)


@pytest.mark.parametrize(
    ("entry", "expected", "warnings"),
    [
        ('"1"', ConfigVar("A", "1"), ()),
        ('"\\ud83d\\ude00"', ConfigVar("A", "😀"), ()),
        ("{}", ConfigVar("A"), ()),
        ('{"value": "x"}', ConfigVar("A", "x"), ()),
        ('{"value": "x", "required": false}', ConfigVar("A", "x", required=False), ()),
        ('{"generator": "secret"}', ConfigVar("A", generated=True), ()),
        (
            '{"required": "false"}',
            ConfigVar("A", required=False),
            ("app.json:1:28: env.A.required: is understood, but should have no quotes",),
        ),
        (
            '{"value": "x", "generator": "secret"}',
            ConfigVar("A", "x"),
            ("app.json:1:30: env.A.generator: not used, as there is a value",),
        ),
        ('{"type": "x"}', ConfigVar("A"), ("app.json:1:16: env.A.type: unknown key, ignored",)),
    ],
)
def test_variables(entry: str, expected: ConfigVar, warnings: tuple[str, ...]) -> None:
    app = parsed(None, f'{{"env": {{"A": {entry}}}}}'.encode())
    assert app == AppSpec(WEB, (expected,), warnings=warnings)


OURS = "reviewbot sets this itself; the value here is not used"


@pytest.mark.parametrize(
    ("env", "warnings"),
    [
        ('{"PORT": "3000"}', (f"app.json:1:10: env.PORT: {OURS}",)),
        ('{"REVIEWBOT_URL": {"generator": "secret"}}', (f"app.json:1:10: env.REVIEWBOT_URL: {OURS}",)),
        ('{"HEROKU_BRANCH": {"value": "x"}}', (f"app.json:1:10: env.HEROKU_BRANCH: {OURS}",)),
        ('{"HEROKU_APP_NAME": {"required": true}, "HEROKU_PR_NUMBER": {}}', ()),
    ],
)
def test_our_own_variables_win(env: str, warnings: tuple[str, ...]) -> None:
    assert parsed(None, f'{{"env": {env}}}'.encode()) == AppSpec(WEB, warnings=warnings)


STRING = "value must be a string"
NAME = "a name has only letters, digits and _, no digit first"


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ('{"A": 5000}', f"app.json:1:15: env.A: {STRING}; put it in double quotes"),
        ('{"A": true}', f"app.json:1:15: env.A: {STRING}; put it in double quotes"),
        ('{"A": {"value": 1.5}}', f"app.json:1:25: env.A: {STRING}; put it in double quotes"),
        ('{"A": null}', f"app.json:1:15: env.A: {STRING}"),
        ('{"A": []}', f"app.json:1:15: env.A: {STRING}"),
        ('{"A": {"value": {}}}', f"app.json:1:25: env.A: {STRING}"),
        ('{"A": "\\u0000"}', "app.json:1:15: env.A: value must not have a NUL character"),
        ('{"A": "\\ud800"}', "app.json:1:15: env.A: text has half of a surrogate pair"),
        ('{"A": {"generator": "uuid"}}', 'app.json:1:29: env.A.generator: must be "secret"'),
        ('{"A": {"required": "no"}}', "app.json:1:28: env.A.required: must be true or false"),
        ('{"1A": "x"}', f"app.json:1:10: env.1A: {NAME}"),
        ('{"A-B": "x"}', f"app.json:1:10: env.A-B: {NAME}"),
        ('{"A\\n": "x"}', f"app.json:1:10: env.A�: {NAME}"),
        ('{"É": "x"}', f"app.json:1:10: env.É: {NAME}"),
        ('["A"]', "app.json:1:9: env: must be an object"),
    ],
)
def test_variables_refused(env: str, sentence: str) -> None:
    assert refused(f'{{"env": {env}}}'.encode()) == sentence


def test_review_replaces_whole_keys() -> None:
    app_json = b"""{
  "env": {"A": "1", "B": {"required": true}, "C": {"required": false}, "D": "4", "PORT": "1", "BAD": 5},
  "formation": {"web": {"quantity": 3}},
  "success_url": "/base",
  "scripts": {"postdeploy": "x"},
  "environments": {
    "test": {"env": 1, "anything": {}},
    "review": {"env": {"A": "2"}, "scripts": {}, "addons": ["redis"], "color": 1, "environments": {}}
  }
}"""
    assert parsed(None, app_json) == AppSpec(
        processes=(Process("web", None, 3),),
        env=(ConfigVar("A", "2"),),
        success_path="/base",
        addons=(Addon("redis", "REDIS_URL", BUILT_IN["redis"]),),
        warnings=(
            "app.json:8:16: environments.review.env: replaces the whole of env, and so drops B, BAD, D",
            "app.json:8:71: environments.review.color: unknown key, ignored",
            "app.json:8:83: environments.review.environments: environments do not nest, ignored",
        ),
    )


@pytest.mark.parametrize(
    ("environments", "sentence"),
    [
        (
            '{"staging": {}}',
            "app.json:1:19: environments.staging: unknown environment; known are test and review",
        ),
        ('{"review": []}', "app.json:1:29: environments.review: must be an object"),
        ("[]", "app.json:1:18: environments: must be an object"),
        (
            '{"review": {"env": {"A": 1}}}',
            f"app.json:1:43: environments.review.env.A: {STRING}; put it in double quotes",
        ),
    ],
)
def test_environments_refused(environments: str, sentence: str) -> None:
    assert refused(f'{{"environments": {environments}}}'.encode()) == sentence


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/", "/"),
        ("/welcome", "/welcome"),
        ("/a%20b?c=d#e", "/a%20b"),
        ("https://example.com", "/"),
        ("HTTP://example.com:8080/a/b/?c", "/a/b/"),
        ("https://example.com//other.example/x", "/other.example/x"),
        ("/grüße<(x)>", "/gr%C3%BC%C3%9Fe%3C%28x%29%3E"),
    ],
)
def test_success_url(url: str, path: str) -> None:
    assert parsed(None, json.dumps({"success_url": url}).encode()) == AppSpec(WEB, success_path=path)


@pytest.mark.parametrize(
    "url",
    [
        "", "welcome", "//evil.example/x", "/\\evil.example", "/a b", "/a\nb", "ftp://example.com/x",
        "javascript:alert(1)", "https:///x", "http://[x", "/" + "a" * 1024,
    ],
)  # fmt: skip
def test_success_url_refused(url: str) -> None:
    assert refused(json.dumps({"success_url": url}).encode()) == (
        "app.json:1:17: success_url: must be an http(s) address or a path such as /welcome"
    )


def test_success_url_must_be_text() -> None:
    assert refused(b'{"success_url": 1}') == "app.json:1:17: success_url: must be a string; put it in quotes"
    assert refused(b'{"success_url": null}') == "app.json:1:17: success_url: must be a string"


def test_all_problems_of_all_files_at_once_in_their_order() -> None:
    with pytest.raises(GiveUp) as caught:
        parsed(b"web run\nworker:\n", b'{"success_url": "x",\n "env": {"B": 1, "A": 2}}')
    assert isinstance(caught.value, SpecError)
    assert caught.value.problems == (
        Problem("Procfile", 1, 1, "expected `type: command`, the type of letters, digits, - and _"),
        Problem("Procfile", 2, 1, "process type worker has no command"),
        Problem("app.json", 1, 17, "success_url: must be an http(s) address or a path such as /welcome"),
        Problem("app.json", 2, 15, "env.B: value must be a string; put it in double quotes"),
        Problem("app.json", 2, 23, "env.A: value must be a string; put it in double quotes"),
    )
    assert caught.value.sentence == "\n".join(str(problem) for problem in caught.value.problems)


def test_long_lists_are_cut() -> None:
    app_json = json.dumps({"env": {f"V{n:02}": n for n in range(13)}}).encode()
    lines = refused(app_json).split("\n")
    assert lines[0] == "app.json:1:17: env.V00: value must be a string; put it in double quotes"
    assert (len(lines), lines[-1]) == (11, "and 3 more")

    warnings = parsed(None, json.dumps({f"k{n}": n for n in range(12)}).encode()).warnings
    assert warnings[0] == "app.json:1:2: k0: unknown key, ignored"
    assert (len(warnings), warnings[-1]) == (11, "and 2 more")


def test_names_in_messages_are_cut_and_printable() -> None:
    app_json = json.dumps({"x" * 100: 1, "a\n\u202eb": 2}).encode()
    assert parsed(None, app_json).warnings == (
        f"app.json:1:2: {'x' * 60}…: unknown key, ignored",
        "app.json:1:109: a��b: unknown key, ignored",
    )
