"""What a repository costs while nothing happens in it: listings of many settled pull requests, counted by GitHub."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dev.bench.figures import Figure
from dev.github import GitHub, Repo, new_private_key, serve
from reviewbot.engine.records import RepositoryRecord
from reviewbot.errors import Unseen
from reviewbot.gateways.github import GitHub as Gateway
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, Phase, PullRequestRef, Record, RepositoryId
from reviewbot.reconcile.repository import Lister
from reviewbot.scope import outline

OPEN = 130
_OWNER = "acme"
# A token that GitHub refuses is given up only when it cannot be too new any more.
_SETTLED = timedelta(seconds=11)


class _Records:
    """A repository whose pull requests all run; it counts who would be looked at."""

    def __init__(self, repository: RepositoryRecord, records: list[Record]) -> None:
        self._repository = repository
        self._records = records
        self.looks = 0

    def repository(self, _name: str) -> RepositoryRecord:
        return self._repository

    def records_of(self, _repository: RepositoryId) -> list[Record]:
        return self._records

    def poke(self, _ref: PullRequestRef, _delivery: str = "") -> None:
        self.looks += 1

    def poke_repository(self, _repository: RepositoryId, _installation: InstallationId, _full_name: str) -> None:
        self.looks += 1

    def write_status(self, _name: str, _status: dict[str, Any], _kind: str = "") -> None:
        """Nothing of it is read again."""

    def forget_repository(self, _repository: object) -> None:
        """It is there for as long as this runs."""


class Idle:
    """The repository, GitHub, and whoever lists."""

    def __init__(self, github: GitHub, url: str) -> None:
        key, self.github, self._skipped = new_private_key(), github, timedelta()
        app = github.create_app("idle", private_key=key)
        self.repo = github.create_repository(f"{_OWNER}/shop")
        self._client = (url, AppId(app.id), key)
        self._installation = InstallationId(github.install(app, _OWNER).id)
        for number in range(OPEN):
            self.repo.open_pull_request(f"topic-{number}")
        self.records = self._settled(self.repo)
        self.restart()

    def restart(self) -> None:
        """Another process goes on, with nothing but the records."""
        url, app, key = self._client
        client = Client(url, app, key, lambda: datetime.now(UTC) + self._skipped, lambda: None)
        self._lister = Lister(Gateway(client, [_OWNER]), self.records, lambda: datetime.now(UTC))

    def lose_tokens(self) -> None:
        """The tokens' hour is over."""
        self._skipped += _SETTLED
        self.github.expire_tokens()

    def resync(self) -> tuple[int, int]:
        """List once; how many requests count, and how many are free because nothing changed."""
        before = len(self.github.requests)
        for _ in range(2):
            try:
                self._lister.list(f"repo-{self.repo.id}")
                break
            except Unseen:
                # The token was refused; the queue would come back a moment later.
                continue
        answers = [each.status for each in self.github.requests[before:] if each.path.startswith("/repositories/")]
        return answers.count(200), answers.count(304)

    def _settled(self, repo: Repo) -> _Records:
        url, app, key = self._client
        number, installation = RepositoryId(repo.id), self._installation
        pulls = Gateway(Client(url, app, key, lambda: datetime.now(UTC), lambda: None), [_OWNER])
        records = [
            Record(PullRequestRef(number, installation, pull.number), "", "", phase=Phase.RUNNING, seen=outline(pull))
            for pull in pulls.open_pulls(number, installation)
        ]
        return _Records(RepositoryRecord(number, installation, repo.full_name, None, None), records)


def figures() -> Iterator[Figure]:
    """The figures as people read them."""
    github = GitHub()
    with serve(github) as url:
        idle = Idle(github, url)
        what, goal = f"a listing of {OPEN} open pull requests where nothing happens", math.ceil(OPEN / 100)
        yield Figure(what, _told(idle.resync()), f"goal <= {goal}")
        yield Figure("  again", _told(idle.resync()))
        idle.lose_tokens()
        yield Figure("  with another token", _told(idle.resync()), f"goal <= {goal}")
        idle.restart()
        yield Figure("  after a restart", _told(idle.resync()), f"goal <= {goal}")
        yield Figure("  pull requests that were looked at for it", str(idle.records.looks), "goal: none")


def _told(requests: tuple[int, int]) -> str:
    counted, free = requests
    return f"{counted} requests" + (f" and {free} free ones" if free else "")
