"""What a repository says of itself: its files, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from reviewbot.model.addons import Addon
from reviewbot.model.placement import DEFAULT_SIZE
from reviewbot.model.problems import Problem


@dataclass(frozen=True)
class ConfigVar:
    """One entry of `app.json`'s `env`. `gap` is what to say, and where, if nothing gives a required one its value."""

    name: str
    value: str | None = None
    required: bool = True
    generated: bool = False
    gap: Problem | None = field(default=None, compare=False)


@dataclass(frozen=True)
class HealthCheck:
    """One of a process type's `healthchecks`: asks a path, a command, or only whether the port is open.

    Without a port it is the process's own. `delay`, `period` and `timeout` are in seconds, `attempts` in a row decide.
    """

    kind: Literal["startup", "readiness", "liveness"]
    path: str | None = None
    command: tuple[str, ...] = ()
    port: int | None = None
    delay: int = 0
    period: int = 5
    timeout: int = 5
    attempts: int = 3


@dataclass(frozen=True)
class Process:
    """One process type of the Procfile; without a command it is the image's own entry point."""

    type: str
    command: str | None
    quantity: int
    size: str = DEFAULT_SIZE
    checks: tuple[HealthCheck, ...] = ()


@dataclass(frozen=True)
class Script:
    """A command that runs once and ends: the release phase, or one of `app.json`'s `scripts`."""

    command: str
    size: str = DEFAULT_SIZE


@dataclass(frozen=True)
class About:
    """What an `app.json` says of the app for people."""

    name: str = ""
    description: str = ""
    logo: str = ""


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
class AddonChoice:
    """The base branch's word on one add-on: whether there is one, of which size, with how much storage."""

    wanted: bool = True
    size: str | None = None
    storage: str | None = None


@dataclass(frozen=True)
class Limits:
    """How long each of these may take at most."""

    ready: timedelta = timedelta(minutes=10)
    release: timedelta = timedelta(hours=1)
    postdeploy: timedelta = timedelta(minutes=30)
    predestroy: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class RepositoryConfig:
    """The base branch's `.github/reviewbot.yml`.

    `public_logs`: last lines of what failed are shown even where anybody can read them. `env` stands over `app.json`'s
    values, `sizes` over its formation's by process type, `addons` over its add-ons by their name in the preview.
    `manifests` is a folder with manifests of the repository's own, `serve` the Service of them that is served, as name
    or name:port. `apps`, by name, run instead of the one app at the root.
    """

    image: str | None = None
    health: str | None = None
    port: int = 8080
    run_as_user: int | None = None
    checks: ChecksPolicy = field(default_factory=ChecksPolicy)
    scope: ScopePolicy = field(default_factory=ScopePolicy)
    comment: CommentPolicy = CommentPolicy.ON
    public_logs: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, str] = field(default_factory=dict)
    addons: Mapping[str, AddonChoice] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    manifests: str | None = None
    serve: str | None = None
    apps: Mapping[str, "App"] = field(default_factory=dict)


@dataclass(frozen=True)
class App:
    """One of several apps in a repository: the folder of its files, "" for the root, and the settings it runs by.

    They are those of the top level, with what the app says of itself over them. It is deployed where a file in its
    folder is changed, or one that matches a pattern of `paths`.
    """

    path: str
    config: RepositoryConfig
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class AppSpec:
    """What one commit wants to run: `Procfile` and `app.json` as they stand at that commit.

    A variable of `env` stands over an add-on's of the same name. `warnings` are what works, but perhaps not as its
    author thinks, each with its place where it has one.
    """

    processes: tuple[Process, ...]
    env: tuple[ConfigVar, ...] = ()
    success_path: str = "/"
    warnings: tuple[Problem | str, ...] = ()
    release: Script | None = None
    postdeploy: Script | None = None
    predestroy: Script | None = None
    addons: tuple[Addon, ...] = ()
    about: About = field(default_factory=About)
