"""A reset that has begun goes on to its end, whoever is cut off and whatever the head has come to wait for."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import RESETTING, Facts, Plan, Prune, Unroute, Wipe, decide
from reviewbot.model import (
    RESET,
    Exclusion,
    Phase,
    Preview,
    PullState,
    Record,
    RepositoryId,
    Request,
    Script,
    Stage,
    Verdict,
)
from reviewbot.reconcile.status import begun, status
from reviewbot.render.names import Address
from tests.unit.builders import (
    DATABASE,
    HEAD,
    NOW,
    OLDER,
    a_job,
    a_pull,
    a_record,
    a_release,
    a_server,
    a_state,
    seconds,
)
from tests.unit.test_reconcile import Shown, a_pass

ANEW = Request("d1", RESET, OLDER, None, NOW)
BEGUN = a_record(phase=Phase.DEPLOYING, reason=RESETTING, requests=(ANEW,))
DATA = a_release(addons=(DATABASE,), postdeploy=Script("bin/seed"))
OLD = a_state(id="bbbbbbb-0", sha=OLDER)
UP = (a_server(DATABASE, DATA),)
LEFT = Preview("active", (OLD,), OLD.id, "uid", addons=UP, postdeploy=a_job(Stage.SUCCEEDED, "postdeploy"))
NOTHING = Preview("active", uid="uid")
STEPS = (Unroute(), Prune(OLD), Wipe(UP, LEFT.postdeploy))


def facts(record: Record = BEGUN, preview: Preview = LEFT, **changes: Any) -> Facts:
    """A commit was pushed whose checks have not ended."""
    values: dict[str, Any] = {"pull": a_pull(), "verdict": Verdict(False, "Waiting for checks."), "reset": True}
    return Facts(NOW, record, preview=preview, **(values | changes))


def answers(given: Facts, plan: Plan) -> dict[str, str]:
    found = status(given.record, given, plan, Address("shop", "https://preview.example.com"))
    return {key: each["outcome"] for key, each in found.get("requests", {}).items()}


GREEN = Verdict(True, "Green.")
WAITS = [
    pytest.param({}, "Waiting for checks.", id="pushed"),
    pytest.param({"verdict": GREEN, "problem": "It is wrong."}, "It is wrong.", id="undefined"),
    pytest.param({"verdict": GREEN, "blocked": "There is no such size."}, "There is no such size.", id="blocked"),
    pytest.param(
        {"verdict": None, "excluded": Exclusion("Draft", "It is a draft.", waits=True)}, "It is a draft.", id="draft"
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), WAITS)
def test_reset_goes_on_until_it_is_done__whatever_the_head_waits_for(changes: dict[str, Any], sentence: str) -> None:
    given = facts(**changes)
    plan = decide(given)
    told = f"{sentence} All its data is made anew."
    assert plan == Plan(Phase.WAITING, RESETTING, told, STEPS, NOW + seconds(2), in_flight=True)
    assert answers(given, plan) == {}


@pytest.mark.parametrize(("changes", "sentence"), WAITS)
@pytest.mark.parametrize(
    "preview", [NOTHING, Preview("absent"), Preview("terminating", uid="uid")], ids=["empty", "absent", "going"]
)
def test_reset_goes_on_until_it_is_done__and_then_it_is_answered(
    changes: dict[str, Any], sentence: str, preview: Preview
) -> None:
    given = facts(preview=preview, **changes)
    plan = decide(given)
    assert (plan.reason, plan.steps, plan.again) == (RESETTING, (), NOW)
    assert answers(given, plan) == {"d1": "Reset"}
    after = decide(replace(given, reset=False))
    assert (after.reason == RESETTING, after.sentence) == (False, sentence)


def test_reset_goes_on_until_it_is_done__of_a_fork_that_pushes_too() -> None:
    plan = decide(facts(pull=a_pull(head_repository=RepositoryId(5))))
    assert (plan.phase, plan.steps) == (Phase.WAITING, STEPS)


@pytest.mark.parametrize(
    "changes",
    [{"pull": a_pull(state=PullState.CLOSED)}, {"excluded": Exclusion("Label", "It is left out.")}],
    ids=["closed", "left out"],
)
def test_what_goes_as_a_whole_need_not_be_emptied_first(changes: dict[str, Any]) -> None:
    plan = decide(facts(**changes))
    assert (plan.ends, plan.reason != RESETTING) == (True, True)


def test_one_that_has_not_begun_does_not_begin_while_its_head_waits() -> None:
    given = facts(replace(BEGUN, reason="Checks"))
    plan = decide(given)
    assert (plan.reason, plan.steps) == ("Checks", ())
    assert answers(given, plan) == {"d1": "NotNow"}


def test_what_is_on_record_without_a_request_is_no_reset() -> None:
    assert decide(facts(replace(BEGUN, requests=()), reset=False)).reason == "Checks"


MARK = {"phase": "Deploying", "reason": RESETTING, "message": "Deploying `aaaaaaa`. All its data is made anew."}


@pytest.mark.parametrize(
    ("reason", "preview", "mark"),
    [("Ready", LEFT, MARK), (None, LEFT, MARK), (RESETTING, LEFT, None), ("Ready", NOTHING, None)],
    ids=["runs", "new", "known", "nothing to delete"],
)
def test_reset_goes_on_until_it_is_done__as_it_is_on_record_before_it_begins(
    reason: str | None, preview: Preview, mark: Any
) -> None:
    given = facts(replace(BEGUN, reason=reason), preview, wanted=DATA, verdict=GREEN)
    assert begun(given.record, given, decide(given)) == mark


def test_reset_goes_on_until_it_is_done__by_whoever_comes_after_a_cut() -> None:
    running = a_record(phase=Phase.RUNNING, reason="Ready", requests=(replace(ANEW, sha=HEAD),))
    outside = Shown(facts(running, wanted=DATA, verdict=GREEN))
    outside.failure = ConnectionResetError()
    with pytest.raises(ConnectionResetError):
        a_pass(outside)
    assert outside.done == ["Unroute"]
    assert outside.status == MARK
