"""The controller's threads: watches and workers. What is done with a name is the engine's."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from reviewbot import metrics
from reviewbot.engine.census import Census
from reviewbot.engine.engine import Engine
from reviewbot.engine.watch import Watch, Watchable
from reviewbot.model import Phase
from reviewbot.render.names import RELEASE, SYSTEM_NAMESPACE

Object = dict[str, Any]

WORKERS = 8
TELLERS = 2
STUCK_SECONDS = 300.0
_STOP_SECONDS = 10.0


class Controller:
    """Runs an engine in threads, for as long as the lease is held."""

    def __init__(self, engine: Engine, home: Watchable, target: Watchable) -> None:
        self._engine = engine
        self._home = home
        self._target = target
        self._census = Census()
        self._threads: list[threading.Thread] = []
        self._resumed = threading.Event()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start every thread; they end with the process."""
        self._measure()
        self._engine.begin()
        for kind in ("ReviewApp", "Repository"):
            self._start(f"watch {kind}", self._watch_records, kind)
        self._start("watch EndpointSlice", self._watch_endpoints)
        for number in range(WORKERS):
            self._start(f"reconcile {number}", self._engine.reconciling.run)
        for number in range(TELLERS):
            self._start(f"tell {number}", self._engine.telling.run)
        self._engine.begin()

    def stop(self) -> bool:
        """Let what is in hand be finished, take up nothing new; False if something takes too long."""
        self._stopping.set()
        self._engine.reconciling.stop()
        self._engine.telling.stop()
        deadline = time.monotonic() + _STOP_SECONDS
        workers = [thread for thread in self._threads if not thread.name.startswith("watch")]
        for thread in workers:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in workers)

    def unwell(self) -> str | None:
        """What is wrong with the threads, or None."""
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        if dead and not self._stopping.is_set():
            return f"thread {dead[0]} is dead"
        for work in (self._engine.reconciling, self._engine.telling):
            if work.longest_seconds() > STUCK_SECONDS:
                return f"{work.title} is stuck"
        return None

    def _measure(self) -> None:
        for phase in Phase:
            metrics.PULL_REQUESTS.labels(phase).set_function(partial(self._census.count, phase))
        for work in (self._engine.reconciling, self._engine.telling):
            metrics.QUEUE_DUE.labels(work.title).set_function(work.due)
            metrics.QUEUE_OLDEST.labels(work.title).set_function(work.oldest_seconds)
        metrics.LISTING_AGE.set_function(lambda: self._census.listing_age(datetime.now(UTC)))

    def _start(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _watch_records(self, kind: str) -> None:
        first = True

        def listed(items: Iterable[Object]) -> None:
            nonlocal first
            items = list(items)
            self._census.begin(kind, items)
            (self._engine.resume if first else self._engine.relist)(kind, items)
            first = False
            if kind == "ReviewApp":
                self._resumed.set()

        def changed(change: str, item: Object) -> None:
            self._census.note(change, kind, item)
            self._engine.notice(kind, change, item)

        Watch(self._home, kind, SYSTEM_NAMESPACE).run(listed, changed, self._stopping)

    def _watch_endpoints(self) -> None:
        # What is ready is held against the records, so they come first.
        self._resumed.wait()
        watch = Watch(self._target, "EndpointSlice", labels={RELEASE: None})
        watch.run(self._engine.relist_endpoints, self._engine.notice_endpoints, self._stopping)
