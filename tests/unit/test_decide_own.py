"""Releases of a repository's own objects: rendered first, updated in place, and pruned without what is taken over."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import (
    KEPT,
    UNREADY,
    Apply,
    Arm,
    Drop,
    Facts,
    Prune,
    Render,
    Restore,
    Switch,
    Unroute,
    decide,
)
from reviewbot.model import (
    REDEPLOY,
    Cause,
    Deployed,
    Failure,
    Folder,
    JobState,
    Kustomization,
    OwnObjects,
    Phase,
    Preview,
    Release,
    ReleaseState,
    Request,
    Served,
    Stage,
    Trouble,
    Verdict,
)
from tests.unit.builders import HEAD, NOW, OLDER, a_pull, a_record, a_release, a_state, minutes, seconds

SERVED = Served("web", 8000, "app")
NAMES = frozenset({("Deployment", "web"), ("Service", "web"), ("Job", "index-aaaaaaa-0")})
OBJECTS = tuple({"kind": kind, "metadata": {"name": name}} for kind, name in sorted(NAMES))
WANTED = a_release(id="aaaaaaa-0", processes=(), own=OwnObjects(OBJECTS, SERVED))
UNRENDERED = replace(WANTED, own=None, unrendered=Kustomization(Folder("deploy", {}), "kustomize:1"))
ARM = Arm(port="app")


def own_state(release: str = WANTED.id, **changes: Any) -> ReleaseState:
    values: dict[str, Any] = {"processes": frozenset(), "objects": NAMES, "served": SERVED}
    return a_state(id=release, **(values | changes))


# What is left of the release that serves once the wanted one has taken over what has the same name.
REST = own_state("bbbbbbb-0", sha=OLDER, objects=frozenset({("ConfigMap", "old")}), served=None, ready=False)
SERVING = Deployed("bbbbbbb-0", OLDER, NOW - minutes(60))


def facts(*states: ReleaseState, wanted: Release = WANTED, routed: str | None = None, **changes: Any) -> Facts:
    answers = changes.pop("answers", True)
    record = a_record(serving=SERVING if routed else None, **changes)
    preview = Preview("active", states, routed, "uid", answers=answers)
    return Facts(NOW, record, a_pull(), preview, Verdict(True, "Green."), wanted)


def rendering(stage: Stage, **changes: Any) -> ReleaseState:
    job = JobState("kustomize-aaaaaaa-0", WANTED.id, stage, **changes)
    return a_state(id=WANTED.id, processes=frozenset(), ready=False, rendering=job)


def test_a_kustomization_is_rendered_before_anything_else() -> None:
    plan = decide(facts(wanted=replace(UNRENDERED, command=a_release().command)))
    assert (plan.reason, plan.steps) == ("Rendering", (Arm(), Render(UNRENDERED)))


def test_it_is_waited_for_while_it_is_rendered() -> None:
    plan = decide(facts(rendering(Stage.RUNNING), wanted=UNRENDERED))
    assert (plan.phase, plan.reason, plan.steps) == (Phase.DEPLOYING, "Rendering", ())


def test_a_rendering_that_fails() -> None:
    why = Trouble(Cause.CRASH, "Process kustomize ended (Error, exit code 1).", True)
    plan = decide(facts(rendering(Stage.FAILED, trouble=why), wanted=UNRENDERED))
    assert (plan.phase, plan.reason) == (Phase.FAILED, Cause.RENDER)
    assert plan.sentence == f"Rendering the kustomization failed. {why.sentence}"


def test_what_was_rendered_and_is_lost_is_rendered_again() -> None:
    state = rendering(Stage.SUCCEEDED)
    assert state.rendering is not None
    assert decide(facts(state, wanted=UNRENDERED)).steps == (Drop(state.rendering),)


def test_with_its_objects_it_is_applied() -> None:
    assert decide(facts(rendering(Stage.SUCCEEDED))).steps == (ARM, Apply(WANTED))


@pytest.mark.parametrize("missing", sorted(NAMES))
def test_it_is_whole_only_with_every_object(missing: tuple[str, str]) -> None:
    assert decide(facts(own_state(objects=NAMES - {missing}))).steps == (ARM, Apply(WANTED))


def test_what_the_wanted_one_takes_over_is_not_pruned() -> None:
    left = frozenset({("ConfigMap", "stray")})
    stray = own_state("ccccccc-0", objects=NAMES | left, jobs=(INDEX,))
    old = own_state("bbbbbbb-0", sha=OLDER)
    plan = decide(facts(stray, old, answers=False))
    assert plan.steps[2] == Prune(replace(stray, objects=left))
    # Some of it may be what serves.
    plan = decide(facts(stray, old, routed="bbbbbbb-0"))
    assert plan.steps == (ARM, Apply(WANTED), Drop(INDEX))


def test_the_route_stays_while_it_is_updated() -> None:
    starting = own_state(ready=False)
    assert decide(facts(REST, starting, routed="bbbbbbb-0", unready_since=NOW - UNREADY)).steps == ()
    away = decide(facts(REST, starting, routed="bbbbbbb-0", unready_since=NOW - UNREADY, answers=False))
    assert away.steps == (Unroute(),)


def test_when_it_is_ready_it_takes_the_route_and_then_the_rest_goes() -> None:
    ready = own_state()
    assert decide(facts(REST, ready, routed="bbbbbbb-0")).steps == (Switch(ready),)
    switched = facts(REST, ready, routed=WANTED.id)
    now_serving = replace(switched.record, serving=Deployed(WANTED.id, HEAD, NOW - seconds(10)))
    assert decide(replace(switched, record=now_serving)).steps == (Prune(REST),)


def test_one_that_fails_leaves_the_pods_before_alone() -> None:
    crash = Trouble(Cause.CRASH, "Process shop keeps ending.", True)
    plan = decide(facts(REST, own_state(ready=False, trouble=crash), routed="bbbbbbb-0"))
    assert (plan.phase, plan.reason, plan.steps) == (Phase.FAILED, Cause.CRASH, ())


def failed_before(**changes: Any) -> dict[str, Any]:
    return {"failed": Failure(WANTED.id, NOW - changes.pop("age", minutes(5)), Cause.CRASH, "It crashed."), **changes}


INDEX = JobState("index-aaaaaaa-0", WANTED.id, Stage.FAILED)
BROKEN = own_state(ready=False, jobs=(INDEX,))


@pytest.mark.parametrize(("answers", "steps"), [(True, (Drop(INDEX),)), (False, (Prune(BROKEN),))])
def test_trying_it_again_takes_nothing_from_what_serves(answers: bool, steps: Any) -> None:
    given = failed_before(requests=(Request("r", REDEPLOY, HEAD, None, NOW),), unready_since=NOW)
    plan = decide(facts(BROKEN, routed="bbbbbbb-0", answers=answers, **given))
    assert (plan.reason, plan.steps) == ("Retrying", steps)


@pytest.mark.parametrize(("answers", "steps"), [(True, (Drop(INDEX),)), (False, (Prune(BROKEN),))])
def test_after_a_day_nothing_is_taken_from_what_serves(answers: bool, steps: Any) -> None:
    given = failed_before(age=KEPT, unready_since=NOW)
    plan = decide(facts(BROKEN, routed="bbbbbbb-0", answers=answers, **given))
    assert (plan.phase, plan.steps) == (Phase.FAILED, steps)


def test_a_route_that_was_lost_is_given_back_to_the_service_of_the_one_that_serves() -> None:
    old = own_state("bbbbbbb-0", sha=OLDER)
    given = facts(old, routed=None)
    given = replace(given, record=replace(given.record, serving=SERVING), verdict=Verdict(False, "Red."))
    assert decide(given).steps == (Restore(old),)
