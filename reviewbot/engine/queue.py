"""Per key one running and at most one waiting, each with a time before which it is not taken.

Storms coalesce in the shape of this queue; nobody who adds needs to know what is going on. Times are monotonic
seconds handed in by the caller, so that tests need no clock to pass.
"""

import heapq
import itertools
import math
import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Queue(Generic[Key]):
    """Thread-safe. Every `take` is answered by a `done`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Key, float] = {}
        self._running: set[Key] = set()
        # Of what waits and does not run, the earliest first. An entry whose time is not the key's any more is void.
        self._line: list[tuple[float, int, Key]] = []
        self._numbers = itertools.count()
        self._closed = False

    def add(self, key: Key, at: float) -> None:
        """Have the key taken at that time, or earlier if it was due earlier."""
        with self._changed:
            if at < self._waiting.get(key, math.inf):
                self._waiting[key] = at
                self._line_up(key)
                self._changed.notify()

    def take(self, now: float) -> Key | None:
        """The key that is due longest and is not running; None if there is none at `now`."""
        with self._changed:
            if self._first_at() > now:
                return None
            _, _, key = heapq.heappop(self._line)
            del self._waiting[key]
            self._running.add(key)
            return key

    def done(self, key: Key) -> None:
        """The key may be taken again."""
        with self._changed:
            self._running.discard(key)
            if key in self._waiting:
                self._line_up(key)
                self._changed.notify_all()

    def wait(self, now: float, limit: float) -> None:
        """Return when something may have become due, after `limit` seconds at the latest."""
        with self._changed:
            pause = min(limit, self._first_at() - now)
            if pause > 0 and not self._closed:
                self._changed.wait(pause)

    def next_at(self) -> float | None:
        """The earliest time anything waits for; None if nothing waits."""
        with self._changed:
            return min(self._waiting.values(), default=None)

    def due(self, now: float) -> int:
        """How many keys could be taken if somebody had time."""
        with self._changed:
            return sum(at <= now and key not in self._running for key, at in self._waiting.items())

    def close(self) -> None:
        """Wake everybody up; there is nothing more to wait for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """How many keys wait, due or not."""
        with self._changed:
            return len(self._waiting)

    def _line_up(self, key: Key) -> None:
        if key not in self._running:
            heapq.heappush(self._line, (self._waiting[key], next(self._numbers), key))

    def _first_at(self) -> float:
        while self._line:
            at, _, key = self._line[0]
            if key not in self._running and self._waiting.get(key) == at:
                return at
            heapq.heappop(self._line)
        return math.inf
