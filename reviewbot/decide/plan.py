"""The facts that a decision rests on, the steps that it may name, and the plan that it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reviewbot.model import (
    About,
    AddonState,
    Answer,
    Approvals,
    CommentPolicy,
    Exclusion,
    Failure,
    JobState,
    Logged,
    Output,
    Phase,
    Preview,
    Problem,
    PullRequest,
    Record,
    Release,
    ReleaseState,
    Verdict,
)


@dataclass(frozen=True)
class AppFacts:
    """One of several apps of a pull request: its record, if it has one, and why it shall not run, if it shall not."""

    name: str
    record: Record | None = None
    excluded: Exclusion | None = None


@dataclass(frozen=True)
class Facts:
    """All that a decision rests on. `verdict` is None where checks do not matter (closed, skipped, there already).

    `excluded` says why the repository's rules leave the pull request out, if they do and nobody overruled them.
    `approvals` are people's, and `answers` what requests got, by their keys. `wanted` is the release of the head, or
    `problem` says why none can be made of it, `pending` why not yet, or `blocked` what whoever runs the cluster has to
    mend first. `problems` are the places in the head's files that `problem` tells of, `changes` is what the pull
    request changes there in words, and `about` what they say of the app. `answered` is the release that answered at the
    public address, where it was asked. `reset` says that somebody may have, and wants, all data made anew. `logs` says
    that output may be shown to whoever sees the pull request, `comment` when a comment is made. `named` are the apps
    that the repository's settings name, where they could be read, each with why it shall not run, if it shall not;
    `apps` are those and all on record.
    """

    now: datetime
    record: Record
    pull: PullRequest
    preview: Preview
    verdict: Verdict | None = None
    wanted: Release | None = None
    problem: str | None = None
    problems: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    about: About = field(default_factory=About)
    blocked: str | None = None
    answered: str | None = None
    logs: bool = False
    comment: CommentPolicy = CommentPolicy.ON
    pending: str | None = None
    excluded: Exclusion | None = None
    approvals: Approvals = field(default_factory=Approvals)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    reset: bool = False
    named: Mapping[str, Exclusion | None] | None = None
    apps: tuple[AppFacts, ...] = ()

    @property
    def several(self) -> bool:
        """It is a pull request that has several apps, and runs nothing itself."""
        return not self.record.ref.app and bool(self.apps if self.named is None else self.named)


@dataclass(frozen=True)
class Arm:
    """Make the namespace and its walls, or complete them. The administrator's Secret of that name is copied there.

    `port` is what the gateway may reach besides the processes' own.
    """

    pull_secret: str | None = None
    port: int | str | None = None


@dataclass(frozen=True)
class Provide:
    """Bring up the release's add-ons, or bring them up to date."""

    release: Release


@dataclass(frozen=True)
class Run:
    """Run one of the release's commands, of that kind, once."""

    release: Release
    kind: str


@dataclass(frozen=True)
class Resume:
    """Let a command run that was suspended."""

    job: JobState


@dataclass(frozen=True)
class Render:
    """Render the kustomization of which the release's objects are to be."""

    release: Release


@dataclass(frozen=True)
class Drop:
    """Forget that a command ran, so that it may run again."""

    job: JobState


@dataclass(frozen=True)
class Apply:
    """Bring up the release's objects beside whatever runs."""

    release: Release


@dataclass(frozen=True)
class Switch:
    """Point the public address at a release that is ready."""

    release: ReleaseState


@dataclass(frozen=True)
class Restore:
    """Give the public address back to the release that served last and can again."""

    release: ReleaseState


@dataclass(frozen=True)
class Unroute:
    """Take the public address from a release that no longer answers, so that the status page does."""


@dataclass(frozen=True)
class Prune:
    """Remove a release that no longer serves."""

    release: ReleaseState


@dataclass(frozen=True)
class Wipe:
    """Remove the add-ons with all their data, and forget the first setup."""

    addons: tuple[AddonState, ...]
    postdeploy: JobState | None


@dataclass(frozen=True)
class Remove:
    """Remove the route, then the namespace of that uid with all that is in it."""

    uid: str


@dataclass(frozen=True)
class Forget:
    """Delete the record of a pull request closed long ago."""


Step = (
    Arm | Provide | Run | Render | Resume | Drop | Apply | Switch | Restore | Unroute | Prune | Wipe | Remove | Forget
)


def described(steps: Iterable[Step]) -> list[str]:
    """Steps in words: what is done, and to which release."""
    return [" ".join([type(step).__name__, *_subject(step)]) for step in steps]


def _subject(step: Step) -> list[str]:
    match step:
        case Apply(release) | Provide(release) | Render(release):
            return [release.id]
        case Run(release, kind):
            return [kind, release.id]
        case Resume(job) | Drop(job):
            return [job.name]
        case Switch(release) | Restore(release) | Prune(release):
            return [release.id]
    return []


@dataclass(frozen=True)
class Plan:
    """The decision: `phase` and `reason` for machines, `sentence` for people, `steps` in order.

    `in_flight` says that the cluster is on its way somewhere, so that passes follow each other closely.
    `failure` is to be remembered, and `output` is whose last lines tell more of it. `logged` is what a release phase
    wrote that succeeded. `problems` are the places in the head's files that the sentence tells of. `ends` says that
    nothing is to be left of the preview.
    """

    phase: Phase
    reason: str
    sentence: str
    steps: tuple[Step, ...] = ()
    again: datetime | None = None
    in_flight: bool = False
    failure: Failure | None = None
    output: Output | None = None
    logged: Logged | None = None
    problems: tuple[Problem, ...] = ()
    ends: bool = False
