"""From facts to whole plans once the pull request is closed or merged, until nothing is remembered of it."""

from datetime import timedelta
from typing import Any

import pytest

from reviewbot.decide import STUCK, TOMBSTONE, Facts, Forget, Plan, Remove, decide
from reviewbot.model import Phase, Preview, PullState, Verdict
from tests.unit.builders import NOW, a_pull, a_record, a_release, a_state, minutes, seconds

HOW = [
    (PullState.CLOSED, "The pull request was closed"),
    (PullState.MERGED, "The pull request was merged"),
    (PullState.GONE, "GitHub no longer shows the pull request to the App"),
]


def facts(state: PullState, preview: Preview, **changes: Any) -> Facts:
    pull = a_pull(state=state, **changes.pop("pull", {}))
    values: dict[str, Any] = {"now": NOW, "record": a_record(), "pull": pull, "preview": preview}
    return Facts(**(values | changes))


def removing(how: str, *steps: Any) -> Plan:
    sentence = f"{how}; the preview is being removed."
    reason = "Merged" if "merged" in how else "Removing"
    return Plan(Phase.CLOSING, reason, sentence, steps, NOW + seconds(0.5), in_flight=True, ends=True)


def closed(how: str, again: Any, *steps: Any) -> Plan:
    sentence = f"{how}; nothing of its preview is left."
    reasons = {how: state.capitalize() for state, how in HOW}
    return Plan(Phase.CLOSED, reasons[how], sentence, steps, again, ends=True)


@pytest.mark.parametrize(("state", "how"), HOW)
@pytest.mark.parametrize("pull", [{}, {"draft": True}, {"head_repository": None}])
@pytest.mark.parametrize("verdict", [None, Verdict(True, "All checks pass.")])
def test_closing(state: PullState, how: str, pull: dict[str, Any], verdict: Verdict | None) -> None:
    preview = Preview("active", (a_state(),), "aaaaaaa-0123456789", "namespace-uid")
    plan = decide(facts(state, preview, pull=pull, verdict=verdict, wanted=a_release()))
    assert plan == removing(how, Remove("namespace-uid"))


@pytest.mark.parametrize(("state", "how"), HOW)
def test_what_is_going_is_waited_for(state: PullState, how: str) -> None:
    assert decide(facts(state, Preview("terminating", uid="namespace-uid"))) == removing(how)


@pytest.mark.parametrize(("state", "how"), HOW)
def test_closed_leaves_a_tombstone(state: PullState, how: str) -> None:
    assert decide(facts(state, Preview("absent"))) == closed(how, NOW + TOMBSTONE)
    record = a_record(closed_at=NOW - seconds(60))
    assert decide(facts(state, Preview("absent"), record=record)) == closed(how, NOW + TOMBSTONE - seconds(60))


@pytest.mark.parametrize(("state", "how"), HOW)
def test_tombstone_expires(state: PullState, how: str) -> None:
    record = a_record(closed_at=NOW - TOMBSTONE)
    assert decide(facts(state, Preview("absent"), record=record)) == closed(how, None, Forget())


@pytest.mark.parametrize(("state", "how"), HOW)
def test_a_foreign_namespace_is_nothing_of_ours(state: PullState, how: str) -> None:
    # Otherwise the record would never be settled, and every listing would look at it again.
    assert decide(facts(state, Preview("foreign"))) == closed(how, NOW + TOMBSTONE)


def test_what_is_archived_goes_and_stays_on_record() -> None:
    archived = {"pull": {"archived": True}}
    preview = Preview("active", (a_state(),), "aaaaaaa-0123456789", "namespace-uid")
    assert decide(facts(PullState.OPEN, preview, **archived)) == removing(
        "The repository is archived", Remove("namespace-uid")
    )
    record = a_record(closed_at=NOW - TOMBSTONE)
    sentence = "The repository is archived; nothing of its preview is left."
    plan = decide(facts(PullState.OPEN, Preview("absent"), record=record, **archived))
    assert plan == Plan(Phase.CLOSED, "Archived", sentence, ends=True)


HELD = "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"


@pytest.mark.parametrize(
    ("waited", "again"),
    [(seconds(1), 0.5), (seconds(10), 1), (seconds(179), 17.9), (STUCK, 18), (minutes(20), 120), (minutes(600), 300)],
)
@pytest.mark.parametrize("state", [PullState.CLOSED, PullState.OPEN])
def test_what_takes_long_to_go_is_told_and_looked_at_ever_less(
    state: PullState, waited: timedelta, again: float
) -> None:
    preview = Preview("terminating", uid="namespace-uid", since=NOW - waited, stuck=HELD)
    green = {"verdict": Verdict(True, "Green."), "wanted": a_release()} if state is PullState.OPEN else {}
    plan = decide(facts(state, preview, **green))
    stuck = waited >= STUCK
    assert (plan.steps, plan.in_flight, HELD in plan.sentence) == ((), not stuck, stuck)
    assert plan.again == NOW + seconds(again)
