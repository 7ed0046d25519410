"""What we remember of a pull request."""

from dataclasses import dataclass
from datetime import datetime

from reviewbot.model.ids import Sha
from reviewbot.model.pulls import PullRequestRef
from reviewbot.model.releases import Phase


@dataclass(frozen=True)
class Deployed:
    """A release the record remembers: `at` is when it was started, or since when it has been serving."""

    id: str
    sha: Sha
    at: datetime


@dataclass(frozen=True)
class Written:
    """An object of ours on GitHub and a digest of what we last wrote into it.

    A check run belongs to a commit, and may be completed.
    """

    id: int
    digest: str
    sha: Sha | None = None
    completed: bool = False


@dataclass(frozen=True)
class Record:
    """A ReviewApp as stored. Everything but the ref and the poke can be rebuilt from GitHub and the cluster.

    `report` is a digest of what GitHub should show, `told` of what was last written there to the end.
    """

    ref: PullRequestRef
    uid: str
    version: str
    poke: str | None = None
    observed_poke: str | None = None
    phase: Phase | None = None
    release: Deployed | None = None
    serving: Deployed | None = None
    closed_at: datetime | None = None
    again: datetime | None = None
    head: Sha | None = None
    host: str | None = None
    comment: Written | None = None
    check_run: Written | None = None
    report: str | None = None
    told: str | None = None

    @property
    def due(self) -> bool:
        """Somebody asked to look again and nobody has finished looking since."""
        return self.poke != self.observed_poke
