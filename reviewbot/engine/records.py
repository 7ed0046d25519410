"""The two custom resources read into our own nouns: where each field stands in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

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
        poke=(metadata.get("annotations") or {}).get(POKE),
        observed_poke=status.get("observedPoke"),
        phase=Phase(status["phase"]) if "phase" in status else None,
        release=_deployed(status.get("release"), "at"),
        images=status.get("images") or {},
        serving=_deployed(status.get("serving"), "since"),
        reason=status.get("reason"),
        unready_since=_time(status.get("unreadySince")),
        requests=tuple(_requests(spec.get("requests") or {}, status.get("requests") or {})),
        answered=tuple(
            (key, datetime.fromisoformat(each["at"])) for key, each in (status.get("requests") or {}).items()
        ),
        failed=_failure(status.get("failed")),
        approvals=_approvals(status.get("approvals") or {}),
        closed_at=_time(status.get("closedAt")),
        again=_time(status.get("again")),
        head=labels.get(HEAD),
        seen=status.get("seen"),
        pull_secret=status.get("pullSecret"),
        merge=_merge(status.get("head") or {}),
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


def _section(status: Object | None) -> Section | None:
    if not status:
        return None
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


def _logged(status: Object | None) -> Logged | None:
    return None if not status else Logged(status["id"], status["log"])


def _deployed(status: Object | None, at: str) -> Deployed | None:
    return None if not status else Deployed(status["id"], Sha(status["sha"]), datetime.fromisoformat(status[at]))


def _failure(status: Object | None) -> Failure | None:
    if not status:
        return None
    at = datetime.fromisoformat(status["at"])
    return Failure(status["id"], at, status["reason"], status["message"], status.get("log"))


def _merge(head: Object) -> Merge | None:
    return Merge(Sha(head["sha"]), Sha(head["merge"])) if "merge" in head else None


def _approvals(status: Mapping[str, Object]) -> Approvals:
    held = {
        name: Approval(each["by"], datetime.fromisoformat(each["at"]), each.get("sha")) for name, each in status.items()
    }
    return Approvals(held.get("trusted"), held.get("created"))


def _written(status: Object | None) -> Written | None:
    return (
        None
        if not status
        else Written(status["id"], status["digest"], status.get("sha"), status.get("completed", False))
    )


def _requests(asked: Mapping[str, Object], answered: Mapping[str, Object]) -> Iterator[Request]:
    for key in asked.keys() - answered.keys():
        each = asked[key]
        sender = (each["sender"]["id"], each["sender"]["login"]) if "sender" in each else None
        yield Request(key, each["verb"], Sha(each.get("sha", "")), sender, datetime.fromisoformat(each["at"]))


def _announced(status: Object) -> Announced:
    return Announced(Sha(status["sha"]), status.get("id"), status.get("digest"))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
