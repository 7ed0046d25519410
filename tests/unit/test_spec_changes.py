"""What a pull request changes in the app's definition, told in words: every kind of difference, in a fixed order."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import Addon, AppSpec, ConfigVar, HealthCheck, Process, Script, Service
from reviewbot.spec import parse_app
from reviewbot.spec.changes import changes, left_out_of_review
from reviewbot.spec.problems import MAX_NAME

WEB = Process("web", "bin/web", 1)
REDIS = Service("redis", "redis:7", 6379, "redis://$(HOST)", "REDIS_URL", 999)


def an_app(*processes: Process, **changed: Any) -> AppSpec:
    return AppSpec(processes or (WEB,), **changed)


def a_worker(**changed: Any) -> Process:
    return replace(Process("worker", "bin/work", 1), **changed)


CASES: dict[str, tuple[AppSpec, AppSpec, list[str]]] = {
    "nothing": (an_app(WEB, a_worker()), an_app(WEB, a_worker()), []),
    "another order is none": (an_app(WEB, a_worker()), an_app(a_worker(), WEB), []),
    "a process more": (an_app(), an_app(WEB, a_worker(quantity=2)), ["adds process `worker` (0 → 2)"]),
    "a process less": (an_app(WEB, a_worker()), an_app(), ["removes process `worker` (1 → 0)"]),
    "everything about a process": (
        an_app(WEB, a_worker()),
        an_app(WEB, a_worker(quantity=3, command="bin/toil", size="basic", checks=(HealthCheck("liveness"),))),
        [
            "scales process `worker` (1 → 3)",
            "changes the command of process `worker`",
            "changes the size of process `worker` (default → basic)",
            "changes the health checks of process `worker`",
        ],
    ),
    "the image's own entry point": (
        an_app(Process("web", None, 1)),
        an_app(),
        ["changes the command of process `web`"],
    ),
    "scripts": (
        an_app(release=Script("migrate"), postdeploy=Script("seed")),
        an_app(release=Script("migrate --all"), predestroy=Script("clean")),
        [
            "changes the release command",
            "removes the postdeploy script",
            "adds the pr-predestroy script",
        ],
    ),
    "add-ons, whose variables are not told besides": (
        an_app(addons=(Addon("cache", "CACHE_URL", REDIS),), env=(ConfigVar("REDIS_URL", "redis://elsewhere"),)),
        an_app(addons=(Addon("redis", "REDIS_URL", REDIS),)),
        ["removes add-on `cache`", "adds add-on `redis`"],
    ),
    "an add-on of another kind": (
        an_app(addons=(Addon("redis", "REDIS_URL", REDIS),)),
        an_app(addons=(Addon("redis", "CACHE_URL", REDIS),)),
        ["changes add-on `redis`"],
    ),
    "variables": (
        an_app(env=(ConfigVar("A", "1"), ConfigVar("B", "1"), ConfigVar("C", "1"), ConfigVar("F", "1"))),
        an_app(
            env=(
                ConfigVar("A", "1", required=False),
                ConfigVar("B", "s3cr3t"),
                ConfigVar("D", generated=True),
                ConfigVar("E", "s3cr3t"),
                ConfigVar("F"),
                ConfigVar("STRIPE_KEY"),
            )
        ),
        [
            "changes the value of variable `B`",
            "drops variable `C`",
            "adds variable `D`, whose value is generated",
            "adds variable `E`",
            "requires variable `F`, which has no value yet",
            "requires variable `STRIPE_KEY`, which has no value yet",
        ],
    ),
    "a gap that was there": (an_app(env=(ConfigVar("KEY"),)), an_app(env=(ConfigVar("KEY"),)), []),
    "the address": (an_app(), an_app(success_path="/welcome"), ["changes `success_url` (/ → /welcome)"]),
    "only so many": (
        an_app(),
        an_app(env=tuple(ConfigVar(f"VAR_{number:02}", "1") for number in range(13))),
        [*(f"adds variable `VAR_{number:02}`" for number in range(10)), "and 3 more"],
    ),
    "a long name": (
        an_app(),
        an_app(env=(ConfigVar("A" * 70_000, "1"),)),
        [f"adds variable `{'A' * MAX_NAME}…`"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_changes(name: str) -> None:
    base, head, told = CASES[name]
    assert changes(base, head) == tuple(told)


REPLACED = b"""{
  "env": {"WEB_CONCURRENCY": {"value": "2", "required": false}, "KEPT": "1"},
  "environments": {"review": {"env": {"KEPT": "2"}}}
}"""


def test_what_environments_review_takes_away_is_said_so() -> None:
    base = parse_app(None, b'{"env": {"WEB_CONCURRENCY": "2", "KEPT": "2", "OLD": "1"}}')
    told = changes(base, parse_app(None, REPLACED), left_out_of_review(REPLACED))
    because = ", because `environments.review` of app.json replaces `env`"
    assert told == ("drops variable `OLD`", f"drops variable `WEB_CONCURRENCY`{because}")


@pytest.mark.parametrize(
    "app_json",
    [
        None,
        b"{}",
        b'{"env": {"A": "1"}}',
        b'{"env": {"A": "1"}, "environments": {"test": {"env": {}}}}',
        b'{"env": {"A": "1"}, "environments": {"review": {"formation": {}}}}',
        b'{"environments": {"review": {"env": {"A": "1"}}}}',
    ],
)
def test_what_leaves_nothing_out(app_json: bytes | None) -> None:
    assert left_out_of_review(app_json) == frozenset()
