"""One deployment for each commit that was deployed, inactive once the commit no longer serves.

Whatever may still be active is on record, a commit from before its deployment is made. So one whose making was cut
is found again and ended, even if the commit is out of date by then. The last that are over stay on record too: a
commit that comes back has its deployment though GitHub may answer from before it was made. Where the App may not write
deployments they are left out, and tried again later.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from reviewbot.model import Announced, PullRequestRef, Record, Sha
from reviewbot.reconcile.ports import Board, Object, Records
from reviewbot.reconcile.tell.denied import if_allowed
from reviewbot.report import DeploymentText, Report, digest, over

# Normally the new one comes before the old ones go; above this many the old ones go first. As many that are over stay.
_MOST = 8

# What the record's definition allows. All may be live where each of several apps serves a commit of its own.
_ROOM = 16

# Stands for the digest of what one says that is over.
_OVER = "over"


class Deployments:
    """Writes deployments and their statuses, and remembers which may still be active."""

    def __init__(self, board: Board, records: Records, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._records = records
        self._clock = clock
        # Those of whose latest status the record is right for sure, because this process wrote both.
        self._sure: set[int] = set()

    def next_write(self, record: Record, report: Report) -> Callable[[], None] | None:
        """What is to be written next, if anything is and it may be tried now."""
        again = record.deployments_again
        write = None if again is not None and self._clock() < again else self._due(record, report)
        return None if write is None else partial(self._write, record.ref, write)

    def doubted(self, record: Record) -> Record:
        """The record without what it says of the states that are shown."""
        active, ended = _apart(record.deployments or ())
        doubted = (*ended, *(replace(each, digest=None) for each in active))
        return replace(record, deployments=doubted) if active else record

    def again(self, record: Record, report: Report) -> datetime | None:
        """When to try what has been denied once more."""
        return record.deployments_again if self._due(record, report) else None

    def _due(self, record: Record, report: Report) -> Callable[[], None] | None:
        if record.deployments is None and report.ends:
            return partial(self._recall, record)
        active, _ = _apart(record.deployments or ())
        stale = [each for each in active if each.sha not in report.live]
        for sha, text in report.deployments:
            others = len([each for each in active if each.sha != sha])
            write = self._tell(record, sha, text) if others < (_MOST if stale else _ROOM) else None
            if write is not None:
                return write
        return partial(self._end, record, stale[0], over(report, stale[0].sha)) if stale else None

    def _tell(self, record: Record, sha: Sha, text: DeploymentText) -> Callable[[], None] | None:
        known = next((each for each in record.deployments or () if each.sha == sha), None)
        if known is None or known.id is None:
            return partial(self._make, record, Announced(sha))
        return partial(self._update, record, known, text) if known.digest != _said(text) else None

    def _write(self, ref: PullRequestRef, write: Callable[[], None]) -> None:
        again = if_allowed(write, self._clock())
        if again is not None:
            self._records.write_status(ref.name, {"deploymentsAgain": again.isoformat()})

    def _recall(self, record: Record) -> None:
        self._remember(record.ref, self._shown(record))

    def _shown(self, record: Record) -> list[Announced]:
        # A record that was lost and written again does not know what GitHub still shows.
        found = {each.sha: each for each in self._board.find_deployments(record.ref)}
        return list(found.values())[:_MOST]

    def _make(self, record: Record, new: Announced) -> None:
        if record.deployments is None:
            record = replace(record, deployments=tuple(self._shown(record)))
            found = next((each.id for each in record.deployments or () if each.sha == new.sha), None)
        else:
            found = self._board.find_deployment(record.ref, new.sha)
        others = _others(record, new)
        if found is None:
            self._note(record.ref, [*others, new])
            found = self._board.create_deployment(record.ref, new.sha)
            self._sure.add(found)
        self._remember(record.ref, [*others, Announced(new.sha, found)])

    def _update(self, record: Record, known: Announced, text: DeploymentText) -> None:
        others = _others(record, known)
        said = None if known.id is None else self._say(record, known, known.id, text)
        # One that somebody deleted is made again.
        told = [] if said is None else [Announced(known.sha, known.id, _said(text), said)]
        self._remember(record.ref, [*others, *told])
        self._sure.update(each.id for each in told if each.id)

    def _end(self, record: Record, stale: Announced, text: DeploymentText) -> None:
        known = stale.id or self._board.find_deployment(record.ref, stale.sha)
        said = None if known is None else self._say(record, stale, known, text)
        told = [] if said is None else [Announced(stale.sha, known, _OVER, said)]
        self._remember(record.ref, [*_others(record, stale), *told])

    def _say(self, record: Record, known: Announced, deployment: int, text: DeploymentText) -> int | None:
        sure = deployment in self._sure
        # Until the record says what became of the write.
        self._sure.discard(deployment)
        return self._board.update_deployment(record.ref, deployment, text, last=known.status, new=sure)

    def _note(self, ref: PullRequestRef, deployments: Iterable[Announced], **more: None) -> None:
        active, ended = _apart(deployments)
        kept = min(_MOST, _ROOM - len(active))
        stored = [_stored(each) for each in (*ended[max(0, len(ended) - kept) :], *active)]
        self._records.write_status(ref.name, {"deployments": stored, **more})

    def _remember(self, ref: PullRequestRef, deployments: Iterable[Announced]) -> None:
        # What was just written may be written.
        self._note(ref, deployments, deploymentsAgain=None)


def _apart(deployments: Iterable[Announced]) -> tuple[list[Announced], list[Announced]]:
    """Those that may be active, and those that are over, the last one last."""
    known = list(deployments)
    return [each for each in known if each.digest != _OVER], [each for each in known if each.digest == _OVER]


def _said(text: DeploymentText) -> str:
    # Where people are sent is not known any more of a commit that its head has left.
    return digest(replace(text, url=""))


def _others(record: Record, one: Announced) -> list[Announced]:
    return [each for each in record.deployments or () if each.sha != one.sha]


def _stored(deployment: Announced) -> Object:
    fields = {"sha": deployment.sha, "id": deployment.id, "digest": deployment.digest, "status": deployment.status}
    return {name: value for name, value in fields.items() if value is not None}
