"""Check runs and check suites: anyone who may reads them, only the app that made one changes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dev.github import shapes_reports
from dev.github.api import annotations as sent
from dev.github.api.commits import sha_of
from dev.github.api.http import Call, Refused, Reply, invalid, not_found, page
from dev.github.effects import checks
from dev.github.reports import CheckRun, CheckSuite
from dev.github.state import Repository

STATUSES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
CONCLUSIONS = (*checks.SEVERITY,)
ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}
LONGEST_TEXT = 65535


def runs(call: Call, repo: Repository) -> Reply:
    return _page(call, [run for run in repo.runs if run.suite.head_sha == sha_of(call, repo)])


def suite_runs(call: Call, repo: Repository) -> Reply:
    return _page(call, list(_suite(call, repo).runs))


def _page(call: Call, found: list[CheckRun]) -> Reply:
    query = call.query
    if query.get("filter", "latest") == "latest":
        found = checks.latest(found)
    found = [
        run
        for run in reversed(found)
        if query.get("app_id", str(run.suite.app.id)) == str(run.suite.app.id)
        and query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
    ]
    return page(call, found, lambda run: shapes_reports.run(call.api, run), "check_runs")


def suites(call: Call, repo: Repository) -> Reply:
    sha, app_id = sha_of(call, repo), call.query.get("app_id")
    found = [s for s in repo.suites if s.head_sha == sha and app_id in (None, str(s.app.id))]
    return page(call, found, lambda suite: shapes_reports.suite(call.api, suite), "check_suites")


def suite(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_reports.suite(call.api, _suite(call, repo)))


def run(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_reports.run(call.api, _run(call, repo)))


def run_annotations(call: Call, repo: Repository) -> Reply:
    found = _run(call, repo)
    return page(call, found.annotations, lambda each: shapes_reports.annotation(call.api, found, each))


def create_run(call: Call, repo: Repository) -> Reply:
    sha = call.text("head_sha")
    call.text("name")
    if sha not in repo.commits:
        raise Refused(422, f"No commit found for SHA: {sha}")
    made = checks.create_run(call.store, repo, call.app, sha, _fields(call))
    return Reply(shapes_reports.run(call.api, made), 201)


def update_run(call: Call, repo: Repository) -> Reply:
    found = _run(call, repo)
    if found.suite.app is not call.app:
        raise Refused(
            403, f"Invalid app_id `{call.app.id}` - check run can only be modified by the GitHub App that created it."
        )
    checks.update_run(call.store, found, _fields(call))
    return Reply(shapes_reports.run(call.api, found))


def _run(call: Call, repo: Repository) -> CheckRun:
    found = next((run for run in repo.runs if run.id == call.args["id"]), None)
    if found is None:
        raise not_found()
    return found


def _suite(call: Call, repo: Repository) -> CheckSuite:
    found = next((suite for suite in repo.suites if suite.id == call.args["id"]), None)
    if found is None:
        raise not_found()
    return found


def _fields(call: Call) -> dict[str, Any]:
    fields = dict(call.json)
    _check_state(fields)
    if fields.get("output") is not None:
        fields["output"] = _output(fields["output"])
    _check_actions(fields.get("actions") or [])
    for name in ("started_at", "completed_at"):
        if fields.get(name):
            fields[name] = datetime.fromisoformat(fields[name])
    return fields


def _check_state(fields: dict[str, Any]) -> None:
    status, conclusion = fields.get("status"), fields.get("conclusion")
    if status not in (None, *STATUSES):
        raise invalid("status", f"{status} is not a status", "CheckRun")
    if conclusion not in (None, *CONCLUSIONS) or conclusion in ("stale", "startup_failure"):
        raise invalid("conclusion", f"{conclusion} is not a conclusion", "CheckRun")
    if status == "completed" and conclusion is None:
        raise invalid("conclusion", "a completed check run needs a conclusion", "CheckRun")


def _output(output: dict[str, Any]) -> dict[str, Any]:
    if not output.get("title") or output.get("summary") is None:
        raise invalid("output", "output needs a title and a summary", "CheckRun")
    for name in ("summary", "text"):
        if len((output.get(name) or "").encode()) > LONGEST_TEXT:
            raise invalid(name, f"{name} is too long (maximum is {LONGEST_TEXT} characters)", "CheckRun")
    return output | {"annotations": sent.read(output.get("annotations") or [])}


def _check_actions(actions: list[dict[str, str]]) -> None:
    if len(actions) > 3:
        raise invalid("actions", "at most 3 actions", "CheckRun")
    for action in actions:
        for name, most in ACTION_LIMITS.items():
            if not 0 < len(action.get(name, "")) <= most:
                raise invalid("actions", f"{name} must have 1 to {most} characters", "CheckRun")
