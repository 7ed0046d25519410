"""A repository's open pull requests against our records: whatever differs is poked, and only that.

A lost event then costs delay, never truth; and a settled pull request costs no request of its own.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from reviewbot.model import InstallationId, Phase, PullRequest, PullRequestRef, Record, RepositoryId
from reviewbot.scope import outline

RESYNC = timedelta(minutes=10)
_JITTER = 0.2


class Listing(Protocol):
    """What is read of GitHub."""

    def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]: ...


class Repository(Protocol):
    """What a repository's record tells."""

    @property
    def id(self) -> RepositoryId: ...
    @property
    def installation(self) -> InstallationId: ...
    @property
    def poke(self) -> str | None: ...
    @property
    def delivery(self) -> str: ...


class Mailbox(Protocol):
    """What is remembered, and where pokes go."""

    def repository(self, name: str) -> Repository | None: ...
    def records_of(self, repository: RepositoryId) -> list[Record]: ...
    def poke(self, ref: PullRequestRef, delivery: str = "") -> None: ...
    def write_status(self, name: str, status: dict[str, Any], kind: str) -> None: ...


class Lister:
    """Lists repositories by the name of their record."""

    def __init__(self, listing: Listing, mailbox: Mailbox, clock: Callable[[], datetime]) -> None:
        self._listing = listing
        self._mailbox = mailbox
        self._clock = clock

    def list(self, name: str) -> datetime | None:
        """Poke what changed; when to list again, or None if the repository's record is gone."""
        repository = self._mailbox.repository(name)
        if repository is None:
            return None
        pulls = self._listing.open_pulls(repository.id, repository.installation)
        for number in changed(pulls, self._mailbox.records_of(repository.id)):
            ref = PullRequestRef(repository.id, repository.installation, number)
            self._mailbox.poke(ref, repository.delivery)
        status = {
            "observedPoke": repository.poke,
            "listedAt": self._clock().isoformat(),
            "openPullRequests": len(pulls),
        }
        self._mailbox.write_status(name, status, "Repository")
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
        return self._clock() + RESYNC * jitter


def changed(pulls: list[PullRequest], records: list[Record]) -> list[int]:
    """Numbers that need a look: what is not settled as it is, and what is on record as open but not listed.

    A number that is missing from the list is only looked at, never taken for closed.
    """
    known = {record.ref.number: record for record in records}
    new = [pull.number for pull in pulls if _differs(pull, known.get(pull.number))]
    listed = {pull.number for pull in pulls}
    unlisted = [number for number, record in known.items() if number not in listed and _live(record)]
    return sorted(new + unlisted)


def _differs(pull: PullRequest, record: Record | None) -> bool:
    if record is None or record.seen != outline(pull):
        return True
    # What is waited for may come without a word, except for what the listing shows itself.
    waits = record.phase is Phase.WAITING and record.reason != "Draft"
    return waits or record.phase in {None, Phase.CLOSED}


def _live(record: Record) -> bool:
    return record.phase is not Phase.CLOSED
