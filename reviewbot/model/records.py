"""What we remember of a pull request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reviewbot.model.ids import Sha
from reviewbot.model.problems import Problem
from reviewbot.model.pulls import PullRequestRef
from reviewbot.model.releases import Phase


@dataclass(frozen=True)
class Deployed:
    """A release the record remembers: `at`: when it was started or put at its address; or since when it serves."""

    id: str
    sha: Sha
    at: datetime


@dataclass(frozen=True)
class Written:
    """An object of ours on GitHub and a digest of what we last wrote into it.

    A check run belongs to a commit, and may be completed.
    """

    id: int
    digest: str
    sha: Sha | None = None
    completed: bool = False


@dataclass(frozen=True)
class Merge:
    """The merge commit that was chosen for a head."""

    head: Sha
    sha: Sha


@dataclass(frozen=True)
class Failure:
    """A release that did not come up: since when, why, and the last lines of its log once they were read."""

    id: str
    at: datetime
    reason: str
    sentence: str
    log: str | None = None


@dataclass(frozen=True)
class Announced:
    """A commit's deployment on GitHub: its id once that is known, a digest and the id of the status it shows."""

    sha: Sha
    id: int | None = None
    digest: str | None = None
    status: int | None = None


REDEPLOY = "redeploy"
TRUST = "trust"
CREATE = "create"
RESET = "reset"


@dataclass(frozen=True)
class Approval:
    """What somebody with write permission allowed, of one commit where it is a fork's."""

    by: str
    at: datetime
    sha: Sha | None = None


@dataclass(frozen=True)
class Approvals:
    """People's decisions, which cannot be found again: `trusted` is a fork's commit, `created` overrides the scope."""

    trusted: Approval | None = None
    created: Approval | None = None


@dataclass(frozen=True)
class Answer:
    """What became of a request: a word for programs, and for people what it does not say."""

    outcome: str
    message: str = ""


@dataclass(frozen=True)
class Request:
    """What a person asked for, of the commit that they saw. `key` is the delivery that brought it.

    Without a sender it was somebody who may write the record itself.
    """

    key: str
    verb: str
    sha: Sha
    sender: tuple[int, str] | None
    at: datetime


@dataclass(frozen=True)
class Logged:
    """What the release phase of a release wrote last."""

    id: str
    log: str


@dataclass(frozen=True)
class Section:
    """How one of several apps fares with the commit `sha`, for its pull request to tell: in one line, and whole.

    `serving` is the commit that visitors of `url` get. `annotations` are what is shown at lines of the commit's files,
    each with its level.
    """

    phase: Phase
    reason: str
    sha: Sha
    title: str
    text: str
    url: str
    serving: Sha | None = None
    annotations: tuple[tuple[Literal["warning", "failure"], Problem], ...] = ()


@dataclass(frozen=True)
class Record:
    """A ReviewApp as stored. Everything but the ref and the poke can be rebuilt from GitHub and the cluster.

    A pull request that has several apps has a record for each besides its own; its own runs nothing, and is the one
    that GitHub is told of. `section` is what an app adds there, `apps` which apps there are, with a digest of what was
    last known of each.

    `made` is when it was written for the first time, or restored.
    `unready_since` is when the release that serves was first seen without an endpoint, where it still is.
    `requests` are those without an answer, `answered` which had one and when.
    `seen` is a digest of what a listing shows of the pull request.
    `report` is a digest of what GitHub should show, `told` of what it shows, empty while something is being written.
    `addons` are the names of those that it should have, `objects` is a digest of the names of the repository's own.
    `logged` is of the release phase that succeeded last.
    `missing_since` is since when GitHub has said that there is nothing there, for us, if that was its last word.
    `deployments` is None as long as GitHub has not been asked which there are.
    `deployments_again` and `comment_again` are set while GitHub does not let us: when to try that again.
    """

    ref: PullRequestRef
    uid: str
    version: str
    made: datetime | None = None
    poke: str | None = None
    observed_poke: str | None = None
    phase: Phase | None = None
    reason: str | None = None
    release: Deployed | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    serving: Deployed | None = None
    failed: Failure | None = None
    unready_since: datetime | None = None
    requests: tuple[Request, ...] = ()
    answered: tuple[tuple[str, datetime], ...] = ()
    approvals: Approvals = field(default_factory=Approvals)
    closed_at: datetime | None = None
    again: datetime | None = None
    head: Sha | None = None
    seen: str | None = None
    merge: Merge | None = None
    host: str | None = None
    pull_secret: str | None = None
    comment: Written | None = None
    check_run: Written | None = None
    deployments: tuple[Announced, ...] | None = None
    deployments_again: datetime | None = None
    comment_again: datetime | None = None
    report: str | None = None
    told: str | None = None
    missing_since: datetime | None = None
    addons: tuple[str, ...] = ()
    logged: Logged | None = None
    objects: str | None = None
    section: Section | None = None
    apps: Mapping[str, str] = field(default_factory=dict)

    @property
    def due(self) -> bool:
        """Somebody asked to look again and nobody has finished looking since."""
        return self.poke != self.observed_poke

    def has_served(self, release_id: str) -> bool:
        """The release has answered at its address since it was started, or last put there."""
        if self.serving is None or self.serving.id != release_id:
            return False
        # What was deleted and made again starts anew.
        return self.release is None or self.release.id != release_id or self.release.at <= self.serving.at

    @property
    def delivery(self) -> str:
        """The webhook delivery that asked for the look that is due, if one did."""
        return delivery_of(self.poke) if self.due else ""


def delivery_of(poke: str | None) -> str:
    """The webhook delivery that a poke's value names; empty if none was the reason."""
    return (poke or "").rpartition("/")[0]
