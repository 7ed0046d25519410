"""Values for tests: each builder gives an ordinary one, and what a test is about is said as a change to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reviewbot.model import (
    Addon,
    AddonState,
    AppId,
    Check,
    CheckState,
    CheckSuite,
    InstallationId,
    JobState,
    Output,
    Process,
    PullRequest,
    PullRequestRef,
    PullState,
    Record,
    Release,
    ReleaseState,
    RepositoryId,
    Service,
    Sha,
    Stage,
    SuiteId,
)
from reviewbot.render.addons import definition

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
OWN_APP = AppId(99)
OTHER_APP = AppId(7)
REPOSITORY = RepositoryId(4711)
INSTALLATION = InstallationId(31)
HEAD = Sha("a" * 40)
OLDER = Sha("b" * 40)
REF = PullRequestRef(REPOSITORY, INSTALLATION, 12)
PREVIEW_URL = "https://shop-pr-12-abcdefghij.preview.example.com"


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def a_ref(number: int = 12, repository: int = 4711) -> PullRequestRef:
    return PullRequestRef(RepositoryId(repository), INSTALLATION, number)


def a_pull(**changes: Any) -> PullRequest:
    values: dict[str, Any] = {
        "number": 12,
        "state": PullState.OPEN,
        "draft": False,
        "title": "Sell socks",
        "head": HEAD,
        "head_ref": "socks",
        "head_repository": REPOSITORY,
        "base_ref": "main",
        "repository": REPOSITORY,
        "full_name": "acme/shop",
        "private": True,
        "url": "https://github.com/acme/shop/pull/12",
    }
    return PullRequest(**(values | changes))


def a_record(**changes: Any) -> Record:
    values: dict[str, Any] = {"ref": REF, "uid": "record-uid", "version": "1"}
    return Record(**(values | changes))


POSTGRESQL = Service(
    name="postgresql",
    image="registry.example.com/postgres:17",
    port=5432,
    url="postgres://app:$(PASSWORD)@$(HOST):$(PORT)/app",
    variable="DATABASE_URL",
    user=999,
    env={"POSTGRES_USER": "app", "POSTGRES_PASSWORD": "$(PASSWORD)"},
    storage="1Gi",
)
REDIS = Service(
    name="redis",
    image="registry.example.com/redis:7",
    port=6379,
    url="redis://default:$(PASSWORD)@$(HOST):$(PORT)",
    variable="REDIS_URL",
    user=999,
    args=("--requirepass", "$(PASSWORD)"),
)
DATABASE = Addon("postgresql", "DATABASE_URL", POSTGRESQL)
CACHE = Addon("redis", "REDIS_URL", REDIS)


def a_release(**changes: Any) -> Release:
    values: dict[str, Any] = {
        "id": "aaaaaaa-0123456789",
        "sha": HEAD,
        "image": "registry.example.com/shop:aaaaaaa",
        "processes": (Process("web", "bin/web", 1),),
        "config": {"PORT": "8080"},
        "generated": (),
        "health": None,
    }
    return Release(**(values | changes))


def a_state(**changes: Any) -> ReleaseState:
    values: dict[str, Any] = {
        "id": "aaaaaaa-0123456789",
        "sha": HEAD,
        "since": NOW - seconds(30),
        "processes": frozenset({"web"}),
        "ready": True,
    }
    return ReleaseState(**(values | changes))


def a_job(stage: Stage = Stage.RUNNING, kind: str = "release", **changes: Any) -> JobState:
    release = changes.pop("release", "aaaaaaa-0123456789")
    name = kind if kind == "postdeploy" else f"{kind}-{release}"
    values: dict[str, Any] = {"output": Output(f"{name}-x", kind, restarted=False), "since": NOW}
    return JobState(name, release, stage, **(values | changes))


def a_server(addon: Addon, release: Release, **changes: Any) -> AddonState:
    values: dict[str, Any] = {"definition": definition(addon, release), "whole": True, "ready": True}
    return AddonState(addon.name, **(values | changes))


def a_check(name: str = "build", state: CheckState = CheckState.PASSING, **changes: Any) -> Check:
    outcomes = {CheckState.PASSING: "success", CheckState.PENDING: "in_progress", CheckState.FAILING: "failure"}
    values: dict[str, Any] = {"outcome": outcomes[state], "at": NOW - minutes(10), "app": OTHER_APP}
    return Check(name, state, **(values | changes))


def a_suite(**changes: Any) -> CheckSuite:
    values: dict[str, Any] = {
        "id": SuiteId(70),
        "app": OTHER_APP,
        "app_name": "Travis CI",
        "complete": True,
        "runs": 1,
        "created_at": NOW - minutes(10),
    }
    return CheckSuite(**(values | changes))


def merged(target: Any, change: Any) -> Any:
    """A JSON merge patch applied, as the API server does it."""
    if not isinstance(change, Mapping):
        return change
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
