"""A repository's open pull requests against our records: whatever differs is poked, and only that.

A lost event then costs delay, never truth; and a settled pull request costs no request of its own.
"""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from reviewbot.errors import Missing
from reviewbot.model import InstallationId, Phase, PullRequest, PullRequestRef, Record, RepositoryId
from reviewbot.reconcile.missing import is_gone, next_look
from reviewbot.scope import outline

RESYNC = timedelta(minutes=10)
# A repository that is gone may come back without a word, if it was GitHub that lost sight of it.
KEPT = timedelta(days=1)
_JITTER = 0.2


class Listing(Protocol):
    """What is read of GitHub."""

    def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]: ...
    def installation_of(self, repository: RepositoryId) -> InstallationId | None: ...
    def regained(self, repository: RepositoryId, installation: InstallationId) -> bool: ...


class Repository(Protocol):
    """What a repository's record tells."""

    @property
    def id(self) -> RepositoryId: ...
    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def missing_since(self) -> datetime | None: ...
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
    def poke_repository(self, repository: RepositoryId, installation: InstallationId, full_name: str) -> None: ...
    def write_status(self, name: str, status: dict[str, Any], kind: str = ...) -> None: ...
    def forget_repository(self, repository: Any) -> None: ...


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
        try:
            pulls = self._listing.open_pulls(repository.id, repository.installation)
        except Missing as missing:
            return self._miss(repository, missing.sentence)
        records = self._mailbox.records_of(repository.id)
        self._regain(repository, records)
        for number in changed(pulls, records, repository.installation):
            ref = PullRequestRef(repository.id, repository.installation, number)
            self._mailbox.poke(ref, repository.delivery)
        status = {
            "observedPoke": repository.poke,
            "listedAt": self._clock().isoformat(),
            "openPullRequests": len(pulls),
            "missingSince": None,
            "message": None,
        }
        self._mailbox.write_status(name, status, "Repository")
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
        return self._clock() + RESYNC * jitter

    def _regain(self, repository: Repository, records: Iterable[Record]) -> None:
        lacking = [record for record in records if record.deployments_again or record.comment_again]
        if lacking and self._listing.regained(repository.id, repository.installation):
            for record in lacking:
                self._mailbox.write_status(record.ref.name, {"deploymentsAgain": None, "commentAgain": None})
                self._mailbox.poke(record.ref)

    def _miss(self, repository: Repository, sentence: str) -> datetime | None:
        now, covering = self._clock(), self._listing.installation_of(repository.id)
        if covering is not None and covering != repository.installation:
            self._mailbox.poke_repository(repository.id, covering, repository.full_name)
            return now
        since = repository.missing_since
        if since is None:
            status = {"missingSince": now.isoformat(), "message": sentence}
            self._mailbox.write_status(repository.name, status, "Repository")
        elif is_gone(since, now) and not self._live_are_told(repository.id, since) and now - since >= KEPT:
            self._mailbox.forget_repository(repository)
            return None
        return next_look(since, now)

    def _live_are_told(self, repository: RepositoryId, since: datetime) -> bool:
        # Each still looks for itself; the repository's absence only spares it the second look, much later.
        live = [record for record in self._mailbox.records_of(repository) if _live(record)]
        for record in live:
            self._mailbox.write_status(record.ref.name, {"missingSince": since.isoformat()})
            self._mailbox.poke(record.ref)
        return bool(live)


def changed(pulls: list[PullRequest], records: list[Record], installation: InstallationId) -> list[int]:
    """Numbers that need a look: what is not settled as it is, and what is on record as open but not listed.

    A number that is missing from the list is only looked at, never taken for closed. What is closed is
    looked at as long as GitHub was not told.
    """
    known = {record.ref.number: record for record in records}
    new = [pull.number for pull in pulls if _differs(pull, known.get(pull.number), installation)]
    listed = {pull.number for pull in pulls}
    unlisted = [number for number, record in known.items() if number not in listed and not _is_over(record)]
    return sorted(new + unlisted)


def _differs(pull: PullRequest, record: Record | None, installation: InstallationId) -> bool:
    if pull.archived:
        return record is not None and _live(record)
    if record is None or record.seen != outline(pull) or record.phase in {None, Phase.CLOSED}:
        return True
    if (record.phase is Phase.WAITING and record.reason != "Draft") or record.reason == "ChecksChanged":
        # What is waited for, or told of, may come without a word, except for what the listing shows itself.
        return True
    if record.missing_since is not None:
        # It was not shown once; that counts only until it is.
        return True
    # What somebody waits for, or GitHub was not told, may have to wait no longer.
    return record.due or record.report != record.told or record.ref.installation != installation


def _live(record: Record) -> bool:
    return record.phase is not Phase.CLOSED


def _is_over(record: Record) -> bool:
    return not _live(record) and record.report == record.told
