"""The one state: every account, app, repository and token, one lock, one clock, and how to find things."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from werkzeug.wrappers import Response

from dev.github.log import Delivery, Exchange
from dev.github.pace import Pace, pace
from dev.github.state import Account, App, Installation, Repository, Token

Before = Callable[[Exchange], Response | None]
After = Callable[[Exchange, Response], Response | None]


def utc_now() -> datetime:
    return datetime.now(UTC)


def same_name(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()


class Store:
    """State shared by the routes, the webhooks and the scenario verbs; hold `lock` to read or change it.

    Tests may set `before` (called with no effect done yet) and `after` (called with the effect done and the
    reply in hand). Either may return a response to answer instead, or raise `ConnectionAbortedError` to cut
    the connection.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now, first_id: int = 1_000_001) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.api_url = "https://api.github.invalid"
        self.accounts: dict[int, Account] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.repositories: dict[int, Repository] = {}
        self.old_names: dict[str, int] = {}
        self.tokens: dict[str, Token] = {}
        self.deliveries: list[Delivery] = []
        self.requests: list[Exchange] = []
        self.before: Before | None = None
        self.after: After | None = None
        # set by whoever posts deliveries, while it does
        self.outbox: Callable[[Delivery], None] | None = None
        self.settle: Callable[[], None] = lambda: None
        # deliveries for which this says yes are never sent, as if the network had eaten them
        self.loses: Callable[[Delivery], bool] = lambda _: False
        # what goes out now in place of a delivery: itself, or as one of the faults has it
        self.carries: Callable[[Delivery], list[Delivery]] = lambda delivery: [delivery]
        self.stateless_tokens = True
        self.token_lag = timedelta(0)
        self._ids = itertools.count(first_id)

    def next_id(self) -> int:
        return next(self._ids)

    def now(self) -> datetime:
        """The clock, in whole seconds as GitHub tells time."""
        return self.clock().replace(microsecond=0)

    def account(self, login: str, kind: str = "User") -> Account:
        """The account of that login, made at its first mention."""
        with self.lock:
            found = self.known_account(login)
            if found is None:
                found = Account(self.next_id(), login, kind)
                self.accounts[found.id] = found
            return found

    def known_account(self, login: str) -> Account | None:
        return next((a for a in self.accounts.values() if same_name(a.login, login)), None)

    def app_by_issuer(self, issuer: object) -> App | None:
        wanted = str(issuer)
        return next((a for a in self.apps.values() if wanted in (str(a.id), a.client_id)), None)

    def repository(self, full_name: str) -> Repository | None:
        """The repository now called that."""
        living = (r for r in self.repositories.values() if not r.deleted)
        return next((r for r in living if same_name(r.full_name, full_name)), None)

    def repository_once_called(self, full_name: str) -> Repository | None:
        found = self.repositories.get(self.old_names.get(full_name.casefold(), 0))
        return found if found and not found.deleted else None

    def repository_by_id(self, repository_id: int) -> Repository | None:
        found = self.repositories.get(repository_id)
        return found if found and not found.deleted else None

    def installations_of(self, app: App) -> list[Installation]:
        return [i for i in self.installations.values() if i.app is app and not i.deleted]

    def installation_on(self, app: App, repo: Repository) -> Installation | None:
        return next((i for i in self.installations_of(app) if i.covers(repo)), None)

    def repositories_of(self, installation: Installation) -> list[Repository]:
        return [r for r in self.repositories.values() if installation.covers(r)]

    def calls(self, method: str = "", path: str = "") -> list[Exchange]:
        """The logged requests of that method whose path matches that regular expression."""
        with self.lock:
            return [e for e in self.requests if method in ("", e.method) and re.search(path, e.path)]

    def pace(self, installation_id: int) -> Pace:
        """How fast that installation has asked and written so far."""
        with self.lock:
            return pace(e for e in self.requests if e.installation_id == installation_id)

    def expire_tokens(self) -> None:
        with self.lock:
            for token in self.tokens.values():
                token.expires_at = self.clock()
