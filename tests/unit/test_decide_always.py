"""What holds for every plan, whatever the facts: many of them, drawn at random from a fixed seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from reviewbot.decide import Apply, Facts, Forget, Plan, Prune, Remove, Render, Restore, Switch, Unroute, decide
from reviewbot.model import (
    Approval,
    Approvals,
    Cause,
    Deployed,
    Exclusion,
    Folder,
    JobState,
    Kustomization,
    OwnObjects,
    Phase,
    Preview,
    Process,
    PullState,
    Record,
    Release,
    ReleaseState,
    RepositoryId,
    Served,
    Sha,
    Stage,
    Trouble,
    Verdict,
)
from reviewbot.scope import is_trusted
from tests.unit.builders import HEAD, NOW, OLDER, REPOSITORY, a_pull, a_record, a_release, a_state, minutes, seconds

COUNT = 30_000
SHAS = [HEAD, OLDER, Sha("c" * 40)]
AGES = [seconds(0), seconds(3), minutes(5), minutes(10), minutes(15), minutes(60), timedelta(days=8)]
PROCESSES = [Process("web", "bin/web", 1), Process("worker", "bin/work", 2)]
SERVED = Served("web", 80, 8080)
NAMES = [("Deployment", "web"), ("Service", "web"), ("ConfigMap", "settings")]
OWN = OwnObjects(tuple({"kind": kind, "metadata": {"name": name}} for kind, name in NAMES[:2]), SERVED)


def a_state_by(draw: random.Random) -> ReleaseState:
    sha = draw.choice(SHAS)
    trouble = Trouble(draw.choice(list(Cause)), "Something is wrong.", draw.random() < 0.5)
    own = draw.random() < 0.2
    stage = draw.choice(list(Stage))
    return a_state(
        id=f"{sha[:7]}-{draw.randrange(2)}",
        sha=sha,
        since=NOW - draw.choice(AGES),
        processes=frozenset(draw.sample(["web", "worker"], draw.randrange(3))),
        ready=draw.random() < 0.5,
        trouble=trouble if draw.random() < 0.3 else None,
        objects=frozenset(draw.sample(NAMES, draw.randrange(4))) if own else frozenset(),
        served=SERVED if own else None,
        rendering=JobState("kustomize-1", "1", stage) if draw.random() < 0.2 else None,
    )


def a_preview_by(draw: random.Random) -> Preview:
    namespace = draw.choices(["absent", "active", "terminating", "foreign"], [3, 8, 1, 1])[0]
    if namespace != "active":
        return Preview(namespace, uid="uid" if namespace == "terminating" else None)  # type: ignore[arg-type]
    states = {state.id: state for state in (a_state_by(draw) for _ in range(draw.randrange(4)))}
    routed = draw.choice([None, "gone-0", *states])
    return Preview("active", tuple(states.values()), routed, "uid", answers=draw.random() < 0.2)


def a_record_by(draw: random.Random) -> Record:
    sha = draw.choice(SHAS)
    serving = Deployed(f"{sha[:7]}-{draw.randrange(2)}", sha, NOW - draw.choice(AGES))
    return a_record(
        serving=serving if draw.random() < 0.5 else None,
        closed_at=NOW - draw.choice(AGES) if draw.random() < 0.5 else None,
        phase=draw.choice([None, *Phase]),
        unready_since=NOW - draw.choice(AGES) if draw.random() < 0.5 else None,
        again=NOW + draw.choice([-1, 1]) * draw.choice(AGES) if draw.random() < 0.5 else None,
    )


def a_wanted_by(draw: random.Random, head: Sha) -> Release | None:
    processes = tuple(PROCESSES[: draw.choice([1, 2])])
    wanted = a_release(id=f"{head[:7]}-{draw.randrange(2)}", sha=head, processes=processes)
    unrendered = Kustomization(Folder("deploy", {}), "kustomize:1")
    made = [wanted, replace(wanted, processes=(), own=OWN), replace(wanted, processes=(), unrendered=unrendered)]
    return draw.choices([*made, None], [12, 2, 2, 4])[0]


DRAFT = Exclusion("Draft", "Waiting for the pull request to be ready for review.", waits=True)
LABEL = Exclusion("Label", "Pull requests labelled `no-preview` get no preview.")


def facts_by(draw: random.Random) -> Facts:
    head = draw.choice(SHAS[:2])
    pull = a_pull(
        head=head,
        state=draw.choices(list(PullState), [6, 1, 1, 1])[0],
        archived=draw.random() < 0.1,
        head_repository=draw.choices([REPOSITORY, RepositoryId(5), None], [18, 1, 1])[0],
    )
    until = NOW + seconds(30) if draw.random() < 0.5 else None
    return Facts(
        now=NOW,
        record=a_record_by(draw),
        pull=pull,
        preview=a_preview_by(draw),
        verdict=draw.choice([None, Verdict(True, "Green."), Verdict(False, "Not green.", until)]),
        wanted=a_wanted_by(draw, head),
        problem=draw.choice([None, "Something is wrong with app.json."]),
        answered=draw.choice([None, f"{head[:7]}-0", f"{head[:7]}-1"]),
        excluded=draw.choices([None, DRAFT, LABEL], [18, 1, 1])[0],
        approvals=Approvals(
            draw.choice([None, Approval("alice", NOW, SHAS[0])]),
            draw.choices([None, Approval("alice", NOW)], [4, 1])[0],
        ),
    )


@pytest.fixture(scope="module")
def cases() -> list[tuple[Facts, Plan]]:
    draw = random.Random(20260504)  # noqa: S311 - the same cases every time
    drawn = [facts_by(draw) for _ in range(COUNT)]
    return [(facts, decide(facts)) for facts in drawn]


Cases = list[tuple[Facts, Plan]]


def steps(cases: Cases, kind: type | tuple[type, ...]) -> Iterator[tuple[Facts, Plan, object]]:
    for facts, plan in cases:
        yield from ((facts, plan, step) for step in plan.steps if isinstance(step, kind))


def every(found: Iterator[tuple[Facts, Plan, object]], holds: Callable[[Facts, Plan, object], bool]) -> None:
    examined = 0
    for facts, plan, step in found:
        examined += 1
        assert holds(facts, plan, step), (facts, plan)
    assert examined > 100


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
    every(steps(cases, Remove), lambda facts, _plan, _step: not facts.pull.live or facts.excluded is not None)
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


def test_what_is_closed_untrusted_or_left_out_applies_nothing(cases: Cases) -> None:
    every(
        steps(cases, (Apply, Render, Switch)),
        lambda facts, _plan, _step: (
            facts.pull.live
            and is_trusted(facts.pull, facts.approvals)
            and (facts.excluded is None or facts.approvals.created is not None)
        ),
    )


def test_what_serves_or_is_wanted_is_never_pruned(cases: Cases) -> None:
    def spares(facts: Facts, _plan: Plan, step: object) -> bool:
        assert isinstance(step, Prune)
        assert facts.wanted is not None
        wanted = step.release.id == facts.wanted.id
        routed = step.release.id == facts.preview.routed
        taken_over = facts.wanted.own is not None and step.release.objects & facts.wanted.own.names
        return not wanted and not routed and not taken_over

    every(steps(cases, Prune), spares)


def test_only_a_route_that_leads_nowhere_is_taken_away(cases: Cases) -> None:
    def leads_nowhere(facts: Facts, plan: Plan, _step: object) -> bool:
        return facts.preview.routed is not None and not facts.preview.leads and plan.phase is not Phase.RUNNING

    every(steps(cases, Unroute), leads_nowhere)


def test_what_runs_is_looked_at_again(cases: Cases) -> None:
    assert all(plan.again is not None for _, plan in cases if plan.phase is Phase.RUNNING)


def test_a_foreign_namespace_gets_no_step_but_forgetting(cases: Cases) -> None:
    foreign = [plan for facts, plan in cases if facts.preview.namespace == "foreign"]
    assert len(foreign) > 100
    assert {type(step) for plan in foreign for step in plan.steps} <= {Forget}


def test_what_is_in_flight_is_looked_at_again(cases: Cases) -> None:
    assert all(plan.again is not None for _, plan in cases if plan.in_flight)
    assert all(plan.in_flight for _, plan in cases if plan.phase in {Phase.DEPLOYING, Phase.CLOSING})
