"""The release phase, app.json's scripts, its health checks and what it says for people."""

import json

import pytest

from reviewbot.model import About, HealthCheck, Process, Script
from reviewbot.spec import SpecError
from tests.unit.definitions import parsed

PROCFILE = b"web: run\nworker: work\nrelease: migrate"


def refused(app_json: str) -> str:
    with pytest.raises(SpecError) as caught:
        parsed(PROCFILE, app_json.encode())
    return caught.value.sentence.removeprefix("app.json:")


@pytest.mark.parametrize(
    ("formation", "release", "warnings"),
    [
        ("{}", Script("migrate"), ()),
        ('{"release": {"size": "Performance-M"}}', Script("migrate", "performance-m"), ()),
        (
            '{"release": {"size": "huge"}}',
            Script("migrate"),
            ("app.json:1:36: formation.release.size: unknown size, default is used; known are",),
        ),
    ],
)
def test_release(formation: str, release: Script, warnings: tuple[str, ...]) -> None:
    app = parsed(PROCFILE, f'{{"formation": {formation}}}'.encode())
    assert (app.processes, app.release) == ((Process("web", "run", 1),), release)
    assert [str(told)[: len(start)] for told, start in zip(app.warnings, warnings, strict=True)] == list(warnings)


@pytest.mark.parametrize("procfile", [None, b"web: run"])
def test_a_size_for_a_release_that_there_is_not(procfile: bytes | None) -> None:
    app = parsed(procfile, b'{"formation": {"release": {"size": "basic"}}}')
    assert (app.release, app.warnings) == (
        None,
        ("app.json:1:16: formation.release: not used, as the Procfile has no release",),
    )


@pytest.mark.parametrize(
    ("scripts", "postdeploy", "predestroy"),
    [
        ("{}", None, None),
        ('{"postdeploy": "seed && echo \\"done\\""}', Script('seed && echo "done"'), None),
        ('{"pr-predestroy": "tidy"}', None, Script("tidy")),
        ('{"postdeploy": {"command": "seed", "size": "Standard-2X"}}', Script("seed", "standard-2x"), None),
        ('{"postdeploy": {"command": "a\\nb"}, "pr-predestroy": "c"}', Script("a\nb"), Script("c")),
    ],
)
def test_scripts(scripts: str, postdeploy: Script | None, predestroy: Script | None) -> None:
    app = parsed(None, f'{{"scripts": {scripts}}}'.encode())
    assert (app.postdeploy, app.predestroy, app.warnings) == (postdeploy, predestroy, ())


@pytest.mark.parametrize(
    ("scripts", "warning"),
    [
        ('{"postdeploy": " "}', "app.json:1:28: scripts.postdeploy: is empty, so nothing is run"),
        ('{"test": "rake"}', "app.json:1:14: scripts.test: unknown key, ignored"),
        ('{"dokku": {"predeploy": "x"}}', "app.json:1:14: scripts.dokku: unknown key, ignored"),
    ],
)
def test_scripts_that_do_not_run(scripts: str, warning: str) -> None:
    app = parsed(None, f'{{"scripts": {scripts}}}'.encode())
    assert (app.postdeploy, app.predestroy, app.warnings) == (None, None, (warning,))


@pytest.mark.parametrize(
    ("scripts", "sentence"),
    [
        ("[]", "1:13: scripts: must be an object"),
        ('{"postdeploy": null}', "1:28: scripts.postdeploy: must be a string"),
        ('{"postdeploy": 1}', "1:28: scripts.postdeploy: must be a string; put it in quotes"),
        ('{"postdeploy": ["a"]}', "1:28: scripts.postdeploy: must be a string"),
        ('{"postdeploy": {"size": "basic"}}', '1:28: scripts.postdeploy: has no "command"'),
        ('{"pr-predestroy": {"command": []}}', "1:43: scripts.pr-predestroy.command: must be a string"),
        ('{"postdeploy": "a\\u0000"}', "1:28: scripts.postdeploy: must not have a NUL character"),
    ],
)
def test_scripts_refused(scripts: str, sentence: str) -> None:
    assert refused(f'{{"scripts": {scripts}}}') == sentence


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ('{"type": "startup", "name": "up", "description": "?", "path": "/up"}', HealthCheck("startup", "/up")),
        ('{"path": "/up"}', HealthCheck("startup", "/up")),
        ('{"type": "", "listening": true, "port": 9000}', HealthCheck("startup", port=9000)),
        ('{"type": "readiness", "command": ["bin/ok", "-q"]}', HealthCheck("readiness", command=("bin/ok", "-q"))),
        (
            '{"type": "liveness", "path": "/", "attempts": 9, "timeout": 2, "wait": 7, "initialDelay": 30}',
            HealthCheck("liveness", "/", delay=30, period=7, timeout=2, attempts=9),
        ),
        (
            '{"path": "/", "attempts": 0, "timeout": 0, "wait": 0, "initialDelay": 0, "port": 0, "listening": false}',
            HealthCheck("startup", "/"),
        ),
        ('{"path": "/", "scheme": "http", "warn": false}', HealthCheck("startup", "/")),
    ],
)
def test_health_checks(check: str, expected: HealthCheck) -> None:
    app = parsed(PROCFILE, f'{{"healthchecks": {{"web": [{check}]}}}}'.encode())
    assert app.processes == (Process("web", "run", 1, checks=(expected,)),)
    assert app.warnings == ()


PROBES = "not used, as Kubernetes' probes have no such thing"


