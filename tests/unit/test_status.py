"""What is remembered of a failure and of a release that stopped answering, and for how long."""

from typing import Any

import pytest

from reviewbot.decide import Facts, Plan
from reviewbot.model import REDEPLOY, Deployed, Failure, Phase, Preview, Request
from reviewbot.reconcile.status import status
from reviewbot.render.names import Address
from tests.unit.builders import HEAD, NOW, a_pull, a_record, a_release, a_state, minutes

HELD = Failure(a_release().id, NOW, "Crashed", "It ended.", "oops")
SHOWN = {"id": HELD.id, "at": NOW.isoformat(), "reason": "Crashed", "message": "It ended.", "log": "oops"}


def remembered(phase: Phase, wanted: Any, failure: Failure | None = None, held: Failure | None = HELD) -> Any:
    facts = Facts(NOW, a_record(failed=held), a_pull(), Preview("absent"), wanted=wanted)
    plan = Plan(phase, "Reason", "A sentence.", failure=failure, ends=phase is Phase.CLOSED)
    return status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))["failed"]


def test_a_failure_is_written_whole() -> None:
    assert remembered(Phase.FAILED, a_release(), HELD, None) == SHOWN


@pytest.mark.parametrize(
    ("phase", "wanted", "kept"),
    [
        (Phase.FAILED, a_release(), True),
        (Phase.WAITING, None, True),
        (Phase.WAITING, a_release(id="bbbbbbb-1"), False),
        (Phase.DEPLOYING, a_release(), False),
        (Phase.RUNNING, a_release(), False),
        (Phase.CLOSED, None, False),
    ],
)
def test_it_is_kept_until_it_is_news_no_more(phase: Phase, wanted: Any, kept: bool) -> None:
    assert remembered(phase, wanted) == (SHOWN if kept else None)


READY, RESTING = a_state(), a_state(ready=False)
SERVING = Deployed(READY.id, HEAD, NOW - minutes(60))
BEFORE = NOW - minutes(1)


@pytest.mark.parametrize(
    ("preview", "serving", "before", "since"),
    [
        (Preview("absent"), None, None, None),
        (Preview("active", (READY,), READY.id), SERVING, BEFORE, None),
        (Preview("active", (RESTING,), READY.id), SERVING, None, NOW),
        (Preview("active", (RESTING,), READY.id), SERVING, BEFORE, BEFORE),
        # What the route leads to is another release's by now.
        (Preview("active", routed=READY.id, answers=True), SERVING, BEFORE, None),
        # Its route is gone already, or everything is.
        (Preview("active", (RESTING,)), SERVING, BEFORE, BEFORE),
        (Preview("absent"), SERVING, BEFORE, BEFORE),
        # It never served.
        (Preview("active", (RESTING,)), None, None, None),
    ],
)
def test_since_when_nothing_answers(preview: Preview, serving: Any, before: Any, since: Any) -> None:
    facts = Facts(NOW, a_record(serving=serving, unready_since=before), a_pull(), preview, wanted=a_release())
    plan = Plan(Phase.DEPLOYING, "NotReady", "A sentence.")
    written = status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))
    assert written["unreadySince"] == (since.isoformat() if since else None)


@pytest.mark.parametrize(("reason", "outcome"), [("Retrying", "Retried"), ("Ready", "Looked")])
def test_what_was_asked_for_is_answered(reason: str, outcome: str) -> None:
    asked = (Request("d1", REDEPLOY, HEAD, (5, "alice"), NOW), Request("d2", "trust", HEAD, (5, "alice"), NOW))
    facts = Facts(NOW, a_record(requests=asked), a_pull(), Preview("absent"))
    plan = Plan(Phase.DEPLOYING, reason, "A sentence.")
    written = status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))
    assert written["requests"] == {"d1": {"outcome": outcome, "message": "", "at": NOW.isoformat()}}
