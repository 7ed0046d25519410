"""The release phase: after the add-ons, before any process, once for each release."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import IMAGE_DEADLINE, Apply, Arm, Drop, Facts, Plan, Provide, Prune, Run, decide
from reviewbot.model import (
    REDEPLOY,
    Cause,
    Failure,
    Phase,
    Preview,
    ReleaseState,
    Request,
    Script,
    Stage,
    Trouble,
)
from tests.unit.builders import (
    HEAD,
    NOW,
    a_job,
    a_record,
    a_release,
    a_state,
    minutes,
    seconds,
)
from tests.unit.decisions import OLD, STRAY, deploying, facts, serving
from tests.unit.test_decide_prepare import CLOSELY, LIMIT, SERVED, UP, failed, with_addons

MIGRATES = a_release(command=Script("bin/migrate"))


def migrating(job: Any = None, *others: ReleaseState, stopping: bool = False, **more: Any) -> Facts:
    own = (a_state(processes=frozenset(), ready=False, phase=job),) if job else ()
    preview = Preview("active", (*others, *own), None, "uid", stopping=stopping)
    return facts(**{"wanted": MIGRATES, "preview": preview} | more)


@pytest.mark.parametrize("others", [(), (STRAY,)])
def test_it_runs_before_any_process(others: Any) -> None:
    pruned = (Prune(each) for each in others)
    assert decide(migrating(None, *others)) == deploying(
        "ReleasePhase",
        "Deploying `aaaaaaa`. The release phase runs.",
        Arm(),
        Run(MIGRATES, "release"),
        *pruned,
        after=seconds(0),
    )


def test_it_begins_in_a_namespace_that_is_not_there_yet() -> None:
    assert decide(facts(wanted=MIGRATES)).steps == (Arm(), Run(MIGRATES, "release"))


def test_it_waits_for_add_ons() -> None:
    both = replace(SERVED, command=Script("bin/migrate"))
    assert decide(with_addons(wanted=both)).steps == (Arm(), Provide(both))
    assert decide(with_addons(*UP, wanted=both)).steps == (Arm(), Run(both, "release"))


def test_that_of_an_older_commit_is_stopped_first() -> None:
    older = replace(STRAY, phase=a_job(release=STRAY.id))
    assert decide(migrating(None, older)) == deploying(
        "ReleasePhase",
        "Deploying `aaaaaaa`. The release phase of an older commit is stopped first.",
        Prune(older),
        after=seconds(0),
    )
    assert decide(migrating(None, stopping=True)) == deploying(
        "ReleasePhase", "Deploying `aaaaaaa`. What was stopped has not ended yet."
    )


# After a reset what served last may be no further than that itself.
LAST = replace(OLD, processes=frozenset(), ready=False, phase=a_job(release=OLD.id))


@pytest.mark.parametrize("others", [(), (STRAY,), (replace(STRAY, phase=a_job(release=STRAY.id)),)])
def test_release_phases_never_overlap__that_of_what_served_last_is_stopped_first(others: Any) -> None:
    assert decide(migrating(None, LAST, *others, record=serving(LAST))) == deploying(
        "ReleasePhase",
        "Deploying `aaaaaaa`. The release phase of an older commit is stopped first.",
        Drop(LAST.phase),  # type: ignore[arg-type]
        *(Prune(each) for each in others),
        after=seconds(0),
    )


def test_release_phases_never_overlap__one_that_is_being_stopped_is_waited_for() -> None:
    stopping = migrating(None, record=serving(LAST), stopping=True)
    assert decide(stopping) == deploying("ReleasePhase", "Deploying `aaaaaaa`. What was stopped has not ended yet.")
    over = replace(stopping, preview=replace(stopping.preview, stopping=False))
    assert decide(over).steps == (Arm(), Run(MIGRATES, "release"))


@pytest.mark.parametrize("stage", [Stage.SUCCEEDED, Stage.FAILED])
def test_release_phases_never_overlap__but_one_that_ended_stays_with_what_serves(stage: Stage) -> None:
    older = replace(OLD, phase=a_job(stage, release=OLD.id))
    given = migrating(None, older, record=serving(older))
    routed = replace(given.preview, routed=older.id)
    assert decide(replace(given, preview=routed)).steps == (Arm(), Run(MIGRATES, "release"))


def test_one_that_ended_is_in_nobodys_way() -> None:
    older = replace(STRAY, phase=a_job(Stage.FAILED, release=STRAY.id))
    assert decide(migrating(None, older)).steps == (Arm(), Run(MIGRATES, "release"), Prune(older))


@pytest.mark.parametrize(("waited", "after"), [(0, 0.2), (10, 1), (600, 2), (3000, 2)])
def test_it_is_waited_for(waited: float, after: float) -> None:
    job = a_job(since=NOW - seconds(waited))
    plan = decide(migrating(job))
    assert plan == deploying("ReleasePhase", "Deploying `aaaaaaa`. The release phase runs.", after=seconds(after))


def test_processes_start_once_it_succeeded() -> None:
    assert decide(migrating(a_job(Stage.SUCCEEDED))) == deploying(
        "Applying", "Deploying `aaaaaaa`.", Arm(), Apply(MIGRATES)
    )


def test_what_runs_has_its_release_phase_behind_it() -> None:
    preview = Preview("active", (a_state(phase=None),), None, "uid")
    assert decide(facts(wanted=MIGRATES, preview=preview)).reason == "Switching"


ENDED = Trouble(Cause.CRASH, "Process `release` ended (Error, exit code 1).", False)


@pytest.mark.parametrize(
    ("trouble", "why"), [(ENDED, ENDED.sentence), (None, "The cluster does not say why.")], ids=["said", "unsaid"]
)
def test_a_failure_keeps_what_serves(trouble: Any, why: str) -> None:
    job = a_job(Stage.FAILED, trouble=trouble)
    plan = decide(migrating(job, OLD, record=serving(OLD)))
    restored = plan.steps[0].release  # type: ignore[union-attr]
    assert restored == OLD
    assert replace(plan, steps=(), again=NOW + minutes(5)) == failed(
        Cause.RELEASE, f"The release phase failed. {why}", job.output
    )


IMAGE = Trouble(Cause.IMAGE, "Image `shop` was not found.", False)
NO_ROOM = Trouble(Cause.UNSCHEDULABLE, "No node can take it.", False)
ROOT = Trouble(Cause.ROOT, "The image runs as root.", True)


@pytest.mark.parametrize(
    ("trouble", "waited", "cause"),
    [
        (ROOT, seconds(0), Cause.ROOT),
        (NO_ROOM, LIMIT, Cause.UNSCHEDULABLE),
        (IMAGE, IMAGE_DEADLINE, Cause.IMAGE),
    ],
)
def test_it_cannot_start(trouble: Trouble, waited: Any, cause: Cause) -> None:
    plan = decide(migrating(a_job(trouble=trouble, since=NOW - waited)))
    assert plan == failed(cause, f"The release phase cannot start. {trouble.sentence}")


def test_while_it_cannot_start_that_is_told() -> None:
    assert decide(migrating(a_job(trouble=NO_ROOM))) == deploying(
        "ReleasePhase", "Deploying `aaaaaaa`. No node can take it.", after=CLOSELY
    )
    sentence = "Waiting for the image. Image `shop` was not found."
    waiting = Plan(Phase.WAITING, "Image", sentence, (), NOW + seconds(2), in_flight=True)
    assert decide(migrating(a_job(trouble=IMAGE, since=NOW - LIMIT))) == waiting


def test_it_does_not_start() -> None:
    sentence = (
        "The release phase did not start within 10 minutes."
        " The cluster has not started it; what is running may use up the preview's quota."
    )
    job = a_job(output=None, since=NOW - LIMIT)
    assert decide(migrating(job)) == failed(Cause.RELEASE, sentence)
    assert decide(migrating(replace(job, since=NOW))).phase is Phase.DEPLOYING


HELD = Failure(MIGRATES.id, NOW - minutes(60), Cause.RELEASE, "The release phase failed.", "oops")


@pytest.mark.parametrize("job", [a_job(Stage.FAILED), None], ids=["there", "deleted"])
def test_what_failed_is_not_run_again(job: Any) -> None:
    plan = decide(migrating(job, record=a_record(failed=HELD)))
    again = HELD.at + minutes(24 * 60) if job else None
    assert plan == Plan(Phase.FAILED, Cause.RELEASE, HELD.sentence, (), again, failure=HELD)


@pytest.mark.parametrize(("log", "read"), [(None, True), ("", False), ("oops", False)])
def test_what_it_wrote_is_asked_for_until_that_was_seen(log: str | None, read: bool) -> None:
    job = a_job(Stage.FAILED)
    plan = decide(migrating(job, record=a_record(failed=replace(HELD, log=log))))
    assert plan.output == (job.output if read else None)


def test_a_day_later_it_is_cleared_away() -> None:
    held = replace(HELD, at=NOW - minutes(24 * 60))
    (step,) = decide(migrating(a_job(Stage.FAILED), record=a_record(failed=held))).steps
    assert isinstance(step, Prune)


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.SUCCEEDED])
def test_what_could_not_start_goes_on_once_it_can(stage: Stage) -> None:
    held = replace(HELD, reason=Cause.IMAGE)
    plan = decide(migrating(a_job(stage), record=a_record(failed=held)))
    assert plan.phase is Phase.DEPLOYING


def test_whoever_asks_gets_it_run_again() -> None:
    asked = Request("delivery-1", REDEPLOY, HEAD, (5, "alice"), NOW)
    found = migrating(a_job(Stage.FAILED), record=a_record(failed=HELD, requests=(asked,)))
    (step,) = decide(found).steps
    assert step == Prune(found.preview.releases[0])
    gone = replace(found, preview=Preview("active", (), None, "uid"), record=a_record())
    assert decide(gone).steps == (Arm(), Run(MIGRATES, "release"))


def test_another_config_var_is_another_release_with_its_own_release_phase() -> None:
    former = a_state(id="aaaaaaa-9999999999", phase=a_job(Stage.SUCCEEDED, release="aaaaaaa-9999999999"))
    plan = decide(migrating(None, former, record=serving(former)))
    assert plan.steps[:2] == (Arm(), Run(MIGRATES, "release"))
    assert not any(isinstance(step, Drop | Prune) for step in plan.steps)