@pytest.mark.parametrize(
    ("checks", "kept", "warnings"),
    [
        (
            '{"web": [{"path": "/a", "content": "ok", "httpHeaders": [], "onFailure": {}, "colour": 1}]}',
            1,
            (
                f"1:42: healthchecks.web.content: {PROBES}",
                f"1:59: healthchecks.web.httpHeaders: {PROBES}",
                f"1:78: healthchecks.web.onFailure: {PROBES}",
                "1:95: healthchecks.web.colour: unknown key, ignored",
            ),
        ),
        (
            '{"web": [{"uptime": 10}]}',
            0,
            (
                "1:27: healthchecks.web: this check is left out, as it has neither path, command nor listening",
                f"1:28: healthchecks.web.uptime: {PROBES}",
            ),
        ),
        (
            '{"web": [{"path": "/", "warn": true}]}',
            0,
            ("1:41: healthchecks.web.warn: this check is left out, as it decides nothing",),
        ),
        (
            '{"web": [{"path": "/", "scheme": "https"}]}',
            1,
            ("1:41: healthchecks.web.scheme: not used; checks speak HTTP",),
        ),
        (
            '{"web": [{"path": "/a"}, {"path": "/b"}]}',
            1,
            ("1:43: healthchecks.web: not used: a process has one startup check, the first",),
        ),
        (
            '{"worker": [{"listening": true}]}',
            0,
            ("1:19: healthchecks.worker: not used, as no such process runs",),
        ),
    ],
)
def test_health_checks_that_kubernetes_cannot_make(checks: str, kept: int, warnings: tuple[str, ...]) -> None:
    app = parsed(PROCFILE, f'{{"healthchecks": {checks}}}'.encode())
    assert app.warnings == tuple(f"app.json:{warning}" for warning in warnings)
    assert len(app.processes[0].checks) == kept


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ("[]", "1:18: healthchecks: must be an object"),
        ('{"web": {}}', "1:26: healthchecks.web: must be a list of checks"),
        ('{"web": ["/"]}', "1:27: healthchecks.web: must be an object"),
        ('{"web": [{"type": "ready"}]}', "1:36: healthchecks.web.type: must be one of startup, readiness, liveness"),
        ('{"web": [{"type": []}]}', "1:36: healthchecks.web.type: must be one of startup, readiness, liveness"),
        ('{"web": [{"path": "up"}]}', "1:36: healthchecks.web.path: must be a path such as /healthz"),
        ('{"web": [{"path": 1}]}', "1:36: healthchecks.web.path: must be a string; put it in quotes"),
        ('{"web": [{"command": "x"}]}', '1:39: healthchecks.web.command: must be a list such as ["bin/check",'),
        ('{"web": [{"command": []}]}', '1:39: healthchecks.web.command: must be a list such as ["bin/check",'),
        ('{"web": [{"command": [1]}]}', "1:40: healthchecks.web.command: must be a string; put it in quotes"),
        ('{"web": [{"command": ["\\u0000"]}]}', "1:39: healthchecks.web.command: must not have a NUL character"),
        (
            '{"web": [{"path": "/", "command": ["x"]}]}',
            "1:41: healthchecks.web: a check has either path or command",
        ),
        (
            '{"web": [{"path": "/", "port": 70000}]}',
            "1:49: healthchecks.web.port: must be a whole number from 0 to 65535",
        ),
        (
            '{"web": [{"path": "/", "attempts": -1}]}',
            "1:53: healthchecks.web.attempts: must be a whole number from 0 to 100",
        ),
        (
            '{"web": [{"path": "/", "wait": 1.5}]}',
            "1:49: healthchecks.web.wait: must be a whole number from 0 to 3600",
        ),
    ],
)
def test_health_checks_refused(checks: str, sentence: str) -> None:
    assert refused(f'{{"healthchecks": {checks}}}').startswith(sentence)


@pytest.mark.parametrize(
    ("keys", "about", "warnings"),
    [
        ({"name": " Shop ", "description": "a\n b\tc"}, About("Shop", "a b c"), ()),
        ({"name": "n" * 400, "description": "d" * 2000}, About("n" * 300, "d" * 1000), ()),
        ({"logo": "https://example.com/a.png"}, About(logo="https://example.com/a.png"), ()),
        ({"logo": "javascript:alert(1)"}, About(), ("1:10: logo: not used, as it is no http(s) address",)),
        ({"logo": "/logo.png"}, About(), ("1:10: logo: not used, as it is no http(s) address",)),
        ({"logo": ""}, About(), ()),
        ({"name": 1}, About(), ("1:10: name: not used, as it is no string",)),
        ({"name": None}, About(), ("1:10: name: not used, as it is no string",)),
    ],
)
def test_about(keys: dict[str, object], about: About, warnings: tuple[str, ...]) -> None:
    app = parsed(None, json.dumps(keys).encode())
    assert (app.about, app.warnings) == (about, tuple(f"app.json:{warning}" for warning in warnings))


@pytest.mark.parametrize(
    ("app_json", "warnings"),
    [
        (b'{"stack": "heroku-24"}', ("app.json:1:2: not used, as your CI builds the image: stack",)),
        (
            b'{"image": "x",\n "environments": {"review": {"buildpacks": []}}}',
            ("app.json:1:2: not used, as your CI builds the image: buildpacks, image",),
        ),
        (b'{"keywords": 1, "website": 2, "repository": 3, "$schema": 4}', ()),
    ],
)
def test_what_is_accepted_and_not_used(app_json: bytes, warnings: tuple[str, ...]) -> None:
    assert parsed(None, app_json).warnings == warnings
