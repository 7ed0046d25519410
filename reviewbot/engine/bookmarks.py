"""Where reading GitHub's list of our webhook deliveries stopped: an entry for each App in one ConfigMap.

Another App has a list of its own, so what is known of the one says nothing about the other.
"""

import json
from datetime import datetime
from typing import Any, Protocol

from reviewbot.model import AppId, Bookmark
from reviewbot.render.names import SYSTEM_NAMESPACE

_KIND, _NAME = "ConfigMap", "reviewbot-deliveries"
_Object = dict[str, Any]


class Store(Protocol):
    """What is needed of the cluster."""

    def get(self, kind: str, name: str, namespace: str | None = None) -> _Object | None: ...
    def create(self, item: _Object) -> bool: ...
    def patch(self, kind: str, name: str, namespace: str, change: _Object) -> _Object | None: ...


class Bookmarks:
    """One App's bookmark."""

    def __init__(self, store: Store, app: AppId) -> None:
        self._store = store
        self._key = str(app)

    def read(self) -> Bookmark | None:
        """The bookmark; None if there is none that can be read."""
        data = (self._store.get(_KIND, _NAME, SYSTEM_NAMESPACE) or {}).get("data") or {}
        try:
            stored = json.loads(data[self._key])
            return Bookmark(datetime.fromisoformat(stored["at"]), frozenset(stored["asked"]))
        except (KeyError, TypeError, ValueError):
            return None

    def write(self, bookmark: Bookmark) -> None:
        """Put the bookmark there."""
        stored = json.dumps({"at": bookmark.at.isoformat(), "asked": sorted(bookmark.asked)})
        change = {"data": {self._key: stored}}
        if self._store.patch(_KIND, _NAME, SYSTEM_NAMESPACE, change) is None:
            metadata = {"name": _NAME, "namespace": SYSTEM_NAMESPACE}
            # Should somebody create it in between, what is lost is found again by the next reading.
            self._store.create({"apiVersion": "v1", "kind": _KIND, "metadata": metadata, **change})
