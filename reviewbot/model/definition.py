"""What a repository says of itself: its files, read."""

from dataclasses import dataclass, field
from enum import StrEnum

from reviewbot.model.placement import DEFAULT_SIZE


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
    size: str = DEFAULT_SIZE


@dataclass(frozen=True)
class ChecksPolicy:
    """The base branch's `checks:`; `quiet` is in seconds, None for the default."""

    require: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    quiet: int | None = None


# Written for people to read in the repository.
DOCUMENTATION = ("*.md", "*.rst", "*.adoc", "/LICENSE*", "/docs/")


@dataclass(frozen=True)
class ScopePolicy:
    """The base branch's `pull_requests:`, which of them get a preview.

    `branches` and `ignore_paths` are patterns. No `branches` or `labels` means any; with `labels` one of them is
    needed, with one of `skip_labels` there is none.
    """

    drafts: bool = False
    bots: bool = False
    branches: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    skip_labels: tuple[str, ...] = ()
    ignore_paths: tuple[str, ...] = DOCUMENTATION


class CommentPolicy(StrEnum):
    """When a comment is made; one that is there is kept true whatever this says."""

    ON = "on"
    ON_FAILURE = "on-failure"
    OFF = "off"


@dataclass(frozen=True)
class RepositoryConfig:
    """The base branch's `.github/reviewbot.yml`.

    `public_logs`: last lines of what failed are shown even where anybody can read them.
    """

    image: str | None = None
    health: str | None = None
    port: int = 8080
    run_as_user: int | None = None
    checks: ChecksPolicy = field(default_factory=ChecksPolicy)
    scope: ScopePolicy = field(default_factory=ScopePolicy)
    comment: CommentPolicy = CommentPolicy.ON
    public_logs: bool = False


@dataclass(frozen=True)
class AppSpec:
    """What one commit wants to run: `Procfile` and `app.json` as they stand at that commit."""

    processes: tuple[Process, ...]
    env: tuple[ConfigVar, ...] = ()
    success_path: str = "/"
    warnings: tuple[str, ...] = ()
