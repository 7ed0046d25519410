"""What is said about a commit or a pull request: statuses, checks, comments, deployments. Plain data too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dev.github.state import Account, App, Repository


@dataclass
class Status:
    id: int
    sha: str
    context: str
    state: str
    creator: Account
    created_at: datetime
    target_url: str | None = None
    description: str | None = None


@dataclass
class CheckSuite:
    id: int
    repo: Repository
    app: App
    head_sha: str
    head_branch: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    runs: list[CheckRun] = field(default_factory=list)


@dataclass(frozen=True)
class Annotation:
    """What is said of lines of a file."""

    path: str
    start_line: int
    end_line: int
    annotation_level: str
    message: str
    start_column: int | None = None
    end_column: int | None = None
    title: str | None = None
    raw_details: str | None = None


@dataclass
class CheckRun:
    id: int
    suite: CheckSuite
    name: str
    started_at: datetime | None
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    external_id: str = ""
    details_url: str | None = None
    output: dict[str, Any] = field(default_factory=dict)
    actions: list[dict[str, str]] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)


@dataclass
class Comment:
    id: int
    repo: Repository
    number: int
    user: Account
    body: str
    created_at: datetime
    updated_at: datetime
    app: App | None = None


@dataclass
class DeploymentStatus:
    id: int
    state: str
    description: str
    environment: str
    environment_url: str
    log_url: str
    creator: Account
    created_at: datetime


@dataclass
class Deployment:
    id: int
    repo: Repository
    sha: str
    ref: str
    task: str
    environment: str
    description: str | None
    payload: Any
    creator: Account
    created_at: datetime
    updated_at: datetime
    transient: bool = False
    production: bool = False
    app: App | None = None
    statuses: list[DeploymentStatus] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        return self.statuses[-1].state if self.statuses else None
