"""Our check run on the head; one that is left unfinished on an older commit gets its last word first.

GitHub lets none go on that is completed: where there is more to wait for, another one takes its place, which is the one
that is shown.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from reviewbot.model import PullRequestRef, Record, Sha, Written
from reviewbot.reconcile.ports import Board, Records
from reviewbot.report import CheckRunText, Report, digest, superseded


class CheckRuns:
    """Writes check runs, and remembers the newest."""

    def __init__(self, board: Board, records: Records) -> None:
        self._board = board
        self._records = records

    def next_write(self, record: Record, report: Report) -> Callable[[], None] | None:
        """What is to be written next, if anything is."""
        run = record.check_run
        if run is not None and run.sha != report.sha and not run.completed:
            return partial(self._supersede, record.ref, run, report)
        if run is None or (run.sha, run.digest) != (report.sha, digest(report.check_run)):
            return partial(self._write, record, report)
        return None

    def doubted(self, record: Record) -> Record:
        """The record without what it says of the text that is shown."""
        run = record.check_run
        return replace(record, check_run=replace(run, digest="")) if run else record

    def _supersede(self, ref: PullRequestRef, shown: Written, report: Report) -> None:
        # A run that is gone has nothing left to say either.
        text = superseded(report.sha, report.check_run.details_url)
        self._board.update_check_run(ref, shown.id, text)
        self._remember(ref, shown.id, shown.sha, text)

    def _write(self, record: Record, report: Report) -> None:
        ref, shown = record.ref, record.check_run
        known = self._changed(ref, shown if shown and shown.sha == report.sha else None, report)
        if known is None:
            if shown and shown.sha == report.sha:
                # If the answer is lost, the new one is looked for, whatever is to be told by then.
                self._records.write_status(ref.name, {"checkRun": None})
            known = self._board.create_check_run(ref, report.sha, report.check_run)
        self._remember(ref, known, report.sha, report.check_run)

    def _changed(self, ref: PullRequestRef, on_record: Written | None, report: Report) -> int | None:
        """The head's check run that says so now; None if none of ours is there that can."""
        goes_on = report.check_run.status != "completed"
        known, over = (on_record.id, on_record.completed and goes_on) if on_record else (None, False)
        if known is not None and not over and self._board.update_check_run(ref, known, report.check_run):
            return known
        # Where the one on record is gone or not ours, another may have been made whose making was cut.
        found = self._board.find_check_run(ref, report.sha, unfinished=goes_on)
        if found is None or found == known:
            return None
        return found if self._board.update_check_run(ref, found, report.check_run) else None

    def _remember(self, ref: PullRequestRef, check_run: int, sha: Sha | None, text: CheckRunText) -> None:
        completed = text.status == "completed"
        written = {"id": check_run, "sha": sha, "digest": digest(text), "completed": completed}
        self._records.write_status(ref.name, {"checkRun": written})
