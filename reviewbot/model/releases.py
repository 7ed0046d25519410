"""What runs, as wanted and as the cluster shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from reviewbot.model.addons import Addon
from reviewbot.model.definition import Limits, Process, Script
from reviewbot.model.ids import Sha
from reviewbot.model.own import Kustomization, OwnObjects, Served
from reviewbot.model.placement import Nodes, Resources
from reviewbot.model.problems import Problem


@dataclass(frozen=True)
class Release:
    """One deployable version: the same inputs give the same id, so a half-finished one can be resumed.

    `resources` are those of each size that it uses. `pull_secret` names the administrator's Secret that images are
    pulled with. `command` is the release phase, `postdeploy` and `predestroy` are the scripts of the preview's first
    and last moment. `landing` is the path people are sent to, `notes` is what they should know about its definition.
    `own` are the repository's own objects, which run instead of processes. `unrendered` is what they have yet to be
    rendered of.
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
    addons: tuple[Addon, ...] = ()
    command: Script | None = None
    postdeploy: Script | None = None
    predestroy: Script | None = None
    limits: Limits = field(default_factory=Limits)
    landing: str = "/"
    notes: tuple[Problem | str, ...] = ()
    own: OwnObjects | None = None
    unrendered: Kustomization | None = None


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
    ADDON = "AddonNotReady"
    RELEASE = "ReleaseFailed"
    POSTDEPLOY = "PostdeployFailed"
    RENDER = "RenderFailed"


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


class Stage(StrEnum):
    """How far a command is that runs once."""

    SUSPENDED = "suspended"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class JobState:
    """A command that runs once, by the name of its Job, for the release that brought it.

    `trouble` is why it failed or does not start. `since` is since when it has been seen running, by our own clock.
    """

    name: str
    release: str
    stage: Stage
    trouble: Trouble | None = None
    output: Output | None = None
    since: datetime | None = None

    @property
    def idle(self) -> bool:
        """It should run and nothing of it does: there is no pod, or one that cannot start."""
        return self.stage is Stage.RUNNING and (self.output is None or self.trouble is not None)


@dataclass(frozen=True)
class AddonState:
    """An add-on as the cluster shows it: `whole` if all its objects are there, and `definition` what they were made of.

    One that is `leaving` was deleted and is not gone yet; it is `undeleted` as long as any object of it was not, and
    even so it may be leaving. `since` is since when it has been seen unready, by our clock.
    """

    name: str
    definition: str
    whole: bool
    ready: bool
    leaving: bool = False
    undeleted: bool = True
    trouble: Trouble | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class ReleaseState:
    """One release's objects as the cluster shows them; `images` maps process types to digests.

    `processes` are the types whose objects are all there; ready means that the gateway has an endpoint. `phase` is its
    release phase, `predestroy` waits for the preview's end, and `rendering` makes its objects of a kustomization.
    `objects` are those of the repository's own that it has, by kind and name, `jobs` the Jobs among them, and `served`
    what of them is served.
    """

    id: str
    sha: Sha
    since: datetime
    processes: frozenset[str]
    ready: bool
    trouble: Trouble | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    phase: JobState | None = None
    predestroy: JobState | None = None
    rendering: JobState | None = None
    objects: frozenset[tuple[str, str]] = frozenset()
    jobs: tuple[JobState, ...] = ()
    served: Served | None = None

    @property
    def started(self) -> bool:
        """Something of it is there beside the commands that run once."""
        return bool(self.processes or self.objects)

    def complete(self, release: Release) -> bool:
        """All the release's objects exist: applying it again would change nothing."""
        types = {process.type for process in release.processes}
        own = release.own.names if release.own else frozenset()
        there = release.unrendered is None and types <= self.processes and own <= self.objects
        return there and (release.predestroy is None or self.predestroy is not None)


@dataclass(frozen=True)
class Preview:
    """A preview's namespace. `routed` is the release its HTTPRoute names.

    `postdeploy` is the preview's first setup, whichever release brought it. `stopping` says that a command goes on that
    was deleted.
    It has been seen active, or terminating, `since`, by our own clock; `stuck` is what the cluster says it waits for.
    `answers` says that something is ready behind the route, whichever release it is of by now.
    """

    namespace: Literal["absent", "active", "terminating", "foreign"]
    releases: tuple[ReleaseState, ...] = ()
    routed: str | None = None
    uid: str | None = None
    since: datetime | None = None
    stuck: str = ""
    addons: tuple[AddonState, ...] = ()
    postdeploy: JobState | None = None
    stopping: bool = False
    answers: bool = False

    @property
    def jobs(self) -> tuple[JobState, ...]:
        """Every command of which something is there."""
        found = (job for each in self.releases for job in (each.phase, each.predestroy, each.rendering, *each.jobs))
        return tuple(job for job in (self.postdeploy, *found) if job)

    @property
    def leads(self) -> bool:
        """The route leads to what can answer."""
        routed = self.release(self.routed)
        return self.answers or (routed is not None and routed.ready)

    def release(self, release_id: str | None) -> ReleaseState | None:
        """The release of that id, if its objects are there."""
        return next((each for each in self.releases if each.id == release_id), None)

    def addon(self, name: str) -> AddonState | None:
        """The add-on of that name, if any of its objects is there."""
        return next((each for each in self.addons if each.name == name), None)


class Phase(StrEnum):
    WAITING = "Waiting"
    SKIPPED = "Skipped"
    DEPLOYING = "Deploying"
    RUNNING = "Running"
    FAILED = "Failed"
    CLOSING = "Closing"
    CLOSED = "Closed"
