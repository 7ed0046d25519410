"""What GitHub says: pull requests and the checks of their commits."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from reviewbot.model.ids import AppId, InstallationId, RepositoryId, Sha, SuiteId


@dataclass(frozen=True)
class PullRequestRef:
    """Which pull request, whatever its repository is called today; with `app`, that one of its several apps."""

    repository: RepositoryId
    installation: InstallationId
    number: int
    app: str = ""

    @property
    def name(self) -> str:
        """The record's name; the pull request's own is also the check run's external id."""
        return f"pr-{self.repository}-{self.number}" + (f"-{self.app}" if self.app else "")

    @property
    def whole(self) -> "PullRequestRef":
        """The pull request itself, which GitHub is told of."""
        return replace(self, app="")


class PullState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    # GitHub has said for a while that there is no such pull request, repository or installation.
    GONE = "gone"


@dataclass(frozen=True)
class PullRequest:
    """A pull request as read from GitHub a moment ago. `head_repository` is None when the fork is gone.

    `url` is its page, `by_bot` says that a program opened it.
    """

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
    url: str = ""
    by_bot: bool = False
    labels: tuple[str, ...] = ()
    archived: bool = False

    @property
    def live(self) -> bool:
        """It may have a preview; an archived repository is only there to be read."""
        return self.state is PullState.OPEN and not self.archived

    @property
    def silent(self) -> bool:
        """Nothing can be written there."""
        return self.state is PullState.GONE or self.archived

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
    """A commit status or a check run, in the words both share. `outcome` is GitHub's own word.

    Only a check run is of an app, and of a suite.
    """

    name: str
    state: CheckState
    outcome: str
    at: datetime
    app: AppId | None = None
    suite: SuiteId | None = None


@dataclass(frozen=True)
class CheckSuite:
    """One app's suite on the commit; `runs` is how many check runs it has registered so far.

    `failure` is GitHub's own word for how it ended, unless it ended well, and `changed_at` is when. Of any app but
    GitHub Actions there is one with every push, whether it is to check something or not; there, each is of one
    `workflow`.
    """

    id: SuiteId
    app: AppId
    app_name: str
    complete: bool
    runs: int
    created_at: datetime
    failure: str | None = None
    workflow: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True)
class RequiredCheck:
    """A context that a ruleset or branch protection names, and the app it must come from, if any."""

    name: str
    app: AppId | None = None


@dataclass(frozen=True)
class Requirements:
    """What a branch requires of a commit.

    `workflows` says that whole workflows are required too: GitHub names their files, not the checks that they report.
    """

    checks: tuple[RequiredCheck, ...] = ()
    workflows: bool = False


@dataclass(frozen=True)
class Checks:
    """All that GitHub knows of one commit's tests, every page read."""

    observed: tuple[Check, ...] = ()
    suites: tuple[CheckSuite, ...] = ()
    required: Requirements = Requirements()


@dataclass(frozen=True)
class Exclusion:
    """Why a pull request gets no preview: a word for programs and the sentence people read.

    `waits` says that it only waits for its author; what runs of it is kept then.
    """

    reason: str
    sentence: str
    waits: bool = False


@dataclass(frozen=True)
class Verdict:
    """Is the commit green; if not, the sentence names what holds it and `until` says when to look again."""

    green: bool
    sentence: str
    until: datetime | None = None

    @property
    def holds(self) -> bool:
        """It is not green, and no time alone makes it so."""
        return not self.green and self.until is None
