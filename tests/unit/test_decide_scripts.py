"""The first setup of a preview: beside the processes, before the address, once in its life."""

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
    Run,
    Switch,
    decide,
)
from reviewbot.model import (
    REDEPLOY,
    Cause,
    Failure,
    JobState,
    Limits,
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
from tests.unit.decisions import READY, STARTING, STRAY, deploying, facts

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
