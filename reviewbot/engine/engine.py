"""The two kinds of work and what moves a name from one to the other. No threads of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from reviewbot.engine.mailbox import read_record, read_repository
from reviewbot.engine.work import Work
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.repository import Lister
from reviewbot.reconcile.tell import Teller

# The one piece of work that is no record's.
SWEEP = "sweep"


class Flights(Protocol):
    """Whoever watches the previews that are on their way somewhere."""

    def follow(self, name: str, namespace: str, look: Callable[[str], None]) -> None: ...
    def leave(self, name: str) -> None: ...


class Sweeper(Protocol):
    """Whoever puts right what was left behind."""

    def sweep(self) -> datetime: ...


class Engine:
    """Names in, passes out; whoever has threads (or a test) steps the work."""

    def __init__(
        self,
        reconciler: Reconciler,
        lister: Lister,
        teller: Teller,
        sweeper: Sweeper,
        flights: Flights,
        clock: Callable[[], datetime],
    ) -> None:
        self._reconciler = reconciler
        self._lister = lister
        self._teller = teller
        self._sweeper = sweeper
        self._flights = flights
        self.reconciling = Work("reconcile", self._reconcile, clock)
        self.telling = Work("tell", teller.tell, clock)

    def begin(self) -> None:
        """Have what was left behind looked for, now and then."""
        self.reconciling.add(SWEEP)

    def notice(self, kind: str, item: dict[str, Any]) -> None:
        """A record was seen: if somebody waits for a look at it, have it looked at."""
        due = read_repository(item).due if kind == "Repository" else read_record(item).due
        if due:
            self.reconciling.add(item["metadata"]["name"])

    def resume(self, kind: str, item: dict[str, Any]) -> None:
        """A record was found at the start: go on where whoever held the lease before stopped."""
        name = item["metadata"]["name"]
        if kind == "Repository":
            self.reconciling.add(name)
            return
        record = read_record(item)
        if record.due or record.report != record.told or record.deployments_again:
            self.reconciling.add(name)
        elif record.again is not None:
            self.reconciling.add(name, record.again)

    def _reconcile(self, name: str) -> datetime | None:
        if name == SWEEP:
            return self._sweeper.sweep()
        if name.startswith("repo-"):
            return self._lister.list(name)
        outcome = self._reconciler.reconcile(name)
        if outcome.in_flight:
            self._flights.follow(name, outcome.namespace, self.reconciling.add)
        else:
            self._flights.leave(name)
        if outcome.report is None:
            self._teller.drop(name)
        else:
            self._teller.put(name, outcome.report)
            self.telling.add(name)
        return outcome.again
