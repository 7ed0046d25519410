"""What runs, as wanted and as the cluster shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from reviewbot.model.definition import Process
from reviewbot.model.ids import Sha
from reviewbot.model.placement import Nodes, Resources
from reviewbot.model.problems import Problem


@dataclass(frozen=True)
class Release:
    """One deployable version: the same inputs give the same id, so a half-finished one can be resumed.

    `resources` are those of each process type. `pull_secret` names the administrator's Secret that images are pulled
    with. `landing` is the path people are sent to, `notes` is what they should know about its definition.
    """

    id: str
    sha: Sha
    image: str
    processes: tuple[Process, ...]
    config: Mapping[str, str]
    generated: tuple[str, ...]
    health: str | None
    port: int = 8080
    run_as_user: int | None = None
    nodes: Nodes = field(default_factory=Nodes)
    resources: Mapping[str, Resources] = field(default_factory=dict)
    pull_secret: str | None = None
    landing: str = "/"
    notes: tuple[Problem | str, ...] = ()


class Cause(StrEnum):
    """Why a release does not get ready, as the check run names it."""

    IMAGE = "ImageMissing"
    ROOT = "RootImage"
    START = "CannotStart"
    CRASH = "Crashed"
    QUOTA = "QuotaExceeded"
    REFUSED = "Refused"
    UNSCHEDULABLE = "Unschedulable"
    CONFIG = "ConfigMissing"
    NEVER_READY = "NeverReady"


@dataclass(frozen=True)
class Output:
    """Whose last lines tell more: a container, and whether it was started again since it ended."""

    pod: str
    container: str
    restarted: bool


@dataclass(frozen=True)
class Trouble:
    """What keeps a release from getting ready. A final one will not mend itself."""

    cause: Cause
    sentence: str
    final: bool
    output: Output | None = None


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
    """A preview's namespace, made at `since`. `routed` is the release its HTTPRoute names.

    One that is terminating has been seen so `since`, and `stuck` is what the cluster says it waits for.
    """

    namespace: Literal["absent", "active", "terminating", "foreign"]
    releases: tuple[ReleaseState, ...] = ()
    routed: str | None = None
    uid: str | None = None
    since: datetime | None = None
    stuck: str = ""

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
