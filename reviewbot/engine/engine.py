"""The kinds of work and what moves a name from one to the other. No threads of its own."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from reviewbot.engine.readiness import Readiness
from reviewbot.engine.records import read_record, read_repository
from reviewbot.engine.work import Work
from reviewbot.model import Record
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.repository import Lister
from reviewbot.reconcile.tell import Teller
from reviewbot.report import digest

Object = dict[str, Any]


# What is to be done now and then beside looking at records, by names that no record has; each says when to do it next.
Errands = Mapping[str, Callable[[], datetime]]


class Engine:
    """Names in, passes out; whoever has threads (or a test) steps the work."""

    def __init__(
        self,
        reconciler: Reconciler,
        lister: Lister,
        teller: Teller,
        errands: Errands,
        clock: Callable[[], datetime],
    ) -> None:
        self._reconciler = reconciler
        self._lister = lister
        self._teller = teller
        self._errands = errands
        self._readiness = Readiness()
        self._clock = clock
        # The poke for which each due record was taken up.
        self._taken_up: dict[str, str | None] = {}
        self.reconciling = Work("reconcile", self._reconcile, clock)
        self.telling = Work("tell", teller.tell, clock)

    def begin(self) -> None:
        """Take up what comes by itself, records aside."""
        for name in self._errands:
            self.reconciling.add(name)

    # --- records ----------------------------------------------------------------------------------

    def resume(self, kind: str, items: Iterable[Object]) -> None:
        """All records as found at the start: go on where whoever held the lease before stopped."""
        if kind == "Repository":
            for item in items:
                self.reconciling.add(item["metadata"]["name"])
            return
        records = {record.ref.name: record for record in map(read_record, items)}
        for record in records.values():
            self._resume(record)
            whole = records.get(record.ref.whole.name)
            if whole and record.ref.app and whole.apps.get(record.ref.app) != digest(record.section):
                # What it says has not been taken up.
                self.reconciling.add(whole.ref.name)

    def relist(self, kind: str, items: Iterable[Object]) -> None:
        """All records as found after the watch broke."""
        items = list(items)
        # Some may have gone unseen; one look too many does no harm.
        self._taken_up.clear()
        if kind == "ReviewApp":
            self._readiness.keep_only(read_record(item).ref for item in items)
        for item in items:
            self.notice(kind, "ADDED", item)

    def notice(self, kind: str, change: str, item: Object) -> None:
        """A record changed: if somebody has asked for a look at it, have it looked at.

        What a look itself writes on the way is no reason for another.
        """
        name, found = item["metadata"]["name"], read_repository(item) if kind == "Repository" else read_record(item)
        if change == "DELETED" or not found.due:
            self._taken_up.pop(name, None)
        if change == "DELETED":
            if isinstance(found, Record):
                self._readiness.forget(found.ref)
            return
        if isinstance(found, Record):
            self._readiness.know(found.ref)
        if found.due and self._taken_up.get(name) != found.poke:
            self._taken_up[name] = found.poke
            self.reconciling.add(name)

    # --- endpoints --------------------------------------------------------------------------------

    def relist_endpoints(self, slices: Iterable[Object]) -> None:
        """All EndpointSlices of previews: have looked at what is not as it was known."""
        for name in self._readiness.relist(slices):
            self.reconciling.add(name)

    def notice_endpoints(self, change: str, item: Object) -> None:
        """An EndpointSlice changed: if a release began or ceased to be ready, have it looked at."""
        name = self._readiness.hear(change, item)
        if name is not None:
            self.reconciling.add(name)

    def _resume(self, record: Record) -> None:
        self._readiness.know(record.ref)
        self._readiness.expect(record)
        if record.due:
            self._taken_up[record.ref.name] = record.poke
        if record.due or record.report != record.told or record.deployments_again or record.comment_again:
            self.reconciling.add(record.ref.name)
        elif record.again is not None:
            self.reconciling.add(record.ref.name, record.again)

    def _reconcile(self, name: str) -> datetime | None:
        if name in self._errands:
            return self._errands[name]()
        if name.startswith("repo-"):
            return self._lister.list(name)
        outcome = self._reconciler.reconcile(name)
        if outcome.report is None:
            self._teller.drop(name)
        else:
            self._teller.put(name, outcome.report)
            self.telling.add(name, self._clock() + outcome.patience)
        if outcome.wakes:
            self.reconciling.add(outcome.wakes)
        return outcome.again
