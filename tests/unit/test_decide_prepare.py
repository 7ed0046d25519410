"""From facts to whole plans for what a release's processes wait for: add-ons, then the release phase."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reviewbot.decide import IMAGE_DEADLINE, Apply, Arm, Drop, Facts, Plan, Provide, Prune, Run, decide
from reviewbot.model import (
    REDEPLOY,
    AddonState,
    Cause,
    Failure,
    Limits,
    Output,
    Phase,
    Preview,
    ReleaseState,
    Request,
    Script,
    Stage,
    Trouble,
)
from tests.unit.builders import (
    CACHE,
    DATABASE,
    HEAD,
    NOW,
    a_job,
    a_record,
    a_release,
    a_server,
    a_state,
    minutes,
    seconds,
)
from tests.unit.decisions import OLD, STRAY, deploying, facts, serving

LIMIT = Limits().ready
SERVED = a_release(addons=(DATABASE, CACHE))
UP = (a_server(DATABASE, SERVED), a_server(CACHE, SERVED))
MIGRATES = a_release(command=Script("bin/migrate"))
STARTING_BOTH = "Deploying `aaaaaaa`. Starting postgresql, redis."
CLOSELY = timedelta(milliseconds=200)


def with_addons(*addons: AddonState, releases: tuple[ReleaseState, ...] = (), **more: Any) -> Facts:
    preview = Preview("active", releases, None, "uid", addons=addons)
    return facts(**{"wanted": SERVED, "preview": preview} | more)


def server(**changes: Any) -> AddonState:
    return a_server(DATABASE, SERVED, **{"since": NOW} | changes)


@pytest.mark.parametrize(
    "addons",
    [
        (),
        UP[:1],
        (UP[0], a_server(CACHE, SERVED, whole=False)),
        (a_server(DATABASE, SERVED, definition="another"), UP[1]),
    ],
    ids=["none", "one is missing", "one is half there", "the catalogue has changed"],
)
@pytest.mark.parametrize("releases", [(), (a_state(),)], ids=["first", "running"])
def test_add_ons_are_brought_up_or_up_to_date(addons: Any, releases: Any) -> None:
    plan = decide(with_addons(*addons, releases=releases))
    assert plan == deploying("Addons", STARTING_BOTH, Arm(), Provide(SERVED), after=seconds(0))


def test_add_ons_come_with_walls_and_take_the_room_of_what_failed() -> None:
    preview = Preview("active", (OLD, STRAY), OLD.id, "uid")
    wanted = replace(SERVED, pull_secret="registry")
    plan = decide(facts(wanted=wanted, preview=preview))
    assert plan.steps == (Arm("registry"), Provide(wanted), Prune(STRAY))


@pytest.mark.parametrize(("waited", "after"), [(0, 0.2), (1, 0.2), (5, 0.5), (60, 2)])
def test_what_is_leaving_is_waited_for(waited: float, after: float) -> None:
    leaving = server(whole=False, ready=False, leaving=True, since=NOW - seconds(waited))
    plan = decide(with_addons(leaving, UP[1]))
    assert plan == deploying("Addons", "Deploying `aaaaaaa`. Removing the former postgresql first.", after=seconds(after))


def failed(cause: Cause, sentence: str, output: Output | None = None, at: Any = NOW) -> Plan:
    failure = Failure(SERVED.id, at, cause, sentence)
    return Plan(Phase.FAILED, cause, sentence, (), NOW + minutes(5), failure=failure, output=output)


def test_what_does_not_leave_is_told() -> None:
    leaving = server(whole=False, leaving=True, since=NOW - LIMIT)
    sentence = "The cluster has not removed the former postgresql within 10 minutes."
    assert decide(with_addons(leaving, UP[1])) == failed(Cause.ADDON, sentence)


CRASH = Trouble(Cause.CRASH, "Process `postgresql` ended.", False, Output("postgresql-0", "postgresql", True))
SILENT = Trouble(Cause.NEVER_READY, "Process `postgresql` runs, but nothing answers on port 5432.", False)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [(None, ""), (CRASH, f" {CRASH.sentence}"), (SILENT, "")],
    ids=["starting", "trouble", "not answering yet"],
)
def test_add_ons_are_waited_for(trouble: Any, why: str) -> None:
    plan = decide(with_addons(server(ready=False, trouble=trouble), UP[1]))
    assert plan == deploying("Addons", STARTING_BOTH + why, after=CLOSELY)


@pytest.mark.parametrize(
    ("trouble", "waited", "why"),
    [
        (replace(CRASH, final=True), seconds(0), CRASH.sentence),
        (CRASH, LIMIT, CRASH.sentence),
        (SILENT, LIMIT, SILENT.sentence),
        (None, LIMIT, "The cluster has not started it; what is running may use up the preview's quota."),
    ],
)
def test_an_add_on_that_does_not_get_ready(trouble: Any, waited: Any, why: str) -> None:
    plan = decide(with_addons(server(ready=False, trouble=trouble, since=NOW - waited), UP[1]))
    output = trouble.output if trouble else None
    assert plan == failed(Cause.ADDON, f"The add-on postgresql does not get ready. {why}", output)


def test_its_failure_is_looked_at_again_and_over_once_it_is_ready() -> None:
    held = Failure(SERVED.id, NOW - minutes(20), Cause.ADDON, "It was not ready.")
    down = server(ready=False, since=NOW - minutes(20))
    record = a_record(failed=held)
    assert decide(with_addons(down, UP[1], record=record)).failure == replace(
        held,
        sentence="The add-on postgresql does not get ready."
        " The cluster has not started it; what is running may use up the preview's quota.",
    )
    assert decide(with_addons(*UP, record=record)).steps == (Arm(), Apply(SERVED))


def test_what_runs_is_not_held_by_an_add_on_that_is_away() -> None:
    running = with_addons(server(ready=False), UP[1], releases=(a_state(),), record=serving(a_state()))
    assert decide(running).reason == "Switching"


def test_add_ons_that_nobody_wants_are_left_alone() -> None:
    former = a_server(CACHE, SERVED, whole=False, ready=False, leaving=True, since=NOW - LIMIT)
    assert decide(with_addons(former, wanted=a_release())).steps == (Arm(), Apply(a_release()))


# --- the release phase


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
