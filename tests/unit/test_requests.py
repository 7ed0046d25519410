"""What people ask for, answered by their permission; who decides, of which commit, and what of it is kept."""

from datetime import datetime
from typing import Any

import pytest

from reviewbot.errors import Unseen
from reviewbot.model import Answer, Approval, Approvals, PullRequestRef, Request, Sha
from reviewbot.reconcile.requests import Decisions, decisions, outdated, resets
from tests.unit.builders import HEAD, NOW, OLDER, a_pull, a_record, minutes

BEFORE = NOW - minutes(5)
ALICE, MALLORY = (5, "alice"), (6, "mallory")
FORK = a_pull(head_repository=None)
REFUSED = Answer("Refused", "mallory may not write to the repository.")


class Writers:
    """Who may write; what was asked."""

    def __init__(self, *writers: tuple[int, str]) -> None:
        self.writers = writers
        self.asked = 0

    def may_write(self, _ref: PullRequestRef, sender: tuple[int, str]) -> bool:
        self.asked += 1
        return sender in self.writers


def asks(verb: str, sha: Sha = HEAD, sender: tuple[int, str] = ALICE, key: str = "d1") -> Request:
    return Request(key, verb, sha, sender, BEFORE)


@pytest.mark.parametrize(
    ("request_", "pull", "answer", "approvals"),
    [
        (asks("trust"), FORK, Answer("Approved"), Approvals(trusted=Approval("alice", NOW, HEAD))),
        (asks("trust", sender=MALLORY), FORK, REFUSED, Approvals()),
        (
            asks("trust", OLDER),
            FORK,
            Answer("Outdated", "Another commit was pushed; it has to be trusted itself."),
            Approvals(),
        ),
        (asks("trust"), a_pull(), Answer("NotNeeded", "The pull request is not from a fork."), Approvals()),
        (asks("create"), a_pull(), Answer("Approved"), Approvals(created=Approval("alice", NOW))),
        # It is of the pull request, whatever was pushed meanwhile.
        (asks("create", OLDER), a_pull(), Answer("Approved"), Approvals(created=Approval("alice", NOW))),
        (asks("create", sender=MALLORY), a_pull(), REFUSED, Approvals()),
    ],
)
def test_approver_must_have_write(request_: Request, pull: object, answer: Answer, approvals: Approvals) -> None:
    found = decisions(a_record(requests=(request_,)), pull, Writers(ALICE), NOW)  # type: ignore[arg-type]
    assert found == Decisions(approvals, {"d1": answer})


def test_what_was_decided_before_holds_and_nobody_is_asked_again() -> None:
    held = Approvals(trusted=Approval("bob", BEFORE, OLDER), created=Approval("bob", BEFORE))
    writers = Writers(ALICE)
    assert decisions(a_record(approvals=held), FORK, writers, NOW) == Decisions(held)
    assert decisions(a_record(requests=(asks("redeploy"),)), FORK, writers, NOW) == Decisions(Approvals())
    assert writers.asked == 0


def test_the_newest_commit_that_was_trusted_counts() -> None:
    held = Approvals(trusted=Approval("bob", BEFORE, OLDER), created=Approval("bob", BEFORE))
    found = decisions(a_record(approvals=held, requests=(asks("trust"),)), FORK, Writers(ALICE), NOW)
    assert found.approvals == Approvals(Approval("alice", NOW, HEAD), held.created)


def test_a_refusal_takes_nothing_back() -> None:
    held = Approvals(trusted=Approval("bob", BEFORE, HEAD))
    asked = (asks("trust", sender=MALLORY, key="d2"),)
    assert decisions(a_record(approvals=held, requests=asked), FORK, Writers(ALICE), NOW).approvals == held


def test_approver_must_have_write__one_that_cannot_be_read_is_no_answer() -> None:
    class Silent:
        def may_write(self, _ref: PullRequestRef, _sender: tuple[int, str]) -> bool:
            raise Unseen("GitHub does not answer")

    with pytest.raises(Unseen):
        decisions(a_record(requests=(asks("trust"),)), FORK, Silent(), NOW)


def test_answers_are_kept_while_github_may_deliver_the_request_again_and_there_is_room() -> None:
    answered = tuple((f"d{number}", NOW - minutes(number)) for number in range(60))
    assert outdated(a_record(answered=answered), NOW) == [f"d{number}" for number in range(50, 60)]
    days = tuple((f"d{number}", NOW - minutes(number * 24 * 60)) for number in range(7))
    assert outdated(a_record(answered=days), NOW) == ["d5", "d6"]
    assert outdated(a_record(), NOW) == []


@pytest.mark.parametrize(
    ("sender", "answers", "allowed"),
    [
        (ALICE, {}, ("d1",)),
        (MALLORY, {"d1": REFUSED}, ()),
        # Whoever may write the record.
        (None, {}, ("d1",)),
    ],
)
@pytest.mark.parametrize("sha", [HEAD, OLDER])
def test_who_may_have_a_preview_made_anew(sender: Any, answers: Any, allowed: Any, sha: Sha) -> None:
    asked = asks("reset", sha, sender)
    found = decisions(a_record(requests=(asked,)), a_pull(), Writers(ALICE), NOW)
    assert found == Decisions(Approvals(), answers, allowed)


@pytest.mark.parametrize(("made", "outcome"), [(None, None), (BEFORE, None), (NOW, "Outdated")])
def test_state_lost_or_old__what_was_asked_before_a_backup_was_restored_is_not_done_again(
    made: datetime | None, outcome: str | None
) -> None:
    found = decisions(a_record(made=made, requests=(asks("reset"),)), a_pull(), Writers(ALICE), NOW)
    assert [answer.outcome for answer in found.answers.values()] == ([outcome] if outcome else [])
    assert found.resets == (() if outcome else ("d1",))


def test_a_reset_is_carried_out_until_it_is_answered() -> None:
    record = a_record(requests=(asks("reset", key="d1"), asks("reset", key="d2")))
    found = decisions(record, a_pull(), Writers(ALICE), NOW)
    assert resets(record, found) == ["d1", "d2"]
    # GitHub's side may have been read before it was answered.
    assert resets(a_record(requests=record.requests[:1]), found) == ["d1"]
    assert resets(a_record(), found) == []
