"""What wakes a bot that waits for the cluster, as its watch wakes the real one: changes of previews' endpoints."""

import functools
import threading
import weakref
from collections.abc import Iterable, Set
from typing import Any

from reviewbot.engine.watch import Watch
from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import RELEASE

Change = tuple[str, dict[str, Any]]


class Ear:
    """Hears what changes in some namespaces, until somebody takes it."""

    def __init__(self, namespaces: Set[str]) -> None:
        self.namespaces = namespaces
        self._heard: list[Change] = []
        self._changed = threading.Condition()

    def hear(self, change: Change) -> None:
        """Something came, changed or went."""
        with self._changed:
            self._heard.append(change)
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until something was heard, for so many seconds at most; whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._heard), seconds)

    def take(self) -> list[Change]:
        """All that was heard, in order; it is no news any more."""
        with self._changed:
            heard, self._heard = self._heard, []
            return heard


class News:
    """All previews, watched once for every bot of the process."""

    def __init__(self) -> None:
        # A bot that is gone hears nothing more.
        self._ears: weakref.WeakSet[Ear] = weakref.WeakSet()

    def ear(self, namespaces: Set[str]) -> Ear:
        """Hears from now on."""
        ear = Ear(namespaces)
        self._ears.add(ear)
        return ear

    def listed(self, items: Iterable[dict[str, Any]]) -> None:
        """Whatever happened before, there is this now."""
        for item in items:
            self.changed("ADDED", item)

    def changed(self, change: str, item: dict[str, Any]) -> None:
        """Something came, changed or went."""
        for ear in tuple(self._ears):
            if item["metadata"]["namespace"] in ear.namespaces:
                ear.hear((change, item))


@functools.cache
def news(kubeconfig: str) -> News:
    """That of all previews, watched from now on until the process ends."""
    heard = News()
    watch = Watch(gateway.connect(kubeconfig), "EndpointSlice", labels={RELEASE: None})
    follow = functools.partial(watch.run, heard.listed, heard.changed, threading.Event())
    threading.Thread(target=follow, name="news", daemon=True).start()
    return heard
