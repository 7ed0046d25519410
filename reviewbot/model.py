"""The nouns: frozen values with typed ids. No behaviour beyond names derived from them, and no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

RepositoryId = NewType("RepositoryId", int)
InstallationId = NewType("InstallationId", int)
AppId = NewType("AppId", int)
Sha = NewType("Sha", str)

# The name of our check run, which must never wait for itself.
CHECK_NAME = "reviewbot"


# --- what the repository says -------------------------------------------------------------------------


@dataclass(frozen=True)
class ConfigVar:
    """One entry of `app.json`'s `env`. `required` without a value and without a generator is a gap."""

    name: str
    value: str | None = None
    required: bool = True
    generated: bool = False


@dataclass(frozen=True)
class Process:
    """One process type of the Procfile; without a command it is the image's own entry point."""

    type: str
    command: str | None
    quantity: int


@dataclass(frozen=True)
class ChecksPolicy:
    """The base branch's `checks:`; `quiet` is in seconds, None for the default."""

    require: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    quiet: int | None = None


@dataclass(frozen=True)
class RepositoryConfig:
    """The base branch's `.github/reviewbot.yml`."""

    image: str | None = None
    health: str | None = None
    checks: ChecksPolicy = field(default_factory=ChecksPolicy)


@dataclass(frozen=True)
class AppSpec:
    """What one commit wants to run: `Procfile` and `app.json` as they stand at that commit."""

    processes: tuple[Process, ...]
    env: tuple[ConfigVar, ...] = ()
    success_path: str = "/"
    warnings: tuple[str, ...] = ()


# --- what GitHub says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class PullRequestRef:
    """Which pull request, whatever its repository is called today."""

    repository: RepositoryId
    installation: InstallationId
    number: int

    @property
    def name(self) -> str:
        """The record's name, which is also the check run's external id."""
        return f"pr-{self.repository}-{self.number}"


class PullState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True)
class PullRequest:
    """A pull request as read from GitHub a moment ago. `head_repository` is None when the fork is gone."""

    number: int
    state: PullState
    draft: bool
    title: str
    head: Sha
    head_ref: str
    head_repository: RepositoryId | None
    base_ref: str
    repository: RepositoryId
    full_name: str
    private: bool
    merge_sha: Sha | None = None

    @property
    def from_fork(self) -> bool:
        """A deleted fork is still a fork: what cannot be shown to be ours is not."""
        return self.head_repository != self.repository


class CheckState(StrEnum):
    PENDING = "pending"
    PASSING = "passing"
    FAILING = "failing"


@dataclass(frozen=True)
class Check:
    """A commit status or a check run, in the words both share. `outcome` is GitHub's own word."""

    name: str
    state: CheckState
    outcome: str
    at: datetime
    app: AppId | None = None


@dataclass(frozen=True)
class CheckSuite:
    """One app's suite on the commit; `runs` is how many check runs it has registered so far."""

    app: AppId
    app_name: str
    complete: bool
    runs: int
    created_at: datetime


@dataclass(frozen=True)
class RequiredCheck:
    """A context that a ruleset or branch protection names, and the app it must come from, if any."""

    name: str
    app: AppId | None = None


@dataclass(frozen=True)
class Checks:
    """All that GitHub knows of one commit's tests, every page read."""

    observed: tuple[Check, ...] = ()
    suites: tuple[CheckSuite, ...] = ()
    required: tuple[RequiredCheck, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Is the commit green; if not, the sentence names what holds it and `until` says when to look again."""

    green: bool
    sentence: str
    until: datetime | None = None


# --- what runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Release:
    """One deployable version: the same inputs give the same id, so a half-finished one can be resumed.

    `landing` is the path people are sent to, `notes` is what they should know about its definition.
    """

    id: str
    sha: Sha
    image: str
    processes: tuple[Process, ...]
    config: Mapping[str, str]
    generated: tuple[str, ...]
    health: str | None
    landing: str = "/"
    notes: tuple[str, ...] = ()


class Cause(StrEnum):
    """Why a release does not get ready, as the check run names it."""

    IMAGE = "ImageMissing"
    CRASH = "Crashed"
    REFUSED = "Refused"
    UNSCHEDULABLE = "Unschedulable"
    CONFIG = "ConfigMissing"
    NEVER_READY = "NeverReady"


@dataclass(frozen=True)
class Trouble:
    """What keeps a release from getting ready. A final one will not mend itself."""

    cause: Cause
    sentence: str
    final: bool


@dataclass(frozen=True)
class ReleaseState:
    """One release's objects as the cluster shows them; `images` maps process types to digests.

    `processes` are the types whose objects are all there; ready means that the gateway has an endpoint.
    """

    id: str
    sha: Sha
    since: datetime
    processes: frozenset[str]
    ready: bool
    trouble: Trouble | None = None
    images: Mapping[str, str] = field(default_factory=dict)

    def complete(self, release: Release) -> bool:
        """All the release's objects exist: applying it again would change nothing."""
        return {process.type for process in release.processes} <= self.processes


@dataclass(frozen=True)
class Preview:
    """A preview's namespace. `routed` is the release its HTTPRoute names."""

    namespace: Literal["absent", "active", "terminating", "foreign"]
    releases: tuple[ReleaseState, ...] = ()
    routed: str | None = None
    uid: str | None = None

    def release(self, release_id: str | None) -> ReleaseState | None:
        """The release of that id, if its objects are there."""
        return next((each for each in self.releases if each.id == release_id), None)


class Phase(StrEnum):
    WAITING = "Waiting"
    SKIPPED = "Skipped"
    DEPLOYING = "Deploying"
    RUNNING = "Running"
    FAILED = "Failed"
    CLOSING = "Closing"
    CLOSED = "Closed"


# --- what we remember ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deployed:
    """A release the record remembers: `at` is when it was started, or since when it has been serving."""

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
class Record:
    """A ReviewApp as stored. Everything but the ref and the poke can be rebuilt from GitHub and the cluster.

    Not `told` means that GitHub may still show something older than what was found last.
    """

    ref: PullRequestRef
    uid: str
    version: str
    poke: str | None = None
    observed_poke: str | None = None
    phase: Phase | None = None
    release: Deployed | None = None
    serving: Deployed | None = None
    closed_at: datetime | None = None
    again: datetime | None = None
    head: Sha | None = None
    host: str | None = None
    comment: Written | None = None
    check_run: Written | None = None
    told: bool = True

    @property
    def due(self) -> bool:
        """Somebody asked to look again and nobody has finished looking since."""
        return self.poke != self.observed_poke
