"""What serves is looked after: when its route goes and comes back, and when everything is checked."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import (
    CHECK,
    DRAIN,
    REFUSED,
    UNREADY,
    Apply,
    Arm,
    Facts,
    Prune,
    Restore,
    Switch,
    Unroute,
    decide,
)
from reviewbot.model import (
    Cause,
    Deployed,
    Exclusion,
    Failure,
    Limits,
    Output,
    Phase,
    Preview,
    ReleaseState,
    Sha,
    Trouble,
    Verdict,
)
from tests.unit.builders import HEAD, NOW, OLDER, a_pull, a_record, a_release, a_state, minutes, seconds

WANTED = a_release()
READY, RESTING = a_state(), a_state(ready=False)
OLD = a_state(id="bbbbbbb-0123456789", sha=OLDER)
OLD_RESTING = a_state(id=OLD.id, sha=OLDER, ready=False)
OUTPUT = Output("web-x", "web", restarted=True)


def facts(*releases: ReleaseState, routed: str | None = READY.id, green: bool = True, **record: Any) -> Facts:
    serving = Deployed(READY.id, HEAD, NOW - minutes(60))
    held = a_record(**({"serving": serving, "release": Deployed(READY.id, HEAD, NOW - minutes(61))} | record))
    verdict = Verdict(green, "Waiting for checks.")
    preview = Preview("active", releases, routed, "uid")
    return Facts(NOW, held, a_pull(), preview, verdict, WANTED if green else None)


@pytest.mark.parametrize("since", [None, UNREADY - seconds(1)])
def test_a_moment_without_an_answer_is_not_worth_a_word(since: Any) -> None:
    plan = decide(facts(RESTING, unready_since=NOW - since if since else None))
    assert (plan.phase, plan.sentence, plan.steps) == (Phase.RUNNING, "`aaaaaaa` is running.", ())
    assert plan.again == NOW + UNREADY - (since or seconds(0))


@pytest.mark.parametrize("since", [UNREADY, minutes(5)])
def test_a_route_goes_when_nothing_has_answered_for_a_while(since: Any) -> None:
    plan = decide(facts(RESTING, unready_since=NOW - since))
    assert (plan.phase, plan.reason, plan.in_flight) == (Phase.DEPLOYING, "NotReady", True)
    assert plan.sentence == "`aaaaaaa` was running and is not ready at the moment."
    assert plan.steps == (Unroute(),)


def test_it_comes_back_as_soon_as_something_answers() -> None:
    plan = decide(facts(READY, routed=None, unready_since=NOW - minutes(5)))
    assert plan.steps == (Switch(READY),)
    assert decide(facts(READY, unready_since=NOW - minutes(5))).phase is Phase.RUNNING


def test_what_does_not_come_back_has_failed() -> None:
    trouble = Trouble(Cause.CRASH, "Process `web` ended.", final=False, output=OUTPUT)
    resting = a_state(ready=False, trouble=trouble)
    plan = decide(facts(resting, routed=None, unready_since=NOW - Limits().ready))
    sentence = "`aaaaaaa` was running and has not been ready for 10 minutes. Process `web` ended."
    assert (plan.phase, plan.reason, plan.sentence) == (Phase.FAILED, "Crashed", sentence)
    assert plan.output == OUTPUT
    assert decide(facts(RESTING, routed=None, unready_since=NOW - Limits().ready)).reason == "NeverReady"


def test_what_failed_loses_its_route_on_time() -> None:
    ended = a_state(ready=False, trouble=Trouble(Cause.CRASH, "Process `web` keeps ending.", final=True))
    first = decide(facts(ended))
    assert (first.phase, first.steps, first.again) == (Phase.FAILED, (), NOW + UNREADY)
    assert decide(facts(ended, unready_since=NOW - UNREADY)).steps == (Unroute(),)


def test_a_route_to_what_is_gone_goes() -> None:
    plan = decide(facts(unready_since=NOW - UNREADY))
    assert plan.steps == (Arm(), Apply(WANTED), Unroute())


BEFORE = Deployed(OLD.id, OLDER, NOW - minutes(60))


def test_an_older_release_loses_its_route_and_gets_it_back_while_the_head_has_none() -> None:
    waiting = decide(facts(OLD_RESTING, routed=OLD.id, green=False, serving=BEFORE, unready_since=NOW - UNREADY))
    assert (waiting.phase, waiting.steps) == (Phase.WAITING, (Unroute(),))
    again = decide(facts(OLD, routed=None, green=False, serving=BEFORE))
    assert (again.phase, again.steps) == (Phase.WAITING, (Restore(OLD),))
    # It is kept for that while the head's release is brought up, and of no use any more once that is ready.
    starting = decide(facts(OLD, routed=None, serving=BEFORE))
    assert starting.steps == (Arm(), Apply(WANTED), Restore(OLD))
    assert decide(facts(OLD, READY, routed=None, serving=BEFORE)).steps == (Switch(READY),)


@pytest.mark.parametrize(("release", "routed"), [(OLD_RESTING, None), (OLD, OLD.id)])
def test_what_does_not_answer_or_has_the_route_is_given_none(release: ReleaseState, routed: str | None) -> None:
    assert decide(facts(release, routed=routed, green=False, serving=BEFORE)).steps == ()


@pytest.mark.parametrize(
    ("releases", "absent"), [((), Preview("absent")), ((), Preview("active", uid="uid")), ((RESTING,), None)]
)
def test_what_was_taken_away_is_made_again_and_starts_anew(releases: Any, absent: Preview | None) -> None:
    again = Deployed(READY.id, HEAD, NOW - seconds(1))
    if absent is None:
        plan = decide(facts(*releases, routed=None, release=again))
        assert (plan.reason, plan.sentence) == ("Starting", "Deploying `aaaaaaa`.")
        return
    # Checks that run again do not hold it: what serves was green once.
    given = facts(routed=None, release=None)
    plan = decide(Facts(NOW, given.record, a_pull(), absent, Verdict(False, "Waiting."), WANTED))
    assert (plan.reason, plan.steps) == ("Applying", (Arm(), Apply(WANTED)))


def test_the_password_is_copied_again_now_and_then() -> None:
    given = replace(facts(READY, phase=Phase.RUNNING, again=NOW), wanted=replace(WANTED, pull_secret="registry"))
    assert decide(given).steps == (Arm("registry"),)


def test_everything_is_checked_now_and_then() -> None:
    plan = decide(facts(READY, phase=Phase.RUNNING, again=NOW))
    assert (plan.phase, plan.steps) == (Phase.RUNNING, (Arm(),))
    assert plan.again is not None
    assert CHECK * 0.8 <= plan.again - NOW <= CHECK * 1.2


@pytest.mark.parametrize("again", [NOW, NOW + minutes(1), None])
def test_what_could_not_be_put_right_is_tried_before_it_is_well_again(again: Any) -> None:
    plan = decide(facts(READY, phase=Phase.FAILED, reason=REFUSED, again=again))
    assert (plan.phase, plan.steps) == (Phase.RUNNING, (Arm(),))


@pytest.mark.parametrize(
    ("record", "again"),
    [
        ({"phase": Phase.RUNNING, "again": NOW + minutes(3)}, NOW + minutes(3)),
        ({"phase": Phase.DEPLOYING, "again": NOW - minutes(3)}, None),
        ({"phase": Phase.RUNNING, "again": None}, None),
    ],
)
def test_a_poke_neither_checks_nor_puts_off_the_check(record: Any, again: Any) -> None:
    plan = decide(facts(READY, **record))
    assert plan.steps == ()
    assert plan.again == again if again else plan.again is not None and plan.again > NOW + minutes(7)


@pytest.mark.parametrize("draft", [False, True])
def test_what_serves_is_checked_while_its_head_waits(draft: bool) -> None:
    given = facts(OLD, routed=OLD.id, green=False, serving=BEFORE, phase=Phase.WAITING, again=NOW, pull_secret="own")
    plan = decide(replace(given, excluded=Exclusion("Draft", "Waiting.", waits=True) if draft else None))
    assert (plan.phase, plan.steps) == (Phase.WAITING, (Arm("own"),))
    assert plan.again is not None
    assert CHECK * 0.8 <= plan.again - NOW <= CHECK * 1.2
    # Of what never served nothing has to be looked after.
    assert decide(replace(given, record=replace(given.record, serving=None))).steps == ()


JUST = replace(OLD, since=NOW)
FORMER = a_state(id="ccccccc-0123456789", sha=Sha("c" * 40), since=NOW - minutes(9))
LATER = a_state(id="ddddddd-0123456789", sha=Sha("d" * 40), since=NOW + seconds(1), ready=False)


def overtaken(*, answered: bool = False, **record: Any) -> Facts:
    """A release was switched to when its pull request's head moved on; the one before it is still there."""
    before = {"serving": Deployed(FORMER.id, FORMER.sha, NOW - minutes(8)), "release": None}
    given = facts(FORMER, JUST, LATER, routed=JUST.id, green=False, **(before | record))
    return replace(given, answered=JUST.id if answered else None)


