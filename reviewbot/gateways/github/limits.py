"""Who has to stay away from GitHub until when. Each installation has limits of its own, and so has the App."""

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.errors import RateLimited
from reviewbot.gateways.github.answers import asked_patience
from reviewbot.model import InstallationId

log = logging.getLogger(__name__)

# An installation, or the App itself.
Caller = InstallationId | None

_AT_LEAST = timedelta(seconds=1)
# Where GitHub does not say how long, it wants a minute at first and longer each time.
_FIRST = timedelta(minutes=1)
_LONGEST = timedelta(minutes=16)
# GitHub allows 900 points in a minute; the rest is for whoever else asks for the same installation.
POINTS = 800
_READING, _WRITING = 1, 5
_MINUTE = timedelta(minutes=1)
# What has to be free of a minute that was used up before anybody asks again: with a request or two for each, all would
# begin over and over, and finish nothing. That many find room then; each next so many have to wait longer by so much.
_ROOM, _LOOKS = 200, 25
_TURN = _MINUTE * _ROOM / POINTS


@dataclass(frozen=True)
class _Limit:
    until: datetime
    patience: timedelta


@dataclass
class _Full:
    until: datetime
    refused: int = 0

    def refuse(self) -> RateLimited:
        turns, self.refused = self.refused // _LOOKS, self.refused + 1
        return RateLimited("GitHub has been asked as much as it likes for this minute.", self.until + turns * _TURN)


class Limits:
    """Remembers what GitHub asked for. Safe to share between threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limits: dict[Caller, _Limit] = {}
        self._spent: dict[Caller, deque[tuple[datetime, int]]] = {}
        self._full: dict[Caller, _Full] = {}

    def check(self, caller: Caller) -> None:
        """Raise RateLimited if the caller has to stay away still."""
        now = self._clock()
        with self._lock:
            limit, full = self._limits.get(caller), self._full.get(caller)
            if limit is not None and now < limit.until:
                raise _limited(limit)
            if full is not None and now < full.until:
                raise full.refuse()

    def spend(self, caller: Caller, verb: str) -> None:
        """A request is about to be sent; raise RateLimited where it would be one too many in a minute."""
        now, points = self._clock(), _READING if verb == "GET" else _WRITING
        with self._lock:
            spent = self._spent.setdefault(caller, deque())
            while spent and spent[0][0] <= now - _MINUTE:
                spent.popleft()
            if sum(each for _, each in spent) + points > POINTS:
                full = self._full[caller] = _Full(_free_at(spent))
                raise full.refuse()
            spent.append((now, points))

    def reached(self, caller: Caller, headers: Mapping[str, str]) -> RateLimited:
        """GitHub has just limited the caller; the failure that says until when."""
        now = self._clock()
        asked = asked_patience(headers, now)
        with self._lock:
            known = self._limits.get(caller)
            if asked is None:
                limit = _grown(known, now)
                if limit.patience == _LONGEST:
                    whom = f"installation {caller}" if caller else "the App"
                    log.error("GitHub goes on refusing %s without saying for how long", whom)
            else:
                patience = max(asked, _AT_LEAST)
                limit = _Limit(now + patience, patience)
            # Requests that were under way together are all refused: that is one limit, and the longest counts.
            if known is None or known.until < limit.until:
                self._limits[caller] = limit
            return _limited(self._limits[caller])


def _grown(known: _Limit | None, now: datetime) -> _Limit:
    if known is None or known.until + known.patience < now:
        return _Limit(now + _FIRST, _FIRST)
    if now < known.until:
        return known
    patience = min(max(2 * known.patience, _FIRST), _LONGEST)
    return _Limit(now + patience, patience)


def _free_at(spent: Iterable[tuple[datetime, int]]) -> datetime:
    sums = itertools.accumulate(points for _, points in spent)
    return next(at for (at, _), freed in zip(spent, sums, strict=True) if freed >= _ROOM) + _MINUTE


def _limited(limit: _Limit) -> RateLimited:
    return RateLimited("GitHub's rate limit is reached.", limit.until)
