"""From facts to whole plans once the pull request is closed or merged, until nothing is remembered of it."""

from typing import Any

import pytest

from reviewbot.decide import TOMBSTONE, Facts, Forget, Plan, Remove, decide
from reviewbot.model import Phase, Preview, PullState, Verdict
from tests.unit.builders import NOW, a_pull, a_record, a_release, a_state, seconds

HOW = [(PullState.CLOSED, "closed"), (PullState.MERGED, "merged")]


def facts(state: PullState, preview: Preview, **changes: Any) -> Facts:
    pull = a_pull(state=state, **changes.pop("pull", {}))
    values: dict[str, Any] = {"now": NOW, "record": a_record(), "pull": pull, "preview": preview}
    return Facts(**(values | changes))


def removing(how: str, *steps: Any) -> Plan:
    sentence = f"The pull request was {how}; the preview is being removed."
    return Plan(Phase.CLOSING, "Removing", sentence, steps, NOW + seconds(0.5), in_flight=True, ends=True)


def closed(how: str, again: Any, *steps: Any) -> Plan:
    sentence = f"The pull request was {how}; nothing of its preview is left."
    return Plan(Phase.CLOSED, "Closed", sentence, steps, again, ends=True)


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
