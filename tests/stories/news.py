"""What wakes a bot that waits for the cluster, as its watch wakes the real one: news of previews' endpoints."""

import functools
import threading
from collections.abc import Iterable, Set
from typing import Any

from reviewbot.engine.watch import Watch
from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import RELEASE


class News:
    """In which namespaces something changed since somebody last looked."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._namespaces: set[str] = set()

    def wait(self, namespaces: Set[str], seconds: float) -> bool:
        """Wait until there are news of one of the namespaces, for so many seconds at most; whether there are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._namespaces.isdisjoint(namespaces), seconds)

    def take(self, namespaces: Set[str]) -> bool:
        """Whether there are news of one of the namespaces; whoever asks looks, so they are no news any more."""
        with self._changed:
            heard = not self._namespaces.isdisjoint(namespaces)
            self._namespaces.clear()
            return heard

    def listed(self, items: Iterable[dict[str, Any]]) -> None:
        """Whatever happened before, there is this now."""
        self._hear(item["metadata"]["namespace"] for item in items)

    def changed(self, _change: str, item: dict[str, Any]) -> None:
        """Something came, changed or went."""
        self._hear([item["metadata"]["namespace"]])

    def _hear(self, namespaces: Iterable[str]) -> None:
        with self._changed:
            self._namespaces.update(namespaces)
            self._changed.notify_all()


@functools.cache
def news(kubeconfig: str) -> News:
    """That of all previews, watched from now on until the process ends."""
    heard = News()
    watch = Watch(gateway.connect(kubeconfig), "EndpointSlice", labels={RELEASE: None})
    follow = functools.partial(watch.run, heard.listed, heard.changed, threading.Event())
    threading.Thread(target=follow, name="news", daemon=True).start()
    return heard
