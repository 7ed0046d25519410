"""What holds for every plan, whatever the facts: many of them, drawn at random from a fixed seed."""

import random
from collections.abc import Callable, Iterator

import pytest

from reviewbot.decide import (
    Apply,
    Arm,
    Drop,
    Facts,
    Forget,
    Plan,
    Provide,
    Prune,
    Remove,
    Render,
    Restore,
    Resume,
    Run,
    Switch,
    Unroute,
    Wipe,
    decide,
)
from reviewbot.decide.closing import FAREWELL
from reviewbot.model import JobState, Phase, PullState, ReleaseState, Stage
from reviewbot.scope import is_trusted
from tests.unit.drawn import facts_by

COUNT = 30_000


@pytest.fixture(scope="module")
def cases() -> list[tuple[Facts, Plan]]:
    draw = random.Random(20260504)  # noqa: S311 - the same cases every time
    drawn = [facts_by(draw) for _ in range(COUNT)]
    return [(facts, decide(facts)) for facts in drawn]


Cases = list[tuple[Facts, Plan]]


def steps(cases: Cases, kind: type | tuple[type, ...]) -> Iterator[tuple[Facts, Plan, object]]:
    for facts, plan in cases:
        yield from ((facts, plan, step) for step in plan.steps if isinstance(step, kind))


def farewells(facts: Facts) -> list[JobState]:
    return [each.predestroy for each in facts.preview.releases if each.predestroy]


def every(found: Iterator[tuple[Facts, Plan, object]], holds: Callable[[Facts, Plan, object], bool]) -> None:
    examined = 0
    for facts, plan, step in found:
        examined += 1
        assert holds(facts, plan, step), (facts, plan)
    assert examined > 40


def test_every_plan_says_something(cases: Cases) -> None:
    for facts, plan in cases:
        assert isinstance(plan.phase, Phase)
        assert plan.reason.isidentifier()
        assert plan.sentence.endswith((".", "json."))
        assert plan.again is None or plan.again >= facts.now
    assert {plan.phase for _, plan in cases} == set(Phase)


def test_the_same_facts_give_the_same_plan(cases: Cases) -> None:
    assert all(decide(facts) == plan for facts, plan in cases[:1000])


def test_nothing_is_removed_while_an_open_pull_request_is_to_have_it(cases: Cases) -> None:
    every(
        steps(cases, Remove),
        lambda facts, _plan, _step: (
            not facts.pull.live
            or facts.excluded is not None
            or any(job.stage is not Stage.SUSPENDED for job in farewells(facts))
        ),
    )
    every(steps(cases, Forget), lambda facts, _plan, _step: facts.pull.state is not PullState.OPEN)


def test_only_our_own_namespace_is_removed(cases: Cases) -> None:
    every(
        steps(cases, Remove),
        lambda facts, _plan, step: facts.preview.namespace == "active" and step == Remove("uid"),
    )


def test_a_record_is_forgotten_only_when_nothing_is_left(cases: Cases) -> None:
    every(
        steps(cases, Forget),
        lambda facts, plan, _step: plan.phase is Phase.CLOSED and facts.preview.namespace in {"absent", "foreign"},
    )


def test_only_what_is_ready_and_of_the_head_takes_the_route(cases: Cases) -> None:
    every(
        steps(cases, Switch),
        lambda facts, _plan, step: (
            isinstance(step, Switch)
            and step.release.ready
            and step.release in facts.preview.releases
            and step.release.sha == facts.pull.head
        ),
    )


def test_only_what_served_last_and_is_ready_gets_a_route_back(cases: Cases) -> None:
    def served(facts: Facts, plan: Plan, step: object) -> bool:
        assert isinstance(step, Restore)
        last = facts.record.serving is not None and facts.record.serving.id == step.release.id
        alone = not any(isinstance(other, Switch | Remove) for other in plan.steps)
        spared = alone and Prune(step.release) not in plan.steps
        return last and step.release.ready and facts.preview.routed is None and facts.pull.live and spared

    every(steps(cases, Restore), served)


