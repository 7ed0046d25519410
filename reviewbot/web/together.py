"""What keeps many deliveries about one thing from racing each other: all of them are served by the next write."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from reviewbot.errors import Unseen

_TURNS = 64
_PATIENCE_SECONDS = 2.0


class Together:
    """Callers who want the same share one go at it. One that is under way already may have begun too early for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[Hashable, Future[None]] = {}
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def call(self, key: Hashable, work: Callable[[], None]) -> None:
        """Have it done, by this caller or by another who came before and waits for a turn; the outcome is shared."""
        with self._lock:
            shared = self._next.get(key)
            mine = self._next[key] = Future() if shared is None else shared
        if shared is not None:
            return shared.result()
        try:
            self._take_turn(key, work)
        except BaseException as failure:
            mine.set_exception(failure)
            raise
        return mine.set_result(None)

    def _take_turn(self, key: Hashable, work: Callable[[], None]) -> None:
        turn = self._turns[hash(key) % _TURNS]
        taken = turn.acquire(timeout=_PATIENCE_SECONDS)
        with self._lock:
            # Whoever comes from now on comes after it began.
            del self._next[key]
        if not taken:
            raise Unseen("the cluster has not answered others yet")
        try:
            work()
        finally:
            turn.release()
