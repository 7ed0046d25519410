"""Who has to stay away from GitHub until when. Each installation has limits of its own, and so has the App."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.gateways.github.answers import RateLimited, asked_patience
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


@dataclass(frozen=True)
class _Limit:
    until: datetime
    patience: timedelta


class Limits:
    """Remembers what GitHub asked for. Safe to share between threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limits: dict[Caller, _Limit] = {}
        self._spent: dict[Caller, deque[tuple[datetime, int]]] = {}

    def check(self, caller: Caller) -> None:
        """Raise RateLimited if the caller has to stay away still."""
        limit = self._limits.get(caller)
        if limit is not None and self._clock() < limit.until:
            raise _limited(limit)

    def spend(self, caller: Caller, verb: str) -> None:
        """A request is about to be sent; raise RateLimited where it would be one too many in a minute."""
        now, points = self._clock(), _READING if verb == "GET" else _WRITING
        with self._lock:
            spent = self._spent.setdefault(caller, deque())
            while spent and spent[0][0] <= now - _MINUTE:
                spent.popleft()
            if sum(each for _, each in spent) + points > POINTS:
                raise RateLimited("GitHub has been asked as much as it likes for this minute.", spent[0][0] + _MINUTE)
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


def _limited(limit: _Limit) -> RateLimited:
    return RateLimited("GitHub's rate limit is reached.", limit.until)
