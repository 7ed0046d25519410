"""GitHub's JSON into our nouns: models of the few fields we use, everything else ignored."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewbot.errors import Unseen
from reviewbot.model import (
    Announced,
    AppId,
    Check,
    CheckState,
    CheckSuite,
    PullRequest,
    PullState,
    RepositoryId,
    RequiredCheck,
    Sha,
)

PASSING = {"success", "skipped", "neutral"}
_EPOCH = datetime.fromtimestamp(0, tz=UTC)


class Payload(BaseModel):
    """The fields that we use of something."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Repository(Payload):
    id: int
    full_name: str
    private: bool
    archived: bool = False


class _Head(Payload):
    sha: str
    ref: str
    repo: _Repository | None


class _Base(Payload):
    ref: str
    repo: _Repository


class _User(Payload):
    id: int
    type: str = "User"


class _Label(Payload):
    name: str


class _Pull(Payload):
    number: int
    user: _User | None = None
    labels: tuple[_Label, ...] = ()
    state: str
    merged_at: datetime | None = None
    draft: bool = False
    title: str
    head: _Head
    base: _Base
    merge_commit_sha: str | None = None
    html_url: str = ""


class _ChangedFile(Payload):
    filename: str
    previous_filename: str | None = None


class _Granted(Payload):
    permission: str
    user: _User | None = None


class _Status(Payload):
    context: str
    state: str
    created_at: datetime


class _App(Payload):
    id: int
    name: str = ""
    slug: str = ""


class _CheckRun(Payload):
    id: int = 0
    name: str
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    app: _App | None = None


class _Suite(Payload):
    app: _App | None = None
    status: str | None = None
    latest_check_runs_count: int = 0
    created_at: datetime | None = None


class _Comment(Payload):
    id: int
    body: str | None = None
    performed_via_github_app: _App | None = None


class _Deployment(Payload):
    id: int
    sha: str
    payload: Any = None


class _DeploymentStatus(Payload):
    id: int
    state: str
    environment_url: str | None = None


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


_Model = TypeVar("_Model", bound=Payload)


def pull(item: Any) -> PullRequest:
    """A pull request; merged is final, whatever its state says."""
    payload = parse(_Pull, item)
    state = PullState.MERGED if payload.merged_at else PullState(payload.state)
    return PullRequest(
        number=payload.number,
        state=state,
        draft=payload.draft,
        title=payload.title,
        head=Sha(payload.head.sha),
        head_ref=payload.head.ref,
        head_repository=RepositoryId(payload.head.repo.id) if payload.head.repo else None,
        base_ref=payload.base.ref,
        repository=RepositoryId(payload.base.repo.id),
        full_name=payload.base.repo.full_name,
        private=payload.base.repo.private,
        merge_sha=Sha(payload.merge_commit_sha) if payload.merge_commit_sha else None,
        url=payload.html_url,
        by_bot=payload.user is not None and payload.user.type == "Bot",
        labels=tuple(label.name for label in payload.labels),
        archived=payload.base.repo.archived,
    )


def changed_paths(items: Iterable[Any]) -> Iterator[str]:
    """Every path that was touched; of a file that moved, both."""
    for item in items:
        changed = parse(_ChangedFile, item)
        yield changed.filename
        if changed.previous_filename:
            yield changed.previous_filename


def may_write(item: Any, user: int) -> bool:
    """The answer is about that very user, who may write; GitHub's other roles are told as the one they come from."""
    granted = parse(_Granted, item)
    return granted.user is not None and granted.user.id == user and granted.permission in {"admin", "write"}


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
        if run.status != "completed":
            yield Check(run.name, CheckState.PENDING, run.status, at, app)
        else:
            state = CheckState.PASSING if run.conclusion in PASSING else CheckState.FAILING
            yield Check(run.name, state, run.conclusion or "no conclusion", at, app)


def own_check_runs(items: Iterable[Any], name: str, own: AppId) -> Iterator[int]:
    """Ids of the check runs of that name that our App made."""
    runs = (parse(_CheckRun, item) for item in items)
    return (run.id for run in runs if run.name == name and run.app is not None and run.app.id == own)


def suites(items: Iterable[Any]) -> tuple[CheckSuite, ...]:
    """The check suites of every app."""
    read = (parse(_Suite, item) for item in items)
    return tuple(
        CheckSuite(
            app=AppId(suite.app.id),
            app_name=suite.app.name or suite.app.slug,
            complete=suite.status == "completed",
            runs=suite.latest_check_runs_count,
            created_at=suite.created_at or _EPOCH,
        )
        for suite in read
        if suite.app
    )


def ruleset_checks(items: Iterable[Any]) -> Iterator[RequiredCheck]:
    """What the rules of a branch require."""
    for item in items:
        rule = parse(_Rule, item)
        if rule.type == "required_status_checks" and rule.parameters:
            for each in rule.parameters.required_status_checks:
                yield RequiredCheck(each.context, AppId(each.integration_id) if each.integration_id else None)


def protection_checks(item: Any) -> Iterator[RequiredCheck]:
    """What classic protection of a branch requires; `checks` names the apps, `contexts` is its older form."""
    branch = parse(_Branch, item)
    required = branch.protection.required_status_checks if branch.protection else None
    if required is None:
        return
    for each in required.checks:
        # -1 is GitHub's way to say that any app will do.
        yield RequiredCheck(each.context, AppId(each.app_id) if each.app_id and each.app_id > 0 else None)
    named = {each.context for each in required.checks}
    yield from (RequiredCheck(context) for context in required.contexts if context not in named)


def own_comments(items: Iterable[Any], marker: str, app_id: AppId) -> Iterator[int]:
    """Ids of the comments that our App wrote and that carry the marker."""
    for item in items:
        comment = parse(_Comment, item)
        app = comment.performed_via_github_app
        if app is not None and app.id == app_id and marker in (comment.body or ""):
            yield comment.id


def own_deployments(items: Iterable[Any], payload: Any) -> Iterator[Announced]:
    """The deployments that carry the payload."""
    deployments = (parse(_Deployment, item) for item in items)
    return (Announced(Sha(each.sha), each.id) for each in deployments if each.payload == payload)


def says(items: Iterable[Any], state: str, url: str) -> bool:
    """The newest of a deployment's statuses tells the state, and the address where there is one to tell."""
    newest = max((parse(_DeploymentStatus, item) for item in items), key=lambda each: each.id, default=None)
    return newest is not None and newest.state == state and (not url or newest.environment_url == url)


def parse(model: type[_Model], item: Any) -> _Model:
    """An item as its model; Unseen if it lacks something."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors()[:3])
        raise Unseen(f"GitHub's answer lacks {places}") from None
