"""What does not get ready: how long it is waited for, what is said, and what is remembered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reviewbot.decide import (
    IMAGE_DEADLINE,
    PATIENCE,
    QUOTA_DEADLINE,
    Apply,
    Arm,
    Plan,
    decide,
)
from reviewbot.model import (
    Cause,
    Deployed,
    Failure,
    Limits,
    Output,
    Phase,
    ReleaseState,
    Trouble,
)
from tests.unit.builders import NOW, a_record, a_state, minutes, seconds
from tests.unit.decisions import (
    CLUSTER_LOOK,
    OLD,
    READY,
    RETRY,
    STARTING,
    WANTED,
    active,
    deploying,
    facts,
    serving,
)


def failed(
    trouble: Trouble, *steps: Any, state: ReleaseState = STARTING, since: Any = NOW, log: str | None = None
) -> Plan:
    failure = Failure(state.id, since, trouble.cause, trouble.sentence, log)
    again = NOW + RETRY
    return Plan(Phase.FAILED, trouble.cause, trouble.sentence, steps, again, failure=failure, output=trouble.output)


OUTPUT = Output("web-aaaaaaa-x", "web", restarted=True)
SILENT = Trouble(Cause.NEVER_READY, "Process `web` runs, but nothing answers.", final=False, output=OUTPUT)


@pytest.mark.parametrize(
    ("trouble", "why", "output"), [(None, "", None), (SILENT, " Process `web` runs, but nothing answers.", OUTPUT)]
)
@pytest.mark.parametrize("waited", [seconds(1), PATIENCE - seconds(1), PATIENCE, Limits().ready])
def test_what_takes_long_to_start_is_told(trouble: Any, why: str, output: Any, waited: Any) -> None:
    plan = decide(facts(preview=active(a_state(ready=False, since=NOW - waited, trouble=trouble))))
    if waited >= Limits().ready:
        sentence = f"It did not get ready within 10 minutes.{why}"
        assert plan == failed(Trouble(Cause.NEVER_READY, sentence, final=True, output=output))
    else:
        assert plan == deploying("Starting", "Deploying `aaaaaaa`." + (why if waited >= PATIENCE else ""))


def test_a_password_is_copied_again_where_an_image_did_not_come() -> None:
    private = replace(WANTED, pull_secret="registry")
    trouble = Trouble(Cause.IMAGE, "It cannot be pulled.", final=False)
    preview = active(a_state(ready=False, since=NOW - IMAGE_DEADLINE, trouble=trouble))
    assert decide(facts(preview=preview, wanted=private)).steps == (Arm("registry"),)
    assert decide(facts(preview=preview)).steps == ()


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    "waited", [seconds(1), QUOTA_DEADLINE, Limits().ready - seconds(1), Limits().ready, IMAGE_DEADLINE]
)
@pytest.mark.parametrize("cause", [cause for cause in Cause if cause not in {Cause.IMAGE, Cause.NEVER_READY}])
def test_not_ready_is_explained__at_its_deadline(cause: Cause, waited: Any, final: bool) -> None:
    trouble = Trouble(cause, "Something is wrong.", final, OUTPUT)
    preview = active(OLD, a_state(ready=False, since=NOW - waited, trouble=trouble), routed=OLD.id)
    plan = decide(facts(preview=preview))
    # A config Secret that somebody took away comes back.
    steps = (Apply(WANTED),) if cause is Cause.CONFIG else ()
    if final or waited >= (QUOTA_DEADLINE if cause is Cause.QUOTA else Limits().ready):
        assert plan == failed(trouble, *steps)
    else:
        assert plan == deploying(cause, "Deploying `aaaaaaa`. Something is wrong.", *steps)


@pytest.mark.parametrize("waited", [seconds(1), Limits().ready, IMAGE_DEADLINE - seconds(1), IMAGE_DEADLINE])
def test_image_missing(waited: Any) -> None:
    trouble = Trouble(Cause.IMAGE, "Image `x` cannot be pulled.", final=False)
    preview = active(a_state(ready=False, since=NOW - waited, trouble=trouble))
    plan = decide(facts(preview=preview))
    if waited < IMAGE_DEADLINE:
        sentence = "Waiting for the image. Image `x` cannot be pulled."
        assert plan == Plan(Phase.WAITING, "Image", sentence, (), NOW + CLUSTER_LOOK, in_flight=True)
    else:
        assert plan == failed(trouble)


def test_an_impossible_image_fails_at_once() -> None:
    trouble = Trouble(Cause.IMAGE, "`X` is not an image name.", final=True)
    plan = decide(facts(preview=active(a_state(ready=False, trouble=trouble))))
    assert plan == failed(trouble)


@pytest.mark.parametrize("trouble", [None, Trouble(Cause.CRASH, "Process `web` ended.", final=False)])
def test_what_served_for_an_hour_is_not_said_to_have_never_started(trouble: Trouble | None) -> None:
    resting = a_state(ready=False, since=NOW - minutes(60), trouble=trouble)
    record = replace(serving(resting, minutes(59)), unready_since=NOW - minutes(1))
    plan = decide(facts(preview=active(resting), record=record))
    why = f" {trouble.sentence}" if trouble else ""
    assert plan == deploying("NotReady", f"`aaaaaaa` was running and is not ready at the moment.{why}")


def test_what_served_and_will_not_mend_itself_has_failed() -> None:
    trouble = Trouble(Cause.CRASH, "Process `web` ended (OOMKilled, exit code 137).", final=True)
    ended = a_state(ready=False, since=NOW - minutes(60), trouble=trouble)
    plan = decide(facts(preview=active(ended), record=serving(ended, minutes(59))))
    assert plan == failed(trouble)


@pytest.mark.parametrize(
    ("held", "since", "log"),
    [
        (Failure(READY.id, NOW - minutes(5), Cause.CRASH, "As before.", "its log"), NOW - minutes(5), "its log"),
        # Of another failure the log tells something else.
        (Failure(READY.id, NOW - minutes(5), Cause.IMAGE, "As before.", "its log"), NOW - minutes(5), None),
        (Failure(OLD.id, NOW - minutes(5), Cause.CRASH, "As before.", "its log"), NOW, None),
    ],
)
def test_a_failure_is_remembered_from_its_first_moment(held: Failure, since: Any, log: str | None) -> None:
    trouble = Trouble(Cause.CRASH, "Process `web` keeps ending.", True, OUTPUT)
    plan = decide(facts(preview=active(a_state(ready=False, trouble=trouble)), record=a_record(failed=held)))
    assert plan == failed(trouble, since=since, log=log)


@pytest.mark.parametrize("skew", [minutes(-90), minutes(90)])
def test_ttl_uses_server_time__the_clusters_clock_does_not_end_a_release(skew: timedelta) -> None:
    state = replace(a_state(ready=False), since=NOW - skew)
    begun = a_record(release=Deployed(state.id, state.sha, NOW - minutes(1)))
    for record in (a_record(), begun):
        given = replace(facts(preview=active(state)), record=record)
        assert decide(given).phase is Phase.DEPLOYING


@pytest.mark.parametrize(
    ("age", "after"), [(minutes(19), RETRY), (minutes(60), minutes(15)), (minutes(600), minutes(60))]
)
def test_what_has_failed_for_long_is_looked_at_less_often(age: Any, after: Any) -> None:
    trouble = Trouble(Cause.CRASH, "Process `web` keeps ending.", final=True)
    held = Failure(READY.id, NOW - age, Cause.CRASH, trouble.sentence)
    plan = decide(facts(preview=active(a_state(ready=False, trouble=trouble)), record=a_record(failed=held)))
    assert plan.again == NOW + after
