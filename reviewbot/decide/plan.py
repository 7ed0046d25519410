"""The facts that a decision rests on, the steps that it may name, and the plan that it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reviewbot.model import (
    About,
    Answer,
    Approvals,
    CommentPolicy,
    Exclusion,
    Failure,
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
class Facts:
    """All that a decision rests on. `verdict` is None where checks do not matter (closed, skipped, there already).

    `excluded` says why the repository's rules leave the pull request out, if they do. `approvals` are people's, and
    `answers` what requests got, by their keys. `wanted` is the release of the head, or `problem` says why none can be
    made of it, `pending` why not yet, or `blocked` what whoever runs the cluster has to mend first. `problems` are the
    places in the head's files that `problem` tells of, `changes` is what the pull request changes there in words, and
    `about` what they say of the app. `answered` is the release that answered at the public address, where it was
    asked. `logs` says that output may be shown to whoever sees the pull request, `comment` when a comment is made.
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


@dataclass(frozen=True)
class Arm:
    """Make the namespace and its walls, or complete them. The administrator's Secret of that name is copied there."""

    pull_secret: str | None = None


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
class Remove:
    """Remove the route, then the namespace of that uid with all that is in it."""

    uid: str


@dataclass(frozen=True)
class Forget:
    """Delete the record of a pull request closed long ago."""


Step = Arm | Apply | Switch | Restore | Unroute | Prune | Remove | Forget


def described(steps: Iterable[Step]) -> list[str]:
    """Steps in words: what is done, and to which release."""
    return [" ".join([type(step).__name__, *_subject(step)]) for step in steps]


def _subject(step: Step) -> list[str]:
    match step:
        case Apply(release):
            return [release.id]
        case Switch(release) | Restore(release) | Prune(release):
            return [release.id]
    return []


@dataclass(frozen=True)
class Plan:
    """The decision: `phase` and `reason` for machines, `sentence` for people, `steps` in order.

    `in_flight` says that the cluster is on its way somewhere, so that passes follow each other closely.
    `failure` is to be remembered, and `output` is whose last lines tell more of it. `problems` are the places in the
    head's files that the sentence tells of. `ends` says that nothing is to be left of the preview.
    """

    phase: Phase
    reason: str
    sentence: str
    steps: tuple[Step, ...] = ()
    again: datetime | None = None
    in_flight: bool = False
    failure: Failure | None = None
    output: Output | None = None
    problems: tuple[Problem, ...] = ()
    ends: bool = False
