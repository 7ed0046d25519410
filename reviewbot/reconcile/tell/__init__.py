"""What GitHub shows is moved towards the latest report, one write at a time: check run, comment, deployment.

Only the latest report of a pull request is kept, so a short write budget skips what is already out of date.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from reviewbot.errors import NotYet
from reviewbot.model import Record
from reviewbot.reconcile.ports import Board, Records
from reviewbot.reconcile.tell.check_runs import CheckRuns
from reviewbot.reconcile.tell.comments import Comments
from reviewbot.reconcile.tell.deployments import Deployments
from reviewbot.reconcile.tell.pace import PACE, Pace
from reviewbot.report import Report, digest, without_comment, without_deployments

# GitHub allows an installation 500 writes in an hour. The last of them are for what matters most, whoever it is about;
# what is left over is for a turn that takes more than one request.
_CHECK_RUNS, _COMMENTS, _DEPLOYMENTS = 480, 400, 300


class _Part(Protocol):
    def next_write(self, record: Record, report: Report) -> Callable[[], None] | None: ...
    def doubted(self, record: Record) -> Record: ...


class Teller:
    """Holds what should be shown, and writes it. Safe to share between threads."""

    def __init__(self, board: Board, records: Records, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._clock = clock
        self._comments = Comments(board, records, clock)
        self._deployments = Deployments(board, records, clock)
        # What matters most first, each with its share of the hour.
        self._parts: tuple[tuple[_Part, int], ...] = (
            (CheckRuns(board, records), _CHECK_RUNS),
            (self._comments, _COMMENTS),
            (self._deployments, _DEPLOYMENTS),
        )
        # What this process wrote to the end, by name and part, of those that are told in part.
        self._sure: set[tuple[str, int]] = set()
        self._pace = Pace(clock)
        self._lock = threading.Lock()
        self._latest: dict[str, Report] = {}

    def put(self, name: str, report: Report) -> None:
        """Have this told; what was to be told before is out of date."""
        with self._lock:
            self._latest[name] = report

    def drop(self, name: str) -> None:
        """Nothing can be told of this any more, or nothing is there to be told."""
        with self._lock:
            self._latest.pop(name, None)
        self._comments.forget(name)
        self._forget(name)

    def tell(self, name: str) -> datetime | None:
        """Do at most one write for the pull request; when to come back, or None if all is told.

        NotYet where others are to be written first.
        """
        with self._lock:
            report = self._latest.get(name)
        record = self._records.record(name)
        if report is None or record is None:
            return None
        shown = without_deployments(report) if record.deployments_again else report
        shown = without_comment(shown) if record.comment_again else shown
        for number, (part, hourly) in enumerate(self._parts):
            sure = record.told or (name, number) in self._sure
            write = part.next_write(record if sure else part.doubted(record), shown)
            if write is not None:
                return self._write(record, number, write, hourly)
        return self._finish(name, record, report)

    def _write(self, record: Record, number: int, write: Callable[[], None], hourly: int) -> datetime:
        name = record.ref.name
        again = self._pace.take(record.ref.installation, hourly)
        if again is not None:
            raise NotYet("It is not its turn to be written.", again)
        try:
            if record.told:
                self._begin(name)
            # A write that is cut off may have been made, and then the record is wrong about what is shown.
            self._sure.discard((name, number))
            write()
            self._sure.add((name, number))
        finally:
            self._pace.give_back(record.ref.installation)
        return self._clock() + PACE

    def _begin(self, name: str) -> None:
        # Whoever goes on after us must not take for told what was shown before.
        self._records.write_status(name, {"told": ""})
        self._sure.update((name, number) for number in range(len(self._parts)))

    def _finish(self, name: str, record: Record, report: Report) -> datetime | None:
        if record.told != digest(report):
            self._records.write_status(name, {"told": digest(report)})
        self._forget(name)
        times = (self._deployments.again(record, report), self._comments.again(record, report))
        again = min(filter(None, times), default=None)
        with self._lock:
            if again is None and self._latest.get(name) is report:
                del self._latest[name]
        return again

    def _forget(self, name: str) -> None:
        self._sure.difference_update((name, number) for number in range(len(self._parts)))
