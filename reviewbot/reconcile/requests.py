"""What people asked for, checked against their permission on GitHub, answered, and remembered where it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from reviewbot.model import (
    CREATE,
    RESET,
    TRUST,
    Answer,
    Approval,
    Approvals,
    PullRequest,
    PullRequestRef,
    Record,
    Request,
)

# For so long GitHub may deliver what somebody asked for once more.
_DELIVERED_AGAIN = timedelta(days=4)
# A record has room for twice as many. Of more than that the oldest would only be looked at again.
_MOST_KEPT = 50


class Permissions(Protocol):
    """What is read of GitHub."""

    def may_write(self, ref: PullRequestRef, sender: tuple[int, str]) -> bool: ...


@dataclass(frozen=True)
class Decisions:
    """Every decision that holds, and the answers to the requests that wanted one, by the requests' keys.

    `resets` are keys of requests that may be carried out, and get their answer when they are.
    """

    approvals: Approvals
    answers: Mapping[str, Answer] = field(default_factory=dict)
    resets: tuple[str, ...] = ()


def decisions(record: Record, pull: PullRequest, permissions: Permissions, now: datetime) -> Decisions:
    """What holds after every request on record that asks for an approval."""
    approvals, answers, allowed = record.approvals, {}, []
    for request in sorted(record.requests, key=lambda each: each.at):
        if request.verb not in {TRUST, CREATE, RESET}:
            continue
        answer = _answer(request, record, pull, permissions)
        if request.verb == RESET and answer.outcome == "Approved":
            allowed.append(request.key)
            continue
        answers[request.key] = answer
        if answer.outcome == "Approved":
            approvals = _with(approvals, request, now)
    return Decisions(approvals, answers, tuple(allowed))


def resets(record: Record, decided: Decisions) -> list[str]:
    """Which of the allowed ones nobody has answered since."""
    open_ones = {request.key for request in record.requests}
    return [key for key in decided.resets if key in open_ones]


def outdated(record: Record, now: datetime) -> list[str]:
    """Keys of answers that nobody needs: their requests are not delivered again, or there are many newer ones."""
    newest_first = sorted(record.answered, key=lambda each: each[1], reverse=True)
    return [key for number, (key, at) in enumerate(newest_first) if number >= _MOST_KEPT or now - at > _DELIVERED_AGAIN]


def _answer(request: Request, record: Record, pull: PullRequest, permissions: Permissions) -> Answer:
    if request.verb == RESET and record.made is not None and request.at < record.made:
        # It came out of a backup, and may have been carried out long ago.
        return Answer("Outdated", "The record was restored since; ask again.")
    if request.verb == TRUST and not pull.from_fork:
        return Answer("NotNeeded", "The pull request is not from a fork.")
    if request.verb == TRUST and request.sha != pull.head:
        return Answer("Outdated", "Another commit was pushed; it has to be trusted itself.")
    if request.sender is None:
        return Answer("Approved")
    if not permissions.may_write(record.ref, request.sender):
        return Answer("Refused", f"{request.sender[1]} may not write to the repository.")
    return Answer("Approved")


def _with(approvals: Approvals, request: Request, now: datetime) -> Approvals:
    approval = Approval(request.sender[1] if request.sender else "", now)
    if request.verb == CREATE:
        return replace(approvals, created=approval)
    # Pinned to what the person saw: whatever is pushed later needs another look.
    return replace(approvals, trusted=replace(approval, sha=request.sha))
