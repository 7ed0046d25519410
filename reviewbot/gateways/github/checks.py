"""GitHub's JSON about a commit's tests, and what a branch requires of them, into our nouns."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from reviewbot.gateways.github.payloads import AppPayload, Payload, parse
from reviewbot.model import AppId, Check, CheckState, CheckSuite, RequiredCheck, Requirements, SuiteId

PASSING = {"success", "skipped", "neutral"}
_ACTIONS = "github-actions"
_EPOCH = datetime.fromtimestamp(0, tz=UTC)


class _Status(Payload):
    context: str
    state: str
    created_at: datetime


class _SuiteOf(Payload):
    id: int


class _CheckRun(Payload):
    id: int = 0
    name: str
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    app: AppPayload | None = None
    check_suite: _SuiteOf | None = None


class _Suite(Payload):
    id: int
    app: AppPayload | None = None
    status: str | None = None
    conclusion: str | None = None
    latest_check_runs_count: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


class _Context(Payload):
    context: str
    integration_id: int | None = None
    app_id: int | None = None


class _Parameters(Payload):
    required_status_checks: tuple[_Context, ...] = ()


class _Rule(Payload):
    type: str
    parameters: _Parameters | None = None


class _Required(Payload):
    contexts: tuple[str, ...] = ()
    checks: tuple[_Context, ...] = ()


class _Protection(Payload):
    required_status_checks: _Required | None = None


class _Branch(Payload):
    protection: _Protection | None = None


def statuses(items: Iterable[Any]) -> Iterator[Check]:
    """The latest status of each context; GitHub lists the newest first."""
    latest: dict[str, _Status] = {}
    for item in items:
        status = parse(_Status, item)
        latest.setdefault(status.context, status)
    for status in latest.values():
        states = {"success": CheckState.PASSING, "pending": CheckState.PENDING}
        state = states.get(status.state, CheckState.FAILING)
        yield Check(status.context, state, status.state, status.created_at)


def check_runs(items: Iterable[Any]) -> Iterator[Check]:
    """The check runs; one that is completed without a known good conclusion has failed."""
    for item in items:
        run = parse(_CheckRun, item)
        at = run.completed_at or run.started_at or _EPOCH
        app = AppId(run.app.id) if run.app else None
        suite = SuiteId(run.check_suite.id) if run.check_suite else None
        if run.status != "completed":
            yield Check(run.name, CheckState.PENDING, run.status, at, app, suite)
        else:
            state = CheckState.PASSING if run.conclusion in PASSING else CheckState.FAILING
            yield Check(run.name, state, run.conclusion or "no conclusion", at, app, suite)


def own_check_runs(items: Iterable[Any], name: str, own: AppId, *, unfinished: bool) -> Iterator[int]:
    """Ids of the check runs of that name that our App made, or of those that are `unfinished` only."""
    runs = (parse(_CheckRun, item) for item in items)
    ours = (run for run in runs if run.name == name and run.app is not None and run.app.id == own)
    return (run.id for run in ours if not unfinished or run.status != "completed")


def suites(items: Iterable[Any]) -> tuple[CheckSuite, ...]:
    """The check suites of every app."""
    read = (parse(_Suite, item) for item in items)
    return tuple(
        CheckSuite(
            id=SuiteId(suite.id),
            app=AppId(suite.app.id),
            app_name=suite.app.name or suite.app.slug,
            complete=suite.status == "completed",
            runs=suite.latest_check_runs_count,
            created_at=suite.created_at or _EPOCH,
            failure=None if suite.conclusion in PASSING else suite.conclusion,
            workflow=suite.app.slug == _ACTIONS,
            changed_at=suite.updated_at,
        )
        for suite in read
        if suite.app
    )


def requirements(rules: Iterable[Any], branch: Any) -> Requirements:
    """What a branch's rules and its classic protection require."""
    read = [parse(_Rule, item) for item in rules]
    required = (*_ruleset_checks(read), *_protection_checks(branch))
    return Requirements(required, any(rule.type == "workflows" for rule in read))


def _ruleset_checks(rules: Iterable[_Rule]) -> Iterator[RequiredCheck]:
    for rule in rules:
        if rule.type == "required_status_checks" and rule.parameters:
            for each in rule.parameters.required_status_checks:
                yield RequiredCheck(each.context, AppId(each.integration_id) if each.integration_id else None)


def _protection_checks(item: Any) -> Iterator[RequiredCheck]:
    """`checks` names the apps, `contexts` is its older form."""
    branch = parse(_Branch, item)
    required = branch.protection.required_status_checks if branch.protection else None
    if required is None:
        return
    for each in required.checks:
        # -1 is GitHub's way to say that any app will do.
        yield RequiredCheck(each.context, AppId(each.app_id) if each.app_id and each.app_id > 0 else None)
    named = {each.context for each in required.checks}
    yield from (RequiredCheck(context) for context in required.contexts if context not in named)