def test_nothing_is_applied_that_was_never_green(cases: Cases) -> None:
    def green_or_there(facts: Facts, _plan: Plan, step: object) -> bool:
        green = facts.verdict is not None and facts.verdict.green
        there = any(state.sha == facts.pull.head for state in facts.preview.releases)
        served = facts.record.serving is not None and facts.record.serving.sha == facts.pull.head
        return isinstance(step, Apply) and step.release.sha == facts.pull.head and (green or there or served)

    every(steps(cases, Apply), green_or_there)


def test_a_kustomization_is_rendered_before_anything_else_is_made(cases: Cases) -> None:
    every(steps(cases, Render), lambda facts, _plan, _step: facts.wanted is not None and facts.wanted.own is None)
    every(
        steps(cases, Apply),
        lambda facts, _plan, _step: facts.wanted is not None and facts.wanted.unrendered is None,
    )


def test_what_is_closed_untrusted_or_left_out_runs_nothing(cases: Cases) -> None:
    every(
        steps(cases, (Provide, Render, Run, Apply, Switch, Drop)),
        lambda facts, _plan, _step: (
            facts.pull.live and is_trusted(facts.pull, facts.approvals) and facts.excluded is None
        ),
    )


def test_what_serves_or_is_wanted_is_never_pruned_by_what_fails(cases: Cases) -> None:
    def spares(facts: Facts, plan: Plan, step: object) -> bool:
        assert isinstance(step, Prune)
        if plan.reason == "Resetting":
            return facts.reset
        release, failure, serving = step.release, facts.record.failed, facts.record.serving
        if facts.wanted is None:
            others = {facts.preview.routed, failure.id if failure else None}
            return facts.record.has_served(str(facts.preview.routed)) and release.id not in others
        if release.id == facts.wanted.id:
            again = plan.reason == "Retrying" and not release.ready
            return failure is not None and failure.id == release.id and (again or release.id != facts.preview.routed)
        if facts.wanted.own is not None and release.objects & facts.wanted.own.names:
            return False
        return release.id != facts.preview.routed and (serving is None or serving.id != release.id)

    every(steps(cases, Prune), spares)


def test_only_a_route_that_leads_nowhere_is_taken_away(cases: Cases) -> None:
    def leads_nowhere(facts: Facts, plan: Plan, _step: object) -> bool:
        if plan.ends or plan.reason == "Resetting":
            return True
        return facts.preview.routed is not None and not facts.preview.leads and plan.phase is not Phase.RUNNING

    every(steps(cases, Unroute), leads_nowhere)


def test_no_process_starts_before_add_ons_are_there_and_the_release_phase_succeeded(cases: Cases) -> None:
    def prepared(facts: Facts, _plan: Plan, step: object) -> bool:
        assert isinstance(step, Apply)
        state, servers = facts.preview.release(step.release.id), facts.preview.addons
        runs = state is not None and state.started
        wanted = {addon.name for addon in step.release.addons}
        there = wanted <= {each.name for each in servers if each.whole and not each.leaving and (each.ready or runs)}
        phase = state.phase if state else None
        migrated = step.release.command is None or runs or (phase is not None and phase.stage is Stage.SUCCEEDED)
        return there and migrated

    every(steps(cases, Apply), prepared)


def test_nothing_runs_twice_or_beside_another(cases: Cases) -> None:
    def alone(facts: Facts, plan: Plan, step: object) -> bool:
        assert isinstance(step, Run)
        state = facts.preview.release(step.release.id)
        if step.kind == "postdeploy":
            return facts.preview.postdeploy is None and not facts.preview.stopping
        pruned = [each.release for each in plan.steps if isinstance(each, Prune)]
        killed = any(each.phase and each.phase.stage is Stage.RUNNING for each in pruned)
        return (state is None or state.phase is None) and not facts.preview.stopping and not killed

    every(steps(cases, Run), alone)


def test_release_phases_never_overlap(cases: Cases) -> None:
    def only_one(facts: Facts, _plan: Plan, step: object) -> bool:
        assert isinstance(step, Run)
        others = (each.phase for each in facts.preview.releases if each.id != step.release.id)
        return step.kind != "release" or not any(each and each.stage is Stage.RUNNING for each in others)

    every(steps(cases, Run), only_one)


