"""What keeps many who look at one page from asking the cluster each."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_GOOD_SECONDS = 1.0
# Anybody may ask about anything, and what nobody knows is an answer too.
_MOST = 1000


class Recent(Generic[T]):
    """Answers that are good for a second; a failure is none. Safe to share between threads."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._held: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer that somebody else got just now, or a new one."""
        asked = self._seconds()
        with self._lock:
            held = self._held.get(key)
        if held is not None and asked < held[0] + _GOOD_SECONDS:
            return held[1]
        answer = ask()
        with self._lock:
            if len(self._held) >= _MOST:
                self._held.clear()
            # From when it was asked for: a slow answer is an old one.
            self._held[key] = asked, answer
        return answer
