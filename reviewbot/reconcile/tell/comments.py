"""Our one comment on the pull request: made when there is something to announce, edited ever after.

Where GitHub does not let us (a locked conversation, a missing permission) the check run alone tells.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from reviewbot.model import PullRequestRef, Record, Written
from reviewbot.reconcile.ports import Board, Records
from reviewbot.reconcile.tell.denied import if_allowed
from reviewbot.report import Report, digest, marker


class Comments:
    """Writes the comment, and remembers it."""

    def __init__(self, board: Board, records: Records, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._records = records
        self._clock = clock
        # For whom it was looked for in vain, while there was nothing to announce.
        self._without: set[str] = set()

    def next_write(self, record: Record, report: Report) -> Callable[[], None] | None:
        """What is to be written next, if anything is and it may be tried now."""
        again = record.comment_again
        if self._is_told(record, report) or (again is not None and self._clock() < again):
            return None
        return partial(self._try, record, report)

    def doubted(self, record: Record) -> Record:
        """The record without what it says of the text that is shown."""
        comment = record.comment
        return replace(record, comment=replace(comment, digest="")) if comment else record

    def again(self, record: Record, report: Report) -> datetime | None:
        """When to try what has been denied once more."""
        return None if self._is_told(record, report) else record.comment_again

    def forget(self, name: str) -> None:
        """Nothing is to be told of this any more."""
        self._without.discard(name)

    def _is_told(self, record: Record, report: Report) -> bool:
        comment = record.comment
        return comment.digest == digest(report.comment) if comment else not self._worth_looking(record, report)

    def _try(self, record: Record, report: Report) -> None:
        again = if_allowed(partial(self._write, record.ref, record.comment, report), self._clock())
        if again is not None:
            self._records.write_status(record.ref.name, {"commentAgain": again.isoformat()})

    def _worth_looking(self, record: Record, report: Report) -> bool:
        # A record that was lost and written again has told nothing, and its comment may tell of what is over.
        lost = record.told is None and (report.ends or not {*report.live} <= {report.sha})
        return report.announce or (lost and record.ref.name not in self._without)

    def _write(self, ref: PullRequestRef, shown: Written | None, report: Report) -> None:
        known = self._changed(ref, shown.id if shown else None, report.comment)
        if known is None and report.announce:
            known = self._board.create_comment(ref, report.comment)
        if known is None:
            self._without.add(ref.name)
        told = None if known is None else {"id": known, "digest": digest(report.comment)}
        # What was just written may be written.
        self._records.write_status(ref.name, {"comment": told, "commentAgain": None})

    def _changed(self, ref: PullRequestRef, on_record: int | None, text: str) -> int | None:
        """The comment that says so now; None if none is there."""
        if on_record is not None and self._board.update_comment(ref, on_record, text):
            return on_record
        # Where the one on record is gone, another may have been made whose making was cut.
        found = self._find(ref, on_record)
        return found if found is not None and self._board.update_comment(ref, found, text) else None

    def _find(self, ref: PullRequestRef, gone: int | None) -> int | None:
        # A list that lags shows what is gone as well.
        found = [each for each in self._board.find_comments(ref, marker(ref)) if each != gone]
        for other in found[1:]:
            self._board.delete_comment(ref, other)
        return found[0] if found else None