def test_only_what_failed_never_started_or_is_of_no_use_is_forgotten(cases: Cases) -> None:
    def may_go(facts: Facts, plan: Plan, step: object) -> bool:
        assert isinstance(step, Drop)
        assert facts.wanted is not None
        if step.job == facts.preview.postdeploy:
            return step.job.stage is Stage.FAILED or step.job.idle
        (owner,) = {each.id for each in facts.preview.releases if step.job in _commands(each)}
        if owner != facts.wanted.id or plan.reason == "Retrying" or plan.phase is Phase.FAILED:
            return True
        # What a rendering wrote can be gone when it is needed again.
        return step.job.stage is Stage.SUCCEEDED and facts.wanted.unrendered is not None

    every(steps(cases, Drop), may_go)


def _commands(state: ReleaseState) -> tuple[JobState | None, ...]:
    return (state.phase, state.predestroy, state.rendering, *state.jobs)


def test_nobody_is_let_in_before_the_setup_succeeded(cases: Cases) -> None:
    def is_set_up(facts: Facts, _plan: Plan, _step: object) -> bool:
        assert facts.wanted is not None
        job = facts.preview.postdeploy
        return facts.wanted.postdeploy is None or (job is not None and job.stage is Stage.SUCCEEDED)

    every(steps(cases, Switch), is_set_up)


def test_nothing_is_removed_before_its_last_script_is_over(cases: Cases) -> None:
    def over(facts: Facts, _plan: Plan, _step: object) -> bool:
        jobs = farewells(facts)
        return not jobs or any(
            job.stage in {Stage.SUCCEEDED, Stage.FAILED}
            or (job.stage is Stage.RUNNING and job.since is not None and facts.now - job.since >= FAREWELL)
            for job in jobs
        )

    every(steps(cases, Remove), over)


def test_only_one_last_script_begins_and_only_at_the_end(cases: Cases) -> None:
    every(
        steps(cases, Resume),
        lambda facts, plan, _step: plan.ends and all(job.stage is Stage.SUSPENDED for job in farewells(facts)),
    )


def test_nothing_is_wiped_that_nobody_asked_for(cases: Cases) -> None:
    every(steps(cases, Wipe), lambda facts, plan, _step: facts.reset and plan.reason == "Resetting")
    resetting = [facts for facts, plan in cases if plan.reason == "Resetting"]
    assert all(facts.reset and facts.pull.live for facts in resetting)
    assert all(facts.wanted or facts.record.reason == "Resetting" for facts in resetting)


def test_reset_goes_on_until_it_is_done(cases: Cases) -> None:
    resetting = [(facts.preview, plan.steps) for facts, plan in cases if plan.reason == "Resetting"]
    assert len(resetting) > 100
    for preview, found in resetting:
        left = tuple(addon for addon in preview.addons if addon.undeleted)
        if left or preview.releases or preview.routed or preview.postdeploy:
            assert Wipe(left, preview.postdeploy) in found
            assert {each.id for each in preview.releases} == {each.release.id for each in found if type(each) is Prune}
        else:
            assert found == ()


def test_nothing_is_done_in_a_namespace_that_is_not_there_but_making_it(cases: Cases) -> None:
    absent = [plan for facts, plan in cases if facts.preview.namespace == "absent" and plan.steps]
    assert len(absent) > 100
    assert {type(plan.steps[0]) for plan in absent} == {Arm, Forget}


def test_what_runs_is_looked_at_again(cases: Cases) -> None:
    assert all(plan.again is not None for _, plan in cases if plan.phase is Phase.RUNNING)


def test_a_foreign_namespace_gets_no_step_but_forgetting(cases: Cases) -> None:
    foreign = [plan for facts, plan in cases if facts.preview.namespace == "foreign"]
    assert len(foreign) > 100
    assert {type(step) for plan in foreign for step in plan.steps} <= {Forget}


def test_what_is_in_flight_is_looked_at_again(cases: Cases) -> None:
    assert all(plan.again is not None for _, plan in cases if plan.in_flight)
    assert all(plan.in_flight for _, plan in cases if plan.phase in {Phase.DEPLOYING, Phase.CLOSING})
