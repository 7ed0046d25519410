"""What is remembered of a failure and of a release that stopped answering, and for how long."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from reviewbot.decide import Apply, Arm, Facts, Plan, Switch, Wipe, decide
from reviewbot.model import (
    REDEPLOY,
    RESET,
    Answer,
    Deployed,
    Exclusion,
    Failure,
    Logged,
    Phase,
    Preview,
    Record,
    Request,
    Verdict,
)
from reviewbot.reconcile.status import status
from reviewbot.render.names import Address
from tests.unit.builders import CACHE, DATABASE, HEAD, NOW, OLDER, a_job, a_pull, a_record, a_release, a_state, minutes

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


NOTHING = Preview("absent")


def written(preview: Preview = NOTHING, plan: Plan | None = None, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"wanted": a_release()} | changes
    facts = Facts(NOW, values.pop("record", a_record()), a_pull(), preview, **values)
    plan = plan or Plan(Phase.DEPLOYING, "Starting", "A sentence.")
    return status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))


APPLIES = Plan(Phase.DEPLOYING, "Applying", "A sentence.", (Arm(), Apply(a_release())))
MIGRATES = a_state(processes=frozenset(), phase=a_job())
EARLIER = Deployed(READY.id, HEAD, NOW - minutes(60))


@pytest.mark.parametrize(
    ("state", "plan", "held", "at"),
    [
        (None, None, None, None),
        (MIGRATES, None, None, None),
        (None, APPLIES, None, NOW),
        (MIGRATES, APPLIES, None, NOW),
        (READY, None, EARLIER, EARLIER.at),
        (READY, APPLIES, EARLIER, EARLIER.at),
        (READY, None, Deployed("another", HEAD, NOW - minutes(60)), NOW),
        # What somebody deleted starts anew.
        (None, APPLIES, EARLIER, NOW),
        (MIGRATES, None, EARLIER, None),
        (READY, Plan(Phase.CLOSING, "Removing", "A sentence.", ends=True), EARLIER, None),
    ],
)
def test_how_long_processes_take_is_counted_from_when_they_are_applied(
    state: Any, plan: Any, held: Any, at: Any
) -> None:
    preview = Preview("active", (state,) if state else ())
    told = {"id": READY.id, "sha": HEAD, "at": at.isoformat()} if at else None
    assert written(preview, plan, record=a_record(release=held))["release"] == told


LOGGED = Logged(READY.id, "migrating")


@pytest.mark.parametrize(
    ("held", "logged", "releases", "ends", "kept"),
    [
        (None, LOGGED, (READY,), False, True),
        (LOGGED, None, (READY,), False, True),
        (Logged(READY.id, "before"), LOGGED, (READY,), False, True),
        (LOGGED, None, (), False, False),
        (LOGGED, None, (READY,), True, False),
        (None, None, (READY,), False, False),
    ],
)
def test_what_the_release_phase_wrote_is_kept_with_its_release(
    held: Any, logged: Any, releases: Any, ends: bool, kept: bool
) -> None:
    plan = Plan(Phase.DEPLOYING, "Starting", "A sentence.", logged=logged, ends=ends)
    found = written(Preview("active", releases), plan, record=a_record(logged=held))["releaseLog"]
    assert found == ({"id": READY.id, "log": "migrating"} if kept else None)


def test_which_add_ons_there_should_be() -> None:
    assert written(wanted=a_release(addons=(DATABASE, CACHE)))["addons"] == ["postgresql", "redis"]
    assert (written()["addons"], written(wanted=None)["addons"]) == ([], None)


ANEW = Request("d1", RESET, HEAD, None, NOW)
REFUSED = {"d1": Answer("Refused", "mallory may not write to the repository.")}
NOT_NOW = {"outcome": "NotNow", "message": "Only a preview of the newest commit can be reset. Waiting for checks."}


@pytest.mark.parametrize(
    ("reason", "answers", "answer"),
    [
        ("Resetting", {}, {"outcome": "Reset", "message": ""}),
        ("Checks", {}, NOT_NOW),
        ("Resetting", REFUSED, {"outcome": "Refused", "message": REFUSED["d1"].message}),
        ("Checks", REFUSED, {"outcome": "Refused", "message": REFUSED["d1"].message}),
    ],
)
def test_a_reset_is_answered_whatever_becomes_of_it(reason: str, answers: Any, answer: dict[str, str]) -> None:
    plan = Plan(Phase.DEPLOYING, reason, "Waiting for checks.")
    found = written(plan=plan, record=a_record(requests=(ANEW,)), answers=answers)
    assert found["requests"] == {"d1": answer | {"at": NOW.isoformat()}}


def test_a_reset_is_not_answered_while_something_is_left() -> None:
    wiping = Plan(Phase.DEPLOYING, "Resetting", "All its data is made anew.", (Wipe((), None),))
    found = written(plan=wiping, record=a_record(requests=(ANEW,)))
    assert "requests" not in found


def test_an_answer_fits_into_the_record() -> None:
    plan = Plan(Phase.FAILED, "Definition", "x" * 5000)
    found = written(plan=plan, record=a_record(requests=(ANEW,)))
    assert (len(found["requests"]["d1"]["message"]), len(found["message"])) == (1024, 4096)


@pytest.mark.parametrize(
    ("wanted", "known"),
    [(a_release(id="bbbbbbb-1"), READY.id), (a_release(), None), (None, None)],
    ids=["another is wanted", "it may still be probed", "nothing is wanted yet"],
)
def test_what_serves_is_known_again_from_the_route(wanted: Any, known: str | None) -> None:
    preview = Preview("active", releases=(READY,), routed=READY.id)
    facts = Facts(NOW, a_record(serving=None), a_pull(), preview, wanted=wanted)
    plan = Plan(Phase.FAILED, "Reason", "A sentence.")
    found = status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))["serving"]
    assert (found and found["id"]) == known


STARTED = Deployed(READY.id, HEAD, NOW - minutes(60))


@pytest.mark.parametrize(
    ("steps", "answered", "at", "since"),
    [
        ((), None, STARTED.at, SERVING.at),
        # Put at its address again: it is not known to answer there until it does.
        ((Switch(READY),), None, NOW, SERVING.at),
        ((), READY.id, STARTED.at, SERVING.at),
    ],
)
def test_address_is_probed_again__once_it_is_put_there(steps: Any, answered: str | None, at: Any, since: Any) -> None:
    preview, record = Preview("active", (READY,), READY.id), a_record(release=STARTED, serving=SERVING)
    facts = Facts(NOW, record, a_pull(), preview, wanted=a_release(), answered=answered)
    plan = Plan(Phase.DEPLOYING, "Reason", "A sentence.", steps)
    found = status(record, facts, plan, Address("shop", "https://preview.example.com"))
    assert (found["release"]["at"], found["serving"]["since"]) == (at.isoformat(), since.isoformat())


@pytest.mark.parametrize(
    ("state", "steps", "serving", "at"),
    [
        (READY, (), SERVING, SERVING.at),
        (READY, (Arm(),), SERVING, SERVING.at),
        (RESTING, (), SERVING, SERVING.at),
        # What is put there, in part or again, starts anew.
        (READY, (Switch(READY),), SERVING, NOW),
        (READY, (Arm(), Apply(a_release())), SERVING, NOW),
        (None, (Arm(), Apply(a_release())), SERVING, NOW),
        (None, (), SERVING, None),
        # What never served does so too.
        (READY, (), None, NOW),
        (READY, (), Deployed("another", HEAD, SERVING.at), NOW),
    ],
)
def test_what_served_is_known_after_a_wait__and_did_not_start_just_now(
    state: Any, steps: Any, serving: Any, at: Any
) -> None:
    preview = Preview("active", (state,) if state else (), READY.id)
    plan = Plan(Phase.RUNNING, "Ready", "A sentence.", steps)
    found = written(preview, plan, record=a_record(release=None, serving=serving))["release"]
    assert found == ({"id": READY.id, "sha": HEAD, "at": at.isoformat()} if at else None)


@pytest.mark.parametrize("excluded", [None, Exclusion("Draft", "Waiting.", waits=True)], ids=["nothing", "draft"])
def test_what_served_is_known_after_a_wait__so_that_a_pause_of_it_is_one(excluded: Any) -> None:
    begun = Deployed(READY.id, HEAD, SERVING.at - minutes(1))
    held = a_record(phase=Phase.RUNNING, release=begun, serving=SERVING)
    there = Facts(NOW, held, a_pull(), Preview("active", (READY,), READY.id), Verdict(True, "Green."), a_release())
    waits = replace(there, wanted=None, pending="There is no merge commit.", excluded=excluded)
    for number, each in enumerate((waits, there, there)):
        facts = replace(each, now=NOW + minutes(number), record=held)
        held = _with(held, status(held, facts, decide(facts), Address("shop", "https://preview.example.com")))
    paused = replace(there, now=NOW + minutes(30), record=held, preview=Preview("active", (RESTING,), READY.id))
    plan = decide(paused)
    assert (plan.phase, plan.sentence) == (Phase.RUNNING, "`aaaaaaa` is running.")


def _with(record: Record, found: dict[str, Any]) -> Record:
    """The record, as far as it tells what began and what serves."""
    began, serves = found["release"], found["serving"]
    release = began and Deployed(began["id"], began["sha"], datetime.fromisoformat(began["at"]))
    serving = serves and Deployed(serves["id"], serves["sha"], datetime.fromisoformat(serves["since"]))
    return replace(record, phase=found["phase"], reason=found["reason"], release=release, serving=serving)


def test_address_is_probed_again__and_serves_since_it_answers() -> None:
    anew = a_record(release=replace(STARTED, at=NOW - minutes(1)), serving=SERVING)
    facts = Facts(NOW, anew, a_pull(), Preview("active", (READY,), READY.id), wanted=a_release(), answered=READY.id)
    plan = Plan(Phase.RUNNING, "Ready", "A sentence.")
    found = status(anew, facts, plan, Address("shop", "https://preview.example.com"))
    assert found["serving"]["since"] == NOW.isoformat()


def test_address_is_probed_again__and_what_answers_in_its_place_does_not_serve() -> None:
    facts = Facts(NOW, a_record(serving=SERVING), a_pull(), Preview("active"), wanted=a_release(), answered="bbbbbbb-1")
    found = status(facts.record, facts, Plan(Phase.DEPLOYING, "Probing", "…"), Address("shop", "https://example.com"))
    assert (found["serving"]["id"], found["serving"]["since"]) == (SERVING.id, SERVING.at.isoformat())


@pytest.mark.parametrize(
    ("phase", "wanted", "kept"),
    [
        (Phase.RUNNING, a_release(pull_secret="new"), "new"),
        (Phase.RUNNING, a_release(), None),
        (Phase.WAITING, None, "old"),
        (Phase.CLOSED, None, None),
    ],
)
def test_the_password_of_what_serves_stays_known(phase: Phase, wanted: Any, kept: str | None) -> None:
    facts = Facts(NOW, a_record(pull_secret="old"), a_pull(), Preview("active"), wanted=wanted)
    plan = Plan(phase, "Reason", "A sentence.", ends=phase is Phase.CLOSED)
    found = status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))
    assert found["pullSecret"] == kept


@pytest.mark.parametrize("serving", [None, SERVING])
def test_what_answers_serves_though_the_head_waits_by_now(serving: Any) -> None:
    held, new = a_record(serving=serving), a_state(id="bbbbbbb-1", sha=OLDER)
    facts = Facts(NOW, held, a_pull(), Preview("active", (READY, new), new.id), answered=new.id)
    found = status(held, facts, Plan(Phase.WAITING, "Checks", "…"), Address("shop", "https://example.com"))
    assert found["serving"] == {"id": new.id, "sha": OLDER, "since": NOW.isoformat()}
