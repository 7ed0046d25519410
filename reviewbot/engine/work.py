"""Workers around a queue: one key at a time each, with our three kinds of failure and their patience.

`step` does one thing and returns; threads only call it in a loop, tests call it themselves.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.engine.queue import Queue
from reviewbot.errors import GiveUp, NotYet, RateLimited, Wait
from reviewbot.metrics import PASS_SECONDS, PASSES

log = logging.getLogger(__name__)

Handler = Callable[[str], datetime | None]
Clock = Callable[[], datetime]

_FIRST_BACKOFF = timedelta(milliseconds=500)
_WAIT_LIMIT = timedelta(minutes=1)
_LIMIT = timedelta(minutes=5)
_IDLE_SECONDS = 5.0


class Work:
    """A queue of names and what to do with one; the handler says when it wants to see the name again."""

    def __init__(self, title: str, handler: Handler, clock: Clock) -> None:
        self.title = title
        self._handler = handler
        self._clock = clock
        self._queue: Queue[str] = Queue()
        self._failures: dict[str, int] = {}
        self._limited: dict[str, datetime] = {}
        self._started: dict[int, float] = {}
        self._stopped = threading.Event()

    def add(self, name: str, at: datetime | None = None) -> None:
        """Have the name handled at that time, or now; where that would be in vain, as soon as it is not."""
        at = at or self._clock()
        self._queue.add(name, max(at, self._limited.get(name, at)).timestamp())

    def next_at(self) -> float | None:
        """When the next name is due, in seconds of the epoch; None if nothing waits."""
        return self._queue.next_at()

    def step(self) -> str | None:
        """Handle the name that is due longest; None if nothing is."""
        name = self._queue.take(self._clock().timestamp())
        if name is None:
            return None
        self._started[threading.get_ident()] = self._clock().timestamp()
        try:
            again = self._measured(name)
        finally:
            self._started.pop(threading.get_ident(), None)
            self._queue.done(name)
        if again is not None:
            self.add(name, again)
        return name

    def run(self) -> None:
        """Handle names until stopped."""
        while not self._stopped.is_set():
            if self.step() is None:
                self.wait(_IDLE_SECONDS)

    def wait(self, limit_seconds: float) -> None:
        """Return when something may have become due, after the limit at the latest."""
        self._queue.wait(self._clock().timestamp(), limit_seconds)

    def stop(self) -> None:
        """Have every `run` return after what it is doing."""
        self._stopped.set()
        self._queue.close()

    def longest_seconds(self) -> float:
        """For how long the slowest name in hand has been handled."""
        now = self._clock().timestamp()
        return max((now - started for started in list(self._started.values())), default=0.0)

    def due(self) -> int:
        """How many names are due and wait."""
        return self._queue.due(self._clock().timestamp())

    def oldest_seconds(self) -> float:
        """For how long the name that is due longest has waited."""
        at, now = self._queue.next_at(), self._clock().timestamp()
        return 0.0 if at is None else max(0.0, now - at)

    def __len__(self) -> int:
        return len(self._queue)

    def _measured(self, name: str) -> datetime | None:
        began = time.monotonic()
        outcome, again = self._handle(name)
        PASSES.labels(self.title, outcome).inc()
        PASS_SECONDS.labels(self.title).observe(time.monotonic() - began)
        return again

    def _handle(self, name: str) -> tuple[str, datetime | None]:
        about, began = {"work": self.title, "record": name}, self._clock()
        self._limited.pop(name, None)
        try:
            again = self._handler(name)
        except RateLimited as limit:
            log.info("%s %s waits: %s", self.title, name, limit.sentence, extra=about)
            self._limited[name] = limit.until
            return "wait", limit.until
        except NotYet as turn:
            return "wait", turn.until
        except Wait as wait:
            log.info("%s %s waits: %s", self.title, name, wait.sentence, extra=about)
            return "wait", wait.until or self._clock() + self._backoff(name, _WAIT_LIMIT)
        except GiveUp as refusal:
            log.warning("%s %s gave up: %s", self.title, name, refusal.sentence, extra=about)
            return "gave_up", self._clock() + _LIMIT
        except Exception:
            log.exception("%s %s failed; this is a bug", self.title, name, extra=about)
            return "bug", self._clock() + self._backoff(name, _LIMIT)
        if again is not None and again < began:
            # What was to come at that time has not, and another look at once would find as little.
            return "ok", self._clock() + self._backoff(name, _WAIT_LIMIT)
        self._failures.pop(name, None)
        return "ok", again

    def _backoff(self, name: str, limit: timedelta) -> timedelta:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        return min(limit, _FIRST_BACKOFF * (1 << min(failures - 1, 10)))
