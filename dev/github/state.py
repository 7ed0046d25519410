"""What this GitHub remembers: accounts, apps, repositories and everything that hangs from a repository.

Plain data. Nothing here talks HTTP, takes a lock or sends a webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dev.github.reports import CheckRun, CheckSuite, Comment, Deployment, Status


@dataclass
class Account:
    id: int
    login: str
    type: str = "User"


@dataclass
class App:
    id: int
    client_id: str
    slug: str
    public_key: str | None
    permissions: dict[str, str]
    events: set[str]
    bot: Account
    owner: Account
    hook_id: int
    webhook_url: str | None = None
    webhook_secret: str | None = None
    # GitHub opens a check suite for each app with checks:write at every push
    auto_suites: bool = False


@dataclass
class Rate:
    limit: int = 5000
    used: int = 0
    reset: int = 0


@dataclass
class Installation:
    id: int
    app: App
    account: Account
    permissions: dict[str, str]
    created_at: datetime
    selection: str = "all"
    repository_ids: set[int] = field(default_factory=set)
    suspended_at: datetime | None = None
    deleted: bool = False
    rate: Rate = field(default_factory=Rate)

    def covers(self, repo: Repository) -> bool:
        if self.deleted or repo.deleted or repo.owner.id != self.account.id:
            return False
        return self.selection == "all" or repo.id in self.repository_ids


@dataclass
class Token:
    value: str
    installation: Installation
    permissions: dict[str, str]
    repository_ids: frozenset[int] | None
    created_at: datetime
    expires_at: datetime

    def covers(self, repo: Repository) -> bool:
        narrowed_out = self.repository_ids is not None and repo.id not in self.repository_ids
        return self.installation.covers(repo) and not narrowed_out


@dataclass(frozen=True)
class Symlink:
    target: str


@dataclass(frozen=True)
class Submodule:
    url: str
    sha: str


Blob = bytes | Symlink | Submodule


@dataclass(frozen=True)
class Commit:
    sha: str
    parents: tuple[str, ...]
    files: Mapping[str, Blob]
    message: str
    author: Account
    at: datetime


@dataclass
class Ref:
    """One end of a pull request; the repository is None once a fork is deleted."""

    repo: Repository | None
    ref: str
    sha: str


@dataclass
class PullRequest:
    id: int
    number: int
    repo: Repository
    user: Account
    title: str
    body: str | None
    head: Ref
    base: Ref
    created_at: datetime
    updated_at: datetime
    head_owner: Account
    draft: bool = False
    state: str = "open"
    locked: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    closed_at: datetime | None = None
    merge_commit_sha: str | None = None
    # GitHub works out another one some time after a push, and shows the old one until then
    merge_lags: bool = False
    labels: list[str] = field(default_factory=list)

    @property
    def from_fork(self) -> bool:
        return self.head.repo is not self.repo


@dataclass(frozen=True)
class RequiredCheck:
    context: str
    app_id: int | None = None


@dataclass
class Repository:
    id: int
    owner: Account
    name: str
    # shared by a repository and its forks, as GitHub shares the objects of a network
    commits: dict[str, Commit]
    created_at: datetime
    private: bool = True
    archived: bool = False
    deleted: bool = False
    default_branch: str = "main"
    fork_of: Repository | None = None
    branches: dict[str, str] = field(default_factory=dict)
    collaborators: dict[int, str] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    suites: list[CheckSuite] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    environments: dict[str, int] = field(default_factory=dict)
    rulesets: dict[str, list[RequiredCheck]] = field(default_factory=dict)
    workflows: dict[str, list[str]] = field(default_factory=dict)
    protections: dict[str, list[RequiredCheck]] = field(default_factory=dict)
    # rulesets of private repositories are a paid feature
    rules_available: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def runs(self) -> list[CheckRun]:
        return [run for suite in self.suites for run in suite.runs]
