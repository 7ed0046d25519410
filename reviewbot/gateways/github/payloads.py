"""GitHub's JSON into our nouns: models of the few fields we use, everything else ignored."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewbot.errors import Unseen
from reviewbot.model import (
    Announced,
    AppId,
    PullRequest,
    PullState,
    RepositoryId,
    Sha,
)


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


class _Content(Payload):
    type: str


class _Parent(Payload):
    sha: str


class _Commit(Payload):
    parents: tuple[_Parent, ...]


class _Granted(Payload):
    permission: str
    user: _User | None = None


class AppPayload(Payload):
    """The app that something is of."""

    id: int
    name: str = ""
    slug: str = ""


class _Comment(Payload):
    id: int
    body: str | None = None
    performed_via_github_app: AppPayload | None = None


class _Deployment(Payload):
    id: int
    sha: str
    payload: Any = None


class _DeploymentStatus(Payload):
    id: int
    state: str
    environment_url: str | None = None


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


def kind(item: Any) -> str:
    """What stands at a path of a commit."""
    return parse(_Content, item).type


def parents(item: Any) -> tuple[Sha, ...]:
    """What a commit follows, in git's order."""
    return tuple(Sha(parent.sha) for parent in parse(_Commit, item).parents)


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


def said_already(items: Iterable[Any], state: str, url: str, last: int | None) -> int | None:
    """The newest of a deployment's statuses, if it tells the state, and the address or a path of it, if one is to tell.

    Unseen if it is from before the `last` one that is known.
    """
    newest = max((parse(_DeploymentStatus, item) for item in items), key=lambda each: each.id, default=None)
    if last is not None and (newest is None or newest.id < last):
        raise Unseen("GitHub does not show yet what a deployment was told")
    if newest is None or newest.state != state or not _leads(newest.environment_url or "", url):
        return None
    return newest.id


def _leads(shown: str, url: str) -> bool:
    return not url or shown == url or shown.startswith(f"{url}/")


def parse(model: type[_Model], item: Any) -> _Model:
    """An item as its model; Unseen if it lacks something."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) or "everything" for each in error.errors()[:3])
        raise Unseen(f"GitHub's answer lacks {places}") from None
