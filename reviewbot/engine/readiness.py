"""Which releases can answer, as all EndpointSlices together tell it, and whose record that is a reason to look at.

Pure: objects in, names of records out. Kept are one entry for each preview and one for each of its ready slices.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.model import PullRequestRef, Record
from reviewbot.preview import can_answer
from reviewbot.render.names import RELEASE, namespace

Object = Mapping[str, Any]


class Readiness:
    """What was ready last in each preview; only a release that begins or ceases to be ready is a reason to look."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._slices: dict[str, dict[str, str]] = {}
        self._ready: dict[str, frozenset[str]] = {}

    def know(self, ref: PullRequestRef) -> None:
        """There is a record; what changes in its preview is told from now on."""
        self._names[namespace(ref)] = ref.name

    def keep_only(self, refs: Iterable[PullRequestRef]) -> None:
        """These are all the records there are."""
        for gone in self._names.keys() - {namespace(ref) for ref in refs}:
            del self._names[gone]

    def forget(self, ref: PullRequestRef) -> None:
        """The record is gone."""
        self._names.pop(namespace(ref), None)

    def expect(self, record: Record) -> None:
        """At the start: what was ready when somebody looked last, so that what changed since is seen."""
        if record.serving is not None and record.unready_since is None:
            self._ready[namespace(record.ref)] = frozenset({record.serving.id})

    def relist(self, slices: Iterable[Object]) -> list[str]:
        """These are all the slices there are; names of the records whose previews are not as they were."""
        self._slices = {}
        for each in slices:
            self._note(each, can_answer(each))
        names = (self._changed(where) for where in {*self._ready, *self._slices})
        return [name for name in names if name]

    def hear(self, change: str, item: Object) -> str | None:
        """A slice came, changed or went; the name of the record to look at, if that makes a difference."""
        self._note(item, change != "DELETED" and can_answer(item))
        return self._changed(item["metadata"]["namespace"])

    def _note(self, item: Object, ready: bool) -> None:
        metadata = item["metadata"]
        held = self._slices.setdefault(metadata["namespace"], {})
        if ready:
            held[metadata["name"]] = metadata["labels"][RELEASE]
        else:
            held.pop(metadata["name"], None)
        if not held:
            del self._slices[metadata["namespace"]]

    def _changed(self, where: str) -> str | None:
        before, now = self._ready.pop(where, frozenset()), frozenset(self._slices.get(where, {}).values())
        if now:
            self._ready[where] = now
        return None if now == before else self._names.get(where)
