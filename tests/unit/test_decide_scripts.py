"""From facts to whole plans for the scripts of a preview's first and last moment, and for making it all anew."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import (
    KEPT,
    Apply,
    Arm,
    Drop,
    Facts,
    Plan,
    Prune,
    Remove,
    Resume,
    Run,
    Switch,
    Unroute,
    Wipe,
    decide,
)
from reviewbot.decide.closing import FAREWELL
from reviewbot.model import (
    REDEPLOY,
    RESET,
    Cause,
    Exclusion,
    Failure,
    JobState,
    Limits,
    Phase,
    Preview,
    PullState,
    ReleaseState,
    Request,
    Script,
    Stage,
    Trouble,
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

SEEDS = a_release(postdeploy=Script("bin/seed"))
SEEDING = "Deploying `aaaaaaa`. The script postdeploy runs."
IMAGE = Trouble(Cause.IMAGE, "Image `shop` was not found.", False)
ENDED = Trouble(Cause.CRASH, "Process `postdeploy` ended (Error, exit code 1).", False)


def setup(stage: Stage = Stage.RUNNING, **changes: Any) -> JobState:
    return a_job(stage, "postdeploy", **changes)


def seeding(job: JobState | None, *releases: ReleaseState, **more: Any) -> Facts:
    preview = Preview("active", releases or (READY,), more.pop("routed", None), "uid", postdeploy=job)
    return facts(**{"wanted": SEEDS, "preview": preview} | more)


# --- postdeploy


@pytest.mark.parametrize("state", [STARTING, READY])
def test_it_begins_when_the_processes_are_there(state: ReleaseState) -> None:
    assert decide(seeding(None, state)) == deploying(
        "Postdeploy", SEEDING, Arm(), Run(SEEDS, "postdeploy"), after=seconds(0)
    )
    assert decide(seeding(None, a_state(processes=frozenset()))).steps == (Arm(), Apply(SEEDS))


@pytest.mark.parametrize("release", [SEEDS.id, STRAY.id])
def test_the_address_waits_for_it(release: str) -> None:
    job = setup(release=release)
    assert decide(seeding(job)) == deploying("Postdeploy", SEEDING, after=seconds(0.2))
    assert decide(seeding(job, STARTING)) == deploying("Starting", "Deploying `aaaaaaa`.")


@pytest.mark.parametrize("release", [SEEDS.id, STRAY.id])
def test_it_succeeds_once_in_a_previews_life(release: str) -> None:
    assert decide(seeding(setup(Stage.SUCCEEDED, release=release))).steps == (Switch(READY),)


@pytest.mark.parametrize("job", [None, setup(Stage.FAILED), setup()])
def test_what_asks_for_none_waits_for_none(job: Any) -> None:
    assert decide(seeding(job, wanted=a_release())).steps == (Switch(READY),)


def failed(cause: Cause, sentence: str, job: JobState | None = None) -> Plan:
    failure = Failure(SEEDS.id, NOW, cause, sentence)
    output = job.output if job else None
    return Plan(Phase.FAILED, cause, sentence, (), NOW + minutes(5), failure=failure, output=output)


@pytest.mark.parametrize("state", [STARTING, READY])
def test_its_failure_keeps_the_address(state: ReleaseState) -> None:
    job = setup(Stage.FAILED, trouble=ENDED)
    sentence = f"The script postdeploy failed. {ENDED.sentence}"
    assert decide(seeding(job, state)) == failed(Cause.POSTDEPLOY, sentence, job)


def test_it_does_not_start() -> None:
    sentence = (
        "The script postdeploy did not start within 10 minutes."
        " The cluster has not started it; what is running may use up the preview's quota."
    )
    job = setup(output=None, since=NOW - Limits().ready)
    assert decide(seeding(job)) == failed(Cause.POSTDEPLOY, sentence)


@pytest.mark.parametrize("job", [setup(Stage.FAILED, release=STRAY.id), setup(trouble=IMAGE, release=STRAY.id)])
def test_another_commit_may_have_mended_it(job: JobState) -> None:
    assert decide(seeding(job)) == deploying("Postdeploy", "Deploying `aaaaaaa`.", Drop(job), after=seconds(0))


def test_what_was_stopped_ends_first() -> None:
    found = seeding(None)
    stopping = replace(found, preview=replace(found.preview, stopping=True))
    sentence = "Deploying `aaaaaaa`. What was stopped has not ended yet."
    assert decide(stopping) == deploying("Postdeploy", sentence)


HELD = Failure(SEEDS.id, NOW - minutes(5), Cause.POSTDEPLOY, "The script postdeploy failed.", "oops")


def test_its_failure_is_told_for_as_long_as_it_is_there() -> None:
    job = setup(Stage.FAILED, trouble=ENDED)
    plan = decide(seeding(job, record=a_record(failed=HELD)))
    sentence = f"The script postdeploy failed. {ENDED.sentence}"
    assert plan.failure == replace(HELD, sentence=sentence)


@pytest.mark.parametrize(("routed", "steps"), [(None, (Prune(READY),)), (READY.id, ())], ids=["never served", "serves"])
def test_a_day_later_what_never_served_goes(routed: Any, steps: Any) -> None:
    record = a_record(failed=replace(HELD, at=NOW - KEPT))
    assert decide(seeding(setup(Stage.FAILED), record=record, routed=routed)).steps == steps


ASKED = Request("delivery-1", REDEPLOY, HEAD, (5, "alice"), NOW)


@pytest.mark.parametrize(
    ("job", "dropped"),
    [
        (setup(Stage.FAILED), True),
        (setup(trouble=IMAGE), True),
        (setup(output=None), True),
        (setup(), False),
        (setup(Stage.SUCCEEDED), False),
    ],
    ids=["failed", "cannot start", "not started", "running", "succeeded"],
)
@pytest.mark.parametrize("state", [STARTING, READY])
def test_whoever_asks_gets_it_run_again_unless_it_runs_or_succeeded(
    job: JobState, dropped: bool, state: ReleaseState
) -> None:
    plan = decide(seeding(job, state, record=a_record(failed=HELD, requests=(ASKED,))))
    pruned = () if state.ready else (Prune(state),)
    assert plan == deploying(
        "Retrying", "Deploying `aaaaaaa` again.", *pruned, *([Drop(job)] if dropped else []), after=seconds(0)
    )


# --- pr-predestroy

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
    return Plan(Phase.CLOSING, "Removing", sentence, steps, NOW + seconds(after), in_flight=True, ends=True)


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
