"""Per key one running and at most one waiting, each with a time before which it is not taken.

Storms coalesce in the shape of this queue; nobody who adds needs to know what is going on. Times are monotonic
seconds handed in by the caller, so that tests need no clock to pass.
"""

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
        self._closed = False

    def add(self, key: Key, at: float) -> None:
        """Have the key taken at that time, or earlier if it was due earlier."""
        with self._changed:
            self._waiting[key] = min(at, self._waiting.get(key, at))
            self._changed.notify()

    def take(self, now: float) -> Key | None:
        """The key that is due longest and is not running; None if there is none at `now`."""
        with self._changed:
            due = [(at, number) for number, (key, at) in enumerate(self._waiting.items()) if self._ready(key, at, now)]
            if not due:
                return None
            key = list(self._waiting)[min(due)[1]]
            del self._waiting[key]
            self._running.add(key)
            return key

    def done(self, key: Key) -> None:
        """The key may be taken again."""
        with self._changed:
            self._running.discard(key)
            self._changed.notify_all()

    def wait(self, now: float, limit: float) -> None:
        """Return when something may have become due, after `limit` seconds at the latest."""
        with self._changed:
            times = [at - now for key, at in self._waiting.items() if key not in self._running]
            pause = min([limit, *times])
            if pause > 0 and not self._closed:
                self._changed.wait(pause)

    def next_at(self) -> float | None:
        """The earliest time anything waits for; None if nothing waits."""
        with self._changed:
            return min(self._waiting.values(), default=None)

    def due(self, now: float) -> int:
        """How many keys could be taken if somebody had time."""
        with self._changed:
            return sum(self._ready(key, at, now) for key, at in self._waiting.items())

    def close(self) -> None:
        """Wake everybody up; there is nothing more to wait for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """How many keys wait, due or not."""
        with self._changed:
            return len(self._waiting)

    def _ready(self, key: Key, at: float, now: float) -> bool:
        return at <= now and key not in self._running
