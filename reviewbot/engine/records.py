"""The two custom resources read into our own nouns: where each field stands in them.

Another build of ours, or a person, may have written them. What is not as this one writes it is as good as lost, and
whoever looks at the record finds it again; one record that is odd must not keep the others from being read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from reviewbot.model import (
    Announced,
    Approval,
    Approvals,
    Deployed,
    Failure,
    InstallationId,
    Logged,
    Merge,
    Phase,
    Problem,
    PullRequestRef,
    Record,
    RepositoryId,
    Request,
    Section,
    Sha,
    Written,
    delivery_of,
)

Object = dict[str, Any]
_Found = TypeVar("_Found")

API_VERSION = "reviewbot.dev/v1alpha1"
POKE = "reviewbot.dev/poke"
REPOSITORY = "reviewbot.dev/repository-id"
# Only on records of apps: of which pull request they are.
PULL_REQUEST = "reviewbot.dev/pull-request"
HEAD = "reviewbot.dev/head"
HOST = "reviewbot.dev/host"


@dataclass(frozen=True)
class RepositoryRecord:
    """A repository whose pull requests are listed; `due` as for pull requests."""

    id: RepositoryId
    installation: InstallationId
    full_name: str
    poke: str | None
    observed_poke: str | None
    uid: str = ""
    version: str = ""
    missing_since: datetime | None = None

    @property
    def name(self) -> str:
        """The record's name."""
        return repository_name(self.id)

    @property
    def due(self) -> bool:
        """Somebody asked to list it and nobody has finished since."""
        return self.poke != self.observed_poke

    @property
    def delivery(self) -> str:
        """The webhook delivery that asked for the listing that is due, if one did."""
        return delivery_of(self.poke) if self.due else ""


def repository_name(repository: RepositoryId) -> str:
    """Name of a repository's record."""
    return f"repo-{repository}"


def _or_lost(read: Callable[[Any], _Found]) -> Callable[[Any], _Found | None]:
    """The same reader, to which what is absent or cannot be read is None."""

    def reading(stored: Any) -> _Found | None:
        try:
            return read(stored) if stored else None
        except (KeyError, TypeError, ValueError):
            return None

    return reading


_time = _or_lost(datetime.fromisoformat)
_phase = _or_lost(Phase)


def read_repository(item: Object) -> RepositoryRecord:
    """A Repository object as our own noun."""
    metadata, spec = item["metadata"], item["spec"]
    return RepositoryRecord(
        RepositoryId(int(metadata["name"].removeprefix("repo-"))),
        InstallationId(spec["installationId"]),
        spec.get("fullName", ""),
        (metadata.get("annotations") or {}).get(POKE),
        (item.get("status") or {}).get("observedPoke"),
        metadata["uid"],
        metadata["resourceVersion"],
        _time((item.get("status") or {}).get("missingSince")),
    )


def read_record(item: Object) -> Record:
    """A ReviewApp object as our own noun."""
    metadata, spec, status = item["metadata"], item["spec"], item.get("status") or {}
    labels = metadata.get("labels") or {}
    ref = PullRequestRef(
        RepositoryId(spec["repositoryId"]),
        InstallationId(spec["installationId"]),
        spec["source"]["pullRequest"]["number"],
        spec["source"]["pullRequest"].get("app", ""),
    )
    return Record(
        ref,
        uid=metadata["uid"],
        version=metadata["resourceVersion"],
        made=_time(metadata.get("creationTimestamp")),
        poke=(metadata.get("annotations") or {}).get(POKE),
        observed_poke=status.get("observedPoke"),
        phase=_phase(status.get("phase")),
        release=_deployed(status.get("release")),
        images=status.get("images") or {},
        serving=_deployed(status.get("serving")),
        reason=status.get("reason"),
        unready_since=_time(status.get("unreadySince")),
        requests=tuple(_requests(spec.get("requests") or {}, status.get("requests") or {})),
        answered=tuple(_answered(status.get("requests") or {})),
        failed=_failure(status.get("failed")),
        approvals=_approvals(status.get("approvals") or {}),
        closed_at=_time(status.get("closedAt")),
        again=_time(status.get("again")),
        head=labels.get(HEAD),
        seen=status.get("seen"),
        pull_secret=status.get("pullSecret"),
        merge=_merge(status.get("head")),
        host=labels.get(HOST),
        comment=_written(status.get("comment")),
        check_run=_written(status.get("checkRun")),
        deployments=tuple(map(_announced, status["deployments"])) if "deployments" in status else None,
        deployments_again=_time(status.get("deploymentsAgain")),
        comment_again=_time(status.get("commentAgain")),
        report=status.get("report"),
        told=status.get("told"),
        missing_since=_time(status.get("missingSince")),
        addons=tuple(status.get("addons") or ()),
        logged=_logged(status.get("releaseLog")),
        objects=status.get("objects"),
        section=_section(status.get("section")),
        apps={each["name"]: each["digest"] for each in status.get("apps") or ()},
    )


def is_app(item: Object) -> bool:
    """Whether a ReviewApp object is of one of several apps, and not a pull request's own."""
    return PULL_REQUEST in (item["metadata"].get("labels") or {})


@_or_lost
def _section(status: Object) -> Section:
    return Section(
        Phase(status["phase"]),
        status["reason"],
        Sha(status["sha"]),
        status["title"],
        status["text"],
        status["url"],
        status.get("serving"),
        tuple(map(_annotation, status.get("annotations") or ())),
    )


def _annotation(stored: Object) -> tuple[Literal["warning", "failure"], Problem]:
    place = (stored["file"], stored["line"], stored["column"])
    return stored["level"], Problem(*place, stored["message"])


@_or_lost
def _logged(status: Object) -> Logged:
    return Logged(status["id"], status["log"])


@_or_lost
def _deployed(status: Object) -> Deployed:
    at = status["at"] if "at" in status else status["since"]
    return Deployed(status["id"], Sha(status["sha"]), datetime.fromisoformat(at))


@_or_lost
def _failure(status: Object) -> Failure:
    at = datetime.fromisoformat(status["at"])
    return Failure(status["id"], at, status["reason"], status["message"], status.get("log"))


@_or_lost
def _merge(head: Object) -> Merge:
    return Merge(Sha(head["sha"]), Sha(head["merge"]))


def _approvals(status: Mapping[str, Object]) -> Approvals:
    return Approvals(_approval(status.get("trusted")), _approval(status.get("created")))


@_or_lost
def _approval(status: Object) -> Approval:
    return Approval(status["by"], datetime.fromisoformat(status["at"]), status.get("sha"))


@_or_lost
def _written(status: Object) -> Written:
    return Written(status["id"], status["digest"], status.get("sha"), status.get("completed", False))


def _answered(answers: Mapping[str, Object]) -> Iterator[tuple[str, datetime]]:
    for key, each in answers.items():
        at = _time(each.get("at"))
        if at is not None:
            yield key, at


def _requests(asked: Mapping[str, Object], answered: Mapping[str, Object]) -> Iterator[Request]:
    found = (_request({**asked[key], "key": key}) for key in asked.keys() - answered.keys())
    yield from filter(None, found)


@_or_lost
def _request(asked: Object) -> Request:
    sender = (asked["sender"]["id"], asked["sender"]["login"]) if "sender" in asked else None
    at = datetime.fromisoformat(asked["at"])
    return Request(asked["key"], asked["verb"], Sha(asked.get("sha", "")), sender, at)


def _announced(status: Object) -> Announced:
    return Announced(Sha(status["sha"]), status.get("id"), status.get("digest"), status.get("status"))
