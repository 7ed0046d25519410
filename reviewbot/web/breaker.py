"""What keeps callers from waiting for a cluster that does not answer until GitHub has given them up."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from reviewbot.errors import Unseen

T = TypeVar("T")

# Together with what a call may take at most this is less than GitHub's ten seconds.
_PATIENCE_SECONDS = 1.0
# A refusal that comes sooner costs nobody anything.
_LONG_SECONDS = 1.0
# A cluster that is only slow answers some in between.
_IN_A_ROW = 10
_PAUSE_SECONDS = 1.0


class Breaker:
    """Once the cluster let some wait in vain, one caller now and then tries again; the others are told at once."""

    def __init__(self, at_once: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._slots = threading.Semaphore(at_once)
        self._trying = threading.Lock()
        self._in_vain = 0
        self._again = 0.0

    def call(self, work: Callable[[], T]) -> T:
        """Do it, or raise Unseen."""
        if not self._slots.acquire(timeout=_PATIENCE_SECONDS):
            raise Unseen("the cluster has not answered others yet")
        try:
            return self._admitted(work)
        finally:
            self._slots.release()

    def _admitted(self, work: Callable[[], T]) -> T:
        if self._in_vain < _IN_A_ROW:
            return self._noted(work)
        if self._seconds() < self._again or not self._trying.acquire(blocking=False):
            raise Unseen("the cluster did not answer others")
        try:
            return self._noted(work)
        finally:
            self._trying.release()

    def _noted(self, work: Callable[[], T]) -> T:
        began, hung = self._seconds(), False
        try:
            return work()
        except Unseen:
            hung = self._seconds() - began >= _LONG_SECONDS
            raise
        finally:
            self._in_vain = self._in_vain + 1 if hung else 0
            self._again = self._seconds() + _PAUSE_SECONDS
