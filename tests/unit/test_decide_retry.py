"""A release that failed is kept for a day, then not brought up again until somebody asks."""

from typing import Any

import pytest

from reviewbot.decide import KEPT, Apply, Arm, Facts, Plan, Prune, decide
from reviewbot.model import REDEPLOY, Failure, Phase, Preview, ReleaseState, Request, Sha, Verdict
from tests.unit.builders import HEAD, NOW, OLDER, a_pull, a_record, a_release, a_state, minutes, seconds

WANTED = a_release()
DOWN = a_state(ready=False)
HALF = a_state(ready=False, processes=frozenset())
OLD = a_state(id="bbbbbbb-0123456789", sha=OLDER)
ASKED = Request("delivery-1", REDEPLOY, HEAD, (5, "alice"), NOW)


def held(age: Any = KEPT, release: str = WANTED.id) -> Failure:
    return Failure(release, NOW - age, "Crashed", "Process `web` keeps ending.", "oops")


def plan(*releases: ReleaseState, failure: Failure | None = None, **record: Any) -> Plan:
    preview = Preview("active", (OLD, *releases), OLD.id, "uid")
    remembered = a_record(failed=failure or held(), **record)
    return decide(Facts(NOW, remembered, a_pull(), preview, Verdict(True, "Green."), WANTED))


def failed(failure: Failure, *steps: Any, again: Any = None) -> Plan:
    return Plan(Phase.FAILED, "Crashed", failure.sentence, steps, again, failure=failure)


def test_it_is_kept_for_a_day() -> None:
    before = held(KEPT - seconds(1))
    assert plan(DOWN, failure=before).steps == ()


@pytest.mark.parametrize("state", [DOWN, HALF])
def test_then_it_goes_and_what_serves_stays(state: ReleaseState) -> None:
    assert plan(state) == failed(held(), Prune(state))


@pytest.mark.parametrize("age", [minutes(1), KEPT, KEPT * 9])
def test_what_is_gone_is_not_brought_up_again(age: Any) -> None:
    assert plan(failure=held(age)) == failed(held(age))


def test_what_is_half_gone_waits_for_its_time() -> None:
    assert plan(HALF, failure=held(minutes(1))) == failed(held(minutes(1)), again=NOW + KEPT - minutes(1))


def test_what_got_ready_after_all_is_used() -> None:
    assert plan(a_state()).reason == "Switching"


def test_another_release_is_tried() -> None:
    assert plan(failure=held(release="ccccccc-1")).steps[:2] == (Arm(), Apply(WANTED))


@pytest.mark.parametrize("age", [minutes(1), KEPT])
@pytest.mark.parametrize(("releases", "steps"), [((), ()), ((DOWN,), (Prune(DOWN),)), ((HALF,), (Prune(HALF),))])
def test_whoever_asks_gets_another_try(releases: Any, steps: Any, age: Any) -> None:
    found = plan(*releases, failure=held(age), requests=(ASKED,))
    assert found == Plan(Phase.DEPLOYING, "Retrying", "Deploying `aaaaaaa` again.", steps, again=NOW, in_flight=True)


@pytest.mark.parametrize(
    "other",
    [
        Request("delivery-1", REDEPLOY, Sha(OLDER), (5, "alice"), NOW),
        Request("delivery-1", "trust", HEAD, (5, "alice"), NOW),
    ],
)
def test_what_was_asked_of_another_commit_is_no_reason(other: Request) -> None:
    assert plan(requests=(other,)) == failed(held())
