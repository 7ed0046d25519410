"""When an installation may write next: a second after its last write, and within what GitHub allows in an hour.

Whoever has a turn may read first, so the second begins when the turn is given back.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.model import InstallationId

# GitHub asks for a second between the writes of one installation, which also keeps them below 80 a minute.
PACE = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


class Pace:
    """Hands out turns. Safe to share between threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._written: defaultdict[InstallationId, deque[datetime]] = defaultdict(deque)
        self._in_line: defaultdict[InstallationId, int] = defaultdict(int)
        self._taken: set[InstallationId] = set()

    def take(self, installation: InstallationId, hourly: int) -> datetime | None:
        """None if it is one's turn, which has to be given back, or else when to ask again.

        `hourly` is how many writes there may be in an hour for this one to be among them.
        """
        with self._lock:
            now, written = self._clock(), self._written[installation]
            while written and written[0] <= now - _HOUR:
                written.popleft()
            last = now if installation in self._taken else written[-1] if written else None
            if last is not None and now < last + PACE:
                # Everybody comes back at a time of his own, or all who wait would ask every second.
                self._in_line[installation] += 1
                return last + PACE * self._in_line[installation]
            if len(written) >= hourly:
                return written[len(written) - hourly] + _HOUR
            written.append(now)
            self._taken.add(installation)
            self._in_line[installation] = 0
            return None

    def give_back(self, installation: InstallationId) -> None:
        """The turn is over, whether anything was written or not."""
        with self._lock:
            self._taken.discard(installation)
            self._written[installation][-1] = self._clock()
