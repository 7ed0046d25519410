"""The controller's threads: watches and workers. What is done with a name is the engine's."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from reviewbot.engine.engine import Engine
from reviewbot.errors import GiveUp, Wait
from reviewbot.render.names import SYSTEM_NAMESPACE

log = logging.getLogger(__name__)

WORKERS = 8
TELLERS = 2
STUCK_SECONDS = 300.0
_RETRY_SECONDS = 1.0


class Watchable(Protocol):
    """What the watches need of a cluster."""

    def items_at(self, kind: str, namespace: str | None = None) -> tuple[list[dict[str, Any]], str]: ...
    def watch(self, kind: str, namespace: str, since: str = "") -> Iterator[tuple[str, dict[str, Any]]]: ...


class Controller:
    """Runs an engine in threads, for as long as the lease is held."""

    def __init__(self, engine: Engine, home: Watchable) -> None:
        self._engine = engine
        self._home = home
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every thread; they end with the process."""
        for kind in ("ReviewApp", "Repository"):
            self._start(f"watch {kind}", self._watch_records, kind)
        for number in range(WORKERS):
            self._start(f"reconcile {number}", self._engine.reconciling.run)
        for number in range(TELLERS):
            self._start(f"tell {number}", self._engine.telling.run)
        self._engine.begin()

    def stop(self) -> None:
        """Let what is in hand be finished; take up nothing new."""
        self._engine.reconciling.stop()
        self._engine.telling.stop()
        for thread in self._threads:
            if not thread.name.startswith("watch"):
                thread.join(timeout=20)

    def unwell(self) -> str | None:
        """What is wrong with the threads, or None."""
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        if dead:
            return f"thread {dead[0]} is dead"
        for work in (self._engine.reconciling, self._engine.telling):
            if work.longest_seconds() > STUCK_SECONDS:
                return f"{work.title} is stuck"
        return None

    def _start(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _watch_records(self, kind: str) -> None:
        first = True
        while True:
            try:
                items, since = self._home.items_at(kind, SYSTEM_NAMESPACE)
                for item in items:
                    (self._engine.resume if first else self._engine.notice)(kind, item)
                first = False
                while True:
                    since = self._follow_records(kind, since)
            except (Wait, GiveUp) as failure:
                log.warning("watching %s: %s", kind, failure.sentence)
                time.sleep(_RETRY_SECONDS)

    def _follow_records(self, kind: str, since: str) -> str:
        for change, item in self._home.watch(kind, SYSTEM_NAMESPACE, since):
            since = item["metadata"]["resourceVersion"]
            if change in {"ADDED", "MODIFIED"}:
                self._engine.notice(kind, item)
        return since
