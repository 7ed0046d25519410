"""What keeps many who look at one page from asking the cluster each."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from reviewbot.errors import Unseen

T = TypeVar("T")

_GOOD_SECONDS = 1.0
# Whoever waits keeps a thread, and the page is asked for again soon.
_PATIENCE_SECONDS = 2.0
# Anybody may ask about anything, and what nobody knows is an answer too.
_MOST = 1000


class Recent(Generic[T]):
    """Answers that are good for a second; a failure is none. Safe to share between threads."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._held: dict[Hashable, tuple[float, T]] = {}
        self._asking: dict[Hashable, Future[T]] = {}

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer that somebody else got just now or is about to get, or a new one."""
        with self._lock:
            asked = self._seconds()
            held = self._held.get(key)
            if held is not None and asked < held[0] + _GOOD_SECONDS:
                return held[1]
            others = self._asking.get(key)
            mine = self._asking[key] = Future() if others is None else others
        if others is not None:
            return _awaited(others)
        try:
            answer = ask()
        except BaseException as failure:
            self._over(key)
            mine.set_exception(failure)
            raise
        # From when it was asked for: a slow answer is an old one.
        self._over(key, (asked, answer))
        mine.set_result(answer)
        return answer

    def _over(self, key: Hashable, held: tuple[float, T] | None = None) -> None:
        # At once: whoever comes finds either the question or its answer.
        with self._lock:
            del self._asking[key]
            if held is None:
                return
            if len(self._held) >= _MOST:
                self._held.clear()
            self._held[key] = held


def _awaited(answer: Future[T]) -> T:
    try:
        return answer.result(_PATIENCE_SECONDS)
    except TimeoutError:
        raise Unseen("the cluster has not answered others yet") from None
