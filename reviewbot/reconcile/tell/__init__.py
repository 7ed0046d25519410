"""What GitHub shows is moved towards the latest report, one write at a time: check run first, then comment.

Only the latest report of a pull request is kept, so a short write budget skips what is already out of date.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.model import InstallationId, PullRequestRef, Record, Sha, Written
from reviewbot.reconcile.ports import Board, Records
from reviewbot.report import CheckRunText, Report, digest, marker, superseded

# GitHub asks for a second between the writes of one installation.
PACE = timedelta(seconds=1)


def is_told(record: Record, report: Report) -> bool:
    """GitHub shows the report, as far as our record of what we wrote there tells."""
    run, comment = record.check_run, record.comment
    if run is None or (run.sha, run.digest) != (report.sha, digest(report.check_run)):
        return False
    return comment.digest == digest(report.comment) if comment else not report.announce


class Teller:
    """Holds what should be shown, and writes it. Safe to share between threads."""

    def __init__(self, board: Board, records: Records, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._records = records
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: dict[str, Report] = {}
        self._free_at: dict[InstallationId, datetime] = {}

    def put(self, name: str, report: Report) -> None:
        """Have this told; what was to be told before is out of date."""
        with self._lock:
            self._latest[name] = report

    def tell(self, name: str) -> datetime | None:
        """Do at most one write for the pull request; when to come back, or None if all is told."""
        with self._lock:
            report = self._latest.get(name)
        record = self._records.record(name)
        if report is None or record is None:
            return None
        if is_told(record, report):
            self._finish(name, record, report)
            return None
        free_at = self._take_turn(record.ref.installation)
        if free_at is not None:
            return free_at
        self._write_next(record, report)
        return self._clock() + PACE

    def _finish(self, name: str, record: Record, report: Report) -> None:
        if record.told != digest(report):
            self._records.write_status(name, {"told": digest(report)})
        with self._lock:
            if self._latest.get(name) is report:
                del self._latest[name]

    def _take_turn(self, installation: InstallationId) -> datetime | None:
        with self._lock:
            now, free_at = self._clock(), self._free_at.get(installation)
            if free_at is not None and now < free_at:
                return free_at
            self._free_at[installation] = now + PACE
            return None

    def _write_next(self, record: Record, report: Report) -> None:
        run = record.check_run
        if run is not None and run.sha != report.sha and not run.completed:
            self._supersede(record.ref, run, report)
        elif run is None or (run.sha, run.digest) != (report.sha, digest(report.check_run)):
            self._write_check_run(record, report)
        else:
            self._write_comment(record.ref, record.comment, report)

    def _supersede(self, ref: PullRequestRef, shown: Written, report: Report) -> None:
        # A run that is gone has nothing left to say either.
        text = superseded(report.sha, report.check_run.details_url)
        self._board.update_check_run(ref, shown.id, text)
        self._remember_check_run(ref, shown.id, shown.sha, text)

    def _write_check_run(self, record: Record, report: Report) -> None:
        ref, shown = record.ref, record.check_run
        known = shown.id if shown and shown.sha == report.sha else self._board.find_check_run(ref, report.sha)
        if known is None or not self._board.update_check_run(ref, known, report.check_run):
            known = self._board.create_check_run(ref, report.sha, report.check_run)
        self._remember_check_run(ref, known, report.sha, report.check_run)

    def _write_comment(self, ref: PullRequestRef, shown: Written | None, report: Report) -> None:
        known = shown.id if shown else self._find_comment(ref)
        if known is None or not self._board.update_comment(ref, known, report.comment):
            known = self._board.create_comment(ref, report.comment) if report.announce else None
        told = None if known is None else {"id": known, "digest": digest(report.comment)}
        self._remember(ref, "comment", told)

    def _find_comment(self, ref: PullRequestRef) -> int | None:
        found = self._board.find_comments(ref, marker(ref))
        for other in found[1:]:
            self._board.delete_comment(ref, other)
        return found[0] if found else None

    def _remember_check_run(self, ref: PullRequestRef, check_run: int, sha: Sha | None, text: CheckRunText) -> None:
        completed = text.status == "completed"
        written: dict[str, object] = {"id": check_run, "sha": sha, "digest": digest(text), "completed": completed}
        self._remember(ref, "checkRun", written)

    def _remember(self, ref: PullRequestRef, what: str, written: dict[str, object] | None) -> None:
        self._records.write_status(ref.name, {what: written})
