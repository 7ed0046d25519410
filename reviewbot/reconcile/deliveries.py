"""Webhook deliveries that failed are asked for again, where no listing of pull requests can replace them.

GitHub does not repeat them by itself. It lists every attempt for three days, under the time at which it began.
"""

import logging
import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from reviewbot.errors import GiveUp
from reviewbot.model import Bookmark, Delivery, InstallationId
from reviewbot.webhook import is_served

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
# So many are asked for in one go; where more failed, it goes on a minute later.
MOST = 50
SOON = timedelta(minutes=1)
KEPT = timedelta(days=3)
# An attempt that failed again is not repeated sooner than this.
PATIENCE = timedelta(hours=1)
# An attempt is listed only when it has ended, and surges delay it further.
_OVERLAP = timedelta(minutes=5)
_JITTER = 0.2

_EVENTS = {"pull_request", "issue_comment"}
_REQUESTS = {("check_run", "rerequested"), ("check_run", "requested_action"), ("check_suite", "rerequested")}


class Deliveries(Protocol):
    """What is needed of GitHub."""

    def deliveries(self, since: datetime) -> list[Delivery]: ...
    def deliver_again(self, delivery: Delivery) -> None: ...
    def installations(self) -> dict[InstallationId, tuple[int, str]]: ...


class Bookmarks(Protocol):
    """What is remembered."""

    def read(self) -> Bookmark | None: ...
    def write(self, bookmark: Bookmark) -> None: ...


class Redeliverer:
    """Reads on from the bookmark, and asks for what is missing."""

    def __init__(
        self, github: Deliveries, bookmarks: Bookmarks, accounts: Iterable[str], clock: Callable[[], datetime]
    ) -> None:
        self._github = github
        self._bookmarks = bookmarks
        self._accounts = tuple(accounts)
        self._clock = clock
        self._refused = False

    def redeliver(self) -> datetime:
        """Ask for what failed since the bookmark; when to look again."""
        try:
            more = self._redeliver(self._clock())
        except GiveUp as refusal:
            if not self._refused:
                log.warning("failed deliveries cannot be asked for again: %s", refusal.sentence)
            self._refused, more = True, False
        else:
            self._refused = False
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
        return self._clock() + (SOON if more else EVERY) * jitter

    def _redeliver(self, now: datetime) -> bool:
        bookmark = self._bookmarks.read() or Bookmark(now - KEPT)
        listed = self._github.deliveries(max(bookmark.at - _OVERLAP, now - KEPT))
        wanted = self._served(missed(listed, bookmark.asked))
        ready = [each for each in wanted if is_ready(each, now)]
        asked: set[int] = set()
        try:
            for each in ready[:MOST]:
                self._github.deliver_again(each)
                asked.add(each.id)
        finally:
            self._bookmarks.write(following(bookmark, listed, wanted, asked))
        if asked:
            log.info("asked for %d of %d failed deliveries again", len(asked), len(ready))
        return len(ready) > MOST

    def _served(self, failed: list[Delivery]) -> list[Delivery]:
        if not failed:
            return []
        accounts = self._github.installations()
        served = {key for key, (number, login) in accounts.items() if is_served(number, login, self._accounts)}
        return [each for each in failed if each.installation in served]


def missed(listed: Iterable[Delivery], asked: Iterable[int]) -> list[Delivery]:
    """What failed, was not asked for again yet, and matters; oldest first. The last attempt of each event counts."""
    latest: dict[str, Delivery] = {}
    for each in sorted(listed, key=lambda each: (each.at, each.id)):
        latest.pop(each.guid, None)
        latest[each.guid] = each
    done = set(asked)
    return [each for each in latest.values() if not each.delivered and each.id not in done and _matters(each)]


def is_ready(delivery: Delivery, now: datetime) -> bool:
    """What failed for the first time is asked for at once, what failed again only after a while."""
    return not delivery.again or now - delivery.at >= PATIENCE


def following(bookmark: Bookmark, listed: list[Delivery], wanted: list[Delivery], asked: set[int]) -> Bookmark:
    """The bookmark after these were asked for: at the oldest that was not, or at the end."""
    left = [each.at for each in wanted if each.id not in asked]
    newest = max((each.at for each in listed), default=bookmark.at)
    near = {each.id for each in listed}
    return Bookmark(max(bookmark.at, min(left, default=newest)), frozenset((bookmark.asked | asked) & near))


def _matters(delivery: Delivery) -> bool:
    return delivery.event in _EVENTS or (delivery.event, delivery.action) in _REQUESTS
