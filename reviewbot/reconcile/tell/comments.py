"""Our one comment on the pull request: made when there is something to announce, edited ever after."""

from collections.abc import Callable
from functools import partial

from reviewbot.model import PullRequestRef, Record, Written
from reviewbot.reconcile.ports import Board, Records
from reviewbot.report import Report, digest, marker


class Comments:
    """Writes the comment, and remembers it."""

    def __init__(self, board: Board, records: Records) -> None:
        self._board = board
        self._records = records
        # For whom it was looked for in vain, while there was nothing to announce.
        self._without: set[str] = set()

    def next_write(self, record: Record, report: Report) -> Callable[[], None] | None:
        """What is to be written next, if anything is."""
        comment = record.comment
        told = comment.digest == digest(report.comment) if comment else not self._worth_looking(record, report)
        return None if told else partial(self._write, record.ref, comment, report)

    def _worth_looking(self, record: Record, report: Report) -> bool:
        # A record that was lost and written again has told nothing, and its comment may tell of what is over.
        lost = record.told is None and report.live != (report.sha,)
        return report.announce or (lost and record.ref.name not in self._without)

    def _write(self, ref: PullRequestRef, shown: Written | None, report: Report) -> None:
        known = shown.id if shown else self._find(ref)
        if known is None or not self._board.update_comment(ref, known, report.comment):
            known = self._board.create_comment(ref, report.comment) if report.announce else None
        if known is None:
            self._without.add(ref.name)
        told = None if known is None else {"id": known, "digest": digest(report.comment)}
        self._records.write_status(ref.name, {"comment": told})

    def _find(self, ref: PullRequestRef) -> int | None:
        found = self._board.find_comments(ref, marker(ref))
        for other in found[1:]:
            self._board.delete_comment(ref, other)
        return found[0] if found else None
