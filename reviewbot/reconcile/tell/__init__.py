"""What GitHub shows is moved towards the latest report, one write at a time: check run, comment, deployment.

Only the latest report of a pull request is kept, so a short write budget skips what is already out of date.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.model import InstallationId, Record
from reviewbot.reconcile.ports import Board, Records
from reviewbot.reconcile.tell.check_runs import CheckRuns
from reviewbot.reconcile.tell.comments import Comments
from reviewbot.reconcile.tell.deployments import Deployments
from reviewbot.report import Report, digest, without_deployments

# GitHub asks for a second between the writes of one installation.
PACE = timedelta(seconds=1)


class Teller:
    """Holds what should be shown, and writes it. Safe to share between threads."""

    def __init__(self, board: Board, records: Records, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._clock = clock
        self._check_runs = CheckRuns(board, records)
        self._comments = Comments(board, records)
        self._deployments = Deployments(board, records, clock)
        self._lock = threading.Lock()
        self._latest: dict[str, Report] = {}
        self._free_at: dict[InstallationId, datetime] = {}

    def put(self, name: str, report: Report) -> None:
        """Have this told; what was to be told before is out of date."""
        with self._lock:
            self._latest[name] = report

    def drop(self, name: str) -> None:
        """Nothing can be told of this any more, or nothing is there to be told."""
        with self._lock:
            self._latest.pop(name, None)

    def tell(self, name: str) -> datetime | None:
        """Do at most one write for the pull request; when to come back, or None if all is told."""
        with self._lock:
            report = self._latest.get(name)
        record = self._records.record(name)
        if report is None or record is None:
            return None
        write = self._next_write(record, report)
        if write is None:
            return self._finish(name, record, report)
        free_at = self._take_turn(record.ref.installation)
        if free_at is not None:
            return free_at
        write()
        return self._clock() + PACE

    def _next_write(self, record: Record, report: Report) -> Callable[[], None] | None:
        shown = without_deployments(report) if record.deployments_again else report
        for part in (self._check_runs, self._comments, self._deployments):
            write = part.next_write(record, shown)
            if write is not None:
                return write
        return None

    def _finish(self, name: str, record: Record, report: Report) -> datetime | None:
        if record.told != digest(report):
            self._records.write_status(name, {"told": digest(report)})
        again = self._deployments.again(record, report)
        with self._lock:
            if again is None and self._latest.get(name) is report:
                del self._latest[name]
        return again

    def _take_turn(self, installation: InstallationId) -> datetime | None:
        with self._lock:
            now, free_at = self._clock(), self._free_at.get(installation)
            if free_at is not None and now < free_at:
                return free_at
            self._free_at[installation] = now + PACE
            return None
