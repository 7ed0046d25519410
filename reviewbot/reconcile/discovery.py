"""Where the App is installed, asked now and then: a repository of which no event ever came is listed all the same."""

import logging
import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from reviewbot.errors import GiveUp, Wait
from reviewbot.model import InstallationId, RepositoryId
from reviewbot.webhook import is_served

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
_JITTER = 0.2


class Installations(Protocol):
    """What is read of GitHub."""

    def installations(self) -> dict[InstallationId, tuple[int, str]]: ...
    def repositories(self, installation: InstallationId) -> list[tuple[RepositoryId, str]]: ...


class Mailbox(Protocol):
    """What is remembered."""

    def know_repository(self, repository: RepositoryId, installation: InstallationId, full_name: str) -> None: ...


class Discoverer:
    """Has every repository of every served account listed."""

    def __init__(
        self, github: Installations, mailbox: Mailbox, accounts: Iterable[str], clock: Callable[[], datetime]
    ) -> None:
        self._github = github
        self._mailbox = mailbox
        self._accounts = tuple(accounts)
        self._clock = clock

    def discover(self) -> datetime:
        """Make known what is not; when to ask again."""
        for installation, (number, login) in self._github.installations().items():
            if is_served(number, login, self._accounts):
                self._know(installation)
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
        return self._clock() + EVERY * jitter

    def _know(self, installation: InstallationId) -> None:
        try:
            found = self._github.repositories(installation)
        except (Wait, GiveUp) as failure:
            # One that is asleep, limited or just removed holds up no other.
            log.info("installation %s is not asked for its repositories: %s", installation, failure.sentence)
            return
        for repository, full_name in found:
            self._mailbox.know_repository(repository, installation, full_name)
