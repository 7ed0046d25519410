"""Statuses, check suites and check runs come into being and change."""

from __future__ import annotations

from typing import Any

from dev.github import shapes, shapes_commits, shapes_reports, webhooks
from dev.github.reports import CheckRun, CheckSuite, Status
from dev.github.state import Account, App, Repository
from dev.github.store import Store

# from worst to best, as a suite reports its runs
SEVERITY = (
    "action_required",
    "timed_out",
    "startup_failure",
    "cancelled",
    "failure",
    "stale",
    "success",
    "neutral",
    "skipped",
)


def create_status(store: Store, repo: Repository, sha: str, creator: Account, fields: dict[str, Any]) -> Status:
    status = Status(
        id=store.next_id(),
        sha=sha,
        context=fields.get("context") or "default",
        state=fields["state"],
        creator=creator,
        created_at=store.now(),
        target_url=fields.get("target_url"),
        description=fields.get("description"),
    )
    repo.statuses.append(status)
    heads = [name for name, head in repo.branches.items() if head == sha][:10]
    body = {
        "id": status.id,
        "sha": sha,
        "name": repo.full_name,
        "context": status.context,
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "commit": shapes_commits.commit(store.api_url, repo, repo.commits[sha]),
        "branches": [
            {"name": name, "commit": shapes_commits.reference(store.api_url, repo, sha), "protected": False}
            for name in heads
        ],
        "created_at": shapes.time(status.created_at),
        "updated_at": shapes.time(status.created_at),
    }
    webhooks.emit(store, repo, "status", body, creator)
    return status


def open_suite(store: Store, repo: Repository, app: App, sha: str) -> CheckSuite:
    now = store.now()
    branch = next((name for name, head in repo.branches.items() if head == sha), None)
    suite = CheckSuite(store.next_id(), repo, app, sha, branch, now, now)
    repo.suites.append(suite)
    return suite


def request_suites(store: Store, repo: Repository, sha: str, pusher: Account) -> None:
    """A push asks every app that may write checks to look at the commit."""
    for installation in store.installations.values():
        if not installation.covers(repo) or not installation.app.auto_suites:
            continue
        if installation.permissions.get("checks") == "write" and not installation.suspended_at:
            suite = suite_for(store, repo, installation.app, sha)
            emit_suite(store, suite, "requested", pusher)


def suite_for(store: Store, repo: Repository, app: App, sha: str) -> CheckSuite:
    found = next((s for s in repo.suites if s.app is app and s.head_sha == sha), None)
    return found or open_suite(store, repo, app, sha)


def end_suite(store: Store, suite: CheckSuite, conclusion: str) -> None:
    """It ends by itself, as that of a workflow which waits for approval or whose file is wrong."""
    suite.status, suite.conclusion, suite.updated_at = "completed", conclusion, store.now()
    _finish(store, suite)


def emit_suite(store: Store, suite: CheckSuite, action: str, sender: Account) -> None:
    body = {"action": action, "check_suite": shapes_reports.suite_event(store.api_url, suite)}
    webhooks.emit(store, suite.repo, "check_suite", body, sender)


def emit_run(store: Store, run: CheckRun, action: str, sender: Account, **extra: Any) -> None:
    check = shapes_reports.run(store.api_url, run)
    check["check_suite"] = shapes_reports.suite_brief(store.api_url, run.suite)
    body = {"action": action, "check_run": check} | extra
    webhooks.emit(store, run.suite.repo, "check_run", body, sender)


def create_run(store: Store, repo: Repository, app: App, sha: str, fields: dict[str, Any]) -> CheckRun:
    suite = suite_for(store, repo, app, sha)
    run = CheckRun(store.next_id(), suite, fields["name"], store.now())
    # Tests look at runs without the lock, so what is there is whole.
    _set(store, run, fields)
    suite.runs.append(run)
    _sum_up(store, suite)
    emit_run(store, run, "created", app.bot)
    if run.status == "completed":
        emit_run(store, run, "completed", app.bot)
        _finish(store, suite)
    return run


def update_run(store: Store, run: CheckRun, fields: dict[str, Any]) -> None:
    was = run.status
    _set(store, run, fields)
    _sum_up(store, run.suite)
    if run.status == "completed" != was:
        emit_run(store, run, "completed", run.suite.app.bot)
        _finish(store, run.suite)


def _set(store: Store, run: CheckRun, fields: dict[str, Any]) -> None:
    for name in ("name", "external_id", "details_url", "started_at", "actions"):
        if fields.get(name) is not None:
            setattr(run, name, fields[name])
    output = dict(fields.get("output") or {})
    # They are added to those that are there; no update takes one away.
    run.annotations += output.pop("annotations", [])
    run.output = run.output | output
    status = "completed" if fields.get("conclusion") else fields.get("status")
    if status is None or (run.status == "completed" and status != "completed"):
        # What has ended does not go on, which GitHub does not say.
        return
    run.status = status
    done = status == "completed"
    run.conclusion = fields.get("conclusion") if done else None
    run.completed_at = (fields.get("completed_at") or store.now()) if done else None


def latest(runs: list[CheckRun]) -> list[CheckRun]:
    """The newest run of each name in each suite."""
    newest = {(run.suite.id, run.name): run for run in sorted(runs, key=lambda run: run.id)}
    return sorted(newest.values(), key=lambda run: run.id)


def _sum_up(store: Store, suite: CheckSuite) -> None:
    runs = latest(suite.runs)
    suite.updated_at = store.now()
    if all(run.status == "completed" for run in runs):
        suite.status = "completed"
        suite.conclusion = min((run.conclusion or "failure" for run in runs), key=SEVERITY.index)
        return
    suite.conclusion = None
    suite.status = "queued" if all(run.status == "queued" for run in runs) else "in_progress"


def _finish(store: Store, suite: CheckSuite) -> None:
    if suite.status == "completed":
        emit_suite(store, suite, "completed", suite.app.bot)
