"""The texts on GitHub as values: what each should say, where it comes from, and whether it is what was said last."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from reviewbot.model import About, Phase, Problem, Section, Sha

TITLES = {
    Phase.WAITING: "Waiting",
    Phase.SKIPPED: "Skipped",
    Phase.DEPLOYING: "Deploying",
    Phase.RUNNING: "Ready",
    Phase.FAILED: "Failed",
    Phase.CLOSING: "Being removed",
    Phase.CLOSED: "Removed",
}


@dataclass(frozen=True)
class Annotation:
    """What is shown at a line of a file of the commit."""

    level: Literal["warning", "failure"]
    problem: Problem


@dataclass(frozen=True)
class CheckRunText:
    """Our check run as it should read; `conclusion` and annotations come when it is completed."""

    status: Literal["queued", "in_progress", "completed"]
    conclusion: Literal["success", "failure", "neutral"] | None
    title: str
    summary: str
    details_url: str
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True)
class DeploymentText:
    """A deployment's latest status as it should be. Its words depend on the state alone, so each is written once.

    Only a success has an address: until then an older commit may answer there.
    """

    state: Literal["in_progress", "success", "failure", "inactive"]
    description: str
    url: str = ""
    log_url: str = ""


@dataclass(frozen=True)
class Report:
    """What GitHub should show. `comment` is the whole body; without `announce` it is edited, never created.

    `deployments` are what those of commits should say, the head's first; nothing new is said of any other that is
    `live`. Those of commits that are not are over, and all are where the whole preview `ends`.
    """

    sha: Sha
    external_id: str
    check_run: CheckRunText
    comment: str
    announce: bool
    deployments: tuple[tuple[Sha, DeploymentText], ...]
    live: tuple[Sha, ...]
    ends: bool


@dataclass(frozen=True)
class AppPlace:
    """One of several apps of a pull request: how it fares, what it says of the commit, and where it answers.

    `serving` is the commit that visitors get, `deployed` the one that they got last, and `answering` the one that is
    known to answer. `excluded` says why it is not deployed, if it is not.
    """

    name: str
    phase: Phase
    section: Section | None = None
    url: str = ""
    serving: Sha | None = None
    deployed: Sha | None = None
    answering: Sha | None = None
    excluded: str = ""


@dataclass(frozen=True)
class Place:
    """Where the preview is found, the commit that answers there now, if any, and what its definition says.

    `notes` are on the definition, with their place where they have one, `changes` is what the pull request changes in
    it, and `about` what it says of the app. `deployed` is the commit that served last and is still there, whether it
    answers at the moment or not, `answering` the one that is known to. `log` is the last lines of a process that
    failed, `release_log` those of the release phase, both already without secrets. A pull request that has several
    `apps` is only where they are.
    """

    url: str
    serving: Sha | None = None
    notes: tuple[Problem | str, ...] = ()
    log: str = ""
    release_log: str = ""
    deployed: Sha | None = None
    answering: Sha | None = None
    changes: tuple[str, ...] = ()
    about: About = field(default_factory=About)
    apps: tuple[AppPlace, ...] = ()


def digest(text: Report | CheckRunText | DeploymentText | Section | str | None) -> str:
    """Tells whether what was written, or taken, last is still what should be."""
    content = text if isinstance(text, str) else json.dumps(text and asdict(text), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