def test_a_switch_is_finished_though_the_head_waits_by_now() -> None:
    assert decide(overtaken()).again == NOW + seconds(0.2)
    assert decide(replace(overtaken(), now=NOW + minutes(4))).again == NOW + minutes(5)
    assert decide(overtaken(answered=True)).again == NOW
    drains = decide(overtaken(serving=Deployed(JUST.id, OLDER, NOW - seconds(1))))
    assert (drains.steps, drains.again) == ((), NOW - seconds(1) + DRAIN)
    served = overtaken(serving=Deployed(JUST.id, OLDER, NOW - DRAIN))
    alone = decide(served)
    assert (alone.phase, alone.steps, alone.again) == (Phase.WAITING, (Prune(FORMER),), NOW)
    failed = Failure(FORMER.id, NOW, Cause.CRASH, "It ended.")
    assert decide(replace(served, record=replace(served.record, failed=failed))).steps == ()


def test_a_switch_is_finished_by_nobody_else_where_the_head_is_deployed() -> None:
    plan = decide(facts(FORMER, READY, routed=FORMER.id, serving=None))
    assert plan.steps == (Switch(READY),)


def test_draining_is_not_put_off() -> None:
    serving = Deployed(READY.id, HEAD, NOW)
    plan = decide(facts(OLD, READY, serving=serving))
    assert (plan.steps, plan.again) == ((), NOW + DRAIN)
    later = Facts(
        NOW + DRAIN, a_record(serving=serving), a_pull(), Preview("active", (OLD, READY), READY.id), None, WANTED
    )
    assert decide(later).steps == (Prune(OLD),)


def test_pull_requests_are_checked_at_different_times() -> None:
    times = set()
    for number in range(1, 50):
        given = facts(READY)
        record = a_record(
            ref=type(given.record.ref)(given.record.ref.repository, given.record.ref.installation, number)
        )
        times.add(decide(Facts(NOW, record, a_pull(), given.preview, given.verdict, WANTED, answered=READY.id)).again)
    assert len(times) > 40
