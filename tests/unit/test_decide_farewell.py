"""The last script of a preview, and data that is made anew."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import (
    Apply,
    Arm,
    Facts,
    Plan,
    Prune,
    Remove,
    Resume,
    Switch,
    Unroute,
    Wipe,
    decide,
)
from reviewbot.decide.closing import FAREWELL
from reviewbot.model import (
    RESET,
    Cause,
    Exclusion,
    Failure,
    JobState,
    Phase,
    Preview,
    PullState,
    Request,
    Script,
    Stage,
    Verdict,
)
from tests.unit.builders import (
    DATABASE,
    HEAD,
    NOW,
    a_job,
    a_pull,
    a_record,
    a_release,
    a_server,
    a_state,
    minutes,
    seconds,
)
from tests.unit.decisions import OLD, READY, STARTING, STRAY, active, deploying, facts, serving
from tests.unit.test_decide_scripts import ENDED, setup

LABEL = Exclusion("Label", "Pull requests labelled `no-preview` get no preview.")
MERGED = a_pull(state=PullState.MERGED)
MERGED_WORDS = "The pull request was merged; the preview is being removed."
WAITS = a_job(Stage.SUSPENDED, "pr-predestroy", since=None)


def leaving(*jobs: JobState | None, **more: Any) -> Facts:
    releases = tuple(
        a_state(id=job.release if job else READY.id, predestroy=job, since=NOW - minutes(60 - number))
        for number, job in enumerate(jobs)
    )
    preview = Preview("active", releases, more.pop("routed", None), "uid")
    return facts(**{"pull": MERGED, "preview": preview} | more)


def closing(sentence: str, *steps: Any, after: Any = 0) -> Plan:
    return Plan(Phase.CLOSING, "Merged", sentence, steps, NOW + seconds(after), in_flight=True, ends=True)


def test_it_runs_before_anything_goes() -> None:
    assert decide(leaving(WAITS)) == closing(MERGED_WORDS, Unroute(), Resume(WAITS))


@pytest.mark.parametrize(("waited", "after"), [(seconds(0), 0.2), (seconds(10), 1), (FAREWELL - seconds(1), 2)])
def test_it_is_waited_for_and_told(waited: Any, after: float) -> None:
    running = replace(WAITS, stage=Stage.RUNNING, since=NOW - waited)
    sentence = f"{MERGED_WORDS} Its script pr-predestroy runs."
    assert decide(leaving(running)) == closing(sentence, after=after)


FAILED = replace(WAITS, stage=Stage.FAILED)


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (None, ""),
        (replace(WAITS, stage=Stage.RUNNING, since=NOW - FAREWELL), ""),
        (replace(WAITS, stage=Stage.SUCCEEDED), ""),
        (FAILED, " Its script pr-predestroy failed."),
        (replace(FAILED, trouble=ENDED), f" Its script pr-predestroy failed. {ENDED.sentence}"),
    ],
    ids=["none", "too long", "succeeded", "failed", "failed and said why"],
)
def test_then_everything_goes_whatever_became_of_it(job: Any, why: str) -> None:
    assert decide(leaving(job)) == closing(MERGED_WORDS + why, Remove("uid"), after=0.5)


OTHER = a_job(Stage.SUSPENDED, "pr-predestroy", release=STRAY.id, since=None)
THIRD = a_job(Stage.SUSPENDED, "pr-predestroy", release=OLD.id, since=None)


@pytest.mark.parametrize(
    ("jobs", "routed", "served", "chosen"),
    [
        ((WAITS, OTHER, THIRD), OTHER.release, None, OTHER),
        ((WAITS, OTHER, THIRD), None, a_state(id=WAITS.release), WAITS),
        ((WAITS, OTHER, THIRD), OTHER.release, a_state(id=WAITS.release), OTHER),
        # None serves: the newest.
        ((WAITS, OTHER, THIRD), None, None, THIRD),
        ((WAITS, None), None, None, WAITS),
    ],
)
def test_the_script_of_what_serves_runs(jobs: Any, routed: Any, served: Any, chosen: JobState) -> None:
    record = serving(served) if served else a_record()
    assert decide(leaving(*jobs, routed=routed, record=record)).steps == (Unroute(), Resume(chosen))


def test_only_one_script_runs() -> None:
    begun = replace(OTHER, stage=Stage.RUNNING, since=NOW)
    assert decide(leaving(WAITS, begun, THIRD, routed=WAITS.release)).steps == ()
    assert decide(leaving(WAITS, replace(begun, stage=Stage.FAILED), routed=WAITS.release)).steps == (Remove("uid"),)


def test_what_is_left_out_has_its_last_script_too() -> None:
    plan = decide(leaving(WAITS, pull=a_pull(), excluded=LABEL))
    assert (plan.phase, plan.sentence, plan.steps) == (Phase.SKIPPED, LABEL.sentence, (Unroute(), Resume(WAITS)))


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.SUCCEEDED, Stage.FAILED])
@pytest.mark.parametrize("verdict", [Verdict(True, "Green."), Verdict(False, "Red.")])
def test_what_has_begun_to_go_goes_even_if_it_was_opened_again(stage: Stage, verdict: Verdict) -> None:
    found = leaving(replace(WAITS, stage=stage, since=NOW), pull=a_pull(), verdict=verdict)
    plan = decide(found)
    assert (plan.phase, plan.reason, plan.ends) == (Phase.CLOSING, "Removing", True)
    assert plan.sentence.startswith("The former preview is being removed.")
    assert plan.steps == (() if stage is Stage.RUNNING else (Remove("uid"),))
    gone = replace(found, preview=Preview("absent"), verdict=Verdict(True, "Green."))
    assert decide(gone).steps == (Arm(), Apply(a_release()))


def test_what_waits_for_its_end_is_part_of_a_whole_release() -> None:
    tidy = a_release(predestroy=Script("bin/tidy"))
    assert decide(facts(wanted=tidy, preview=active(READY))).steps == (Arm(), Apply(tidy))
    whole = a_state(predestroy=WAITS)
    assert decide(facts(wanted=tidy, preview=active(whole))).steps == (Switch(whole),)


# --- reset

DATA = a_release(addons=(DATABASE,), postdeploy=Script("bin/seed"))
UP = (a_server(DATABASE, DATA),)
RESETTING = "Deploying `aaaaaaa`. All its data is made anew."


@pytest.mark.parametrize(
    ("releases", "routed"),
    [((), None), ((READY,), READY.id), ((OLD, READY), OLD.id), ((OLD, STARTING), None)],
)
@pytest.mark.parametrize("failure", [None, Failure(DATA.id, NOW, Cause.ADDON, "It was not ready.")])
def test_everything_is_made_anew(releases: Any, routed: Any, failure: Any) -> None:
    done = setup(Stage.SUCCEEDED)
    preview = Preview("active", releases, routed, "uid", addons=UP, postdeploy=done)
    record = replace(serving(OLD), failed=failure)
    plan = decide(facts(wanted=DATA, preview=preview, record=record, reset=True))
    pruned = (Prune(each) for each in releases)
    assert plan == deploying("Resetting", RESETTING, Unroute(), *pruned, Wipe(UP, done), after=seconds(0))


def test_what_is_not_there_need_not_be_made_anew() -> None:
    assert decide(facts(wanted=DATA, reset=True)) == deploying("Resetting", RESETTING, after=seconds(0))
    leaves = Preview("active", uid="uid", addons=tuple(replace(each, leaving=True, undeleted=False) for each in UP))
    assert decide(facts(wanted=DATA, preview=leaves, reset=True)).steps == ()


def test_reset_goes_on_until_it_is_done__with_a_volume_whose_server_leaves() -> None:
    halfway = (replace(UP[0], leaving=True, undeleted=True),)
    begun = a_record(reason="Resetting")
    plan = decide(facts(wanted=DATA, preview=Preview("active", uid="uid", addons=halfway), record=begun, reset=True))
    assert plan == deploying("Resetting", RESETTING, Unroute(), Wipe(halfway, None))


def test_what_does_not_go_is_deleted_again_and_not_at_once() -> None:
    preview = Preview("active", uid="uid", addons=UP)
    plan = decide(facts(wanted=DATA, preview=preview, record=a_record(reason="Resetting"), reset=True))
    assert plan == deploying("Resetting", RESETTING, Unroute(), Wipe(UP, None), after=seconds(2))


@pytest.mark.parametrize(
    ("changes", "phase"),
    [
        ({"verdict": Verdict(False, "Red."), "wanted": None}, Phase.WAITING),
        ({"wanted": None, "problem": "It is wrong."}, Phase.FAILED),
        ({"excluded": LABEL}, Phase.SKIPPED),
        ({"pull": MERGED}, Phase.CLOSING),
        ({"preview": Preview("terminating", uid="uid")}, Phase.DEPLOYING),
    ],
    ids=["not green", "undefined", "left out", "closed", "going"],
)
def test_nothing_is_wiped_of_what_is_not_to_be_made_again(changes: dict[str, Any], phase: Phase) -> None:
    plan = decide(facts(**{"preview": active(OLD), "reset": True} | changes))
    assert plan.phase is phase
    assert not any(isinstance(step, Wipe | Prune) for step in plan.steps)


def test_reset_is_a_word_of_its_own() -> None:
    asked = Request("d1", RESET, HEAD, None, NOW)
    held = Failure(a_release().id, NOW, Cause.CRASH, "It ended.")
    plan = decide(facts(preview=active(STARTING), record=a_record(requests=(asked,), failed=held)))
    assert plan.reason != "Retrying"
