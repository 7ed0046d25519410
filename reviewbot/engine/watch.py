"""Everything of one kind, listed once and watched ever after; whatever breaks the watch leads to another list."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reviewbot.errors import GiveUp, Wait

log = logging.getLogger(__name__)

Object = dict[str, Any]
Labels = Mapping[str, str | None]

_RETRY_SECONDS = 1.0


class Watchable(Protocol):
    """What a watch needs of a cluster."""

    def items_at(self, kind: str, namespace: str | None, labels: Labels | None) -> tuple[list[Object], str]: ...
    def watch(
        self, kind: str, namespace: str | None, labels: Labels | None, since: str
    ) -> Iterator[tuple[str, Object]]: ...


@dataclass(frozen=True)
class Watch:
    """What to watch: a kind, in one namespace or in all, with labels of any value where that is None."""

    cluster: Watchable
    kind: str
    namespace: str | None = None
    labels: Labels | None = None

    def run(
        self,
        listed: Callable[[Iterable[Object]], None],
        changed: Callable[[str, Object], None],
        stopping: threading.Event,
    ) -> None:
        """Tell what there is, then every change. After a break, all that there is then."""
        while not stopping.is_set():
            try:
                items, since = self.cluster.items_at(self.kind, self.namespace, self.labels)
                listed(items)
                while not stopping.is_set():
                    since = self._follow(since, changed)
            except (Wait, GiveUp) as failure:
                log.warning("watching %s: %s", self.kind, failure.sentence)
                stopping.wait(_RETRY_SECONDS)

    def _follow(self, since: str, changed: Callable[[str, Object], None]) -> str:
        for change, item in self.cluster.watch(self.kind, self.namespace, self.labels, since):
            since = item["metadata"]["resourceVersion"]
            if change != "BOOKMARK":
                changed(change, item)
        return since
