"""What a release waits for before its processes start: its add-ons."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reviewbot.decide import Apply, Arm, Facts, Plan, Provide, Prune, decide
from reviewbot.model import (
    AddonState,
    Cause,
    Failure,
    Limits,
    Output,
    Phase,
    Preview,
    ReleaseState,
    Trouble,
)
from tests.unit.builders import (
    CACHE,
    DATABASE,
    NOW,
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
    assert plan == deploying(
        "Addons", "Deploying `aaaaaaa`. Removing the former postgresql first.", after=seconds(after)
    )


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
