"""Deployments on GitHub, of very many commits: none is left active, and the record does not grow with them."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from reviewbot.model import Phase, Sha
from reviewbot.report import Report, digest
from tests.unit.builders import HEAD, OLDER, REF
from tests.unit.stores import Object, Store
from tests.unit.telling import World, a_report, ended, known, states, written

CRD = Path(__file__).resolve().parents[2] / "manifests" / "cluster" / "crds" / "reviewapps.yaml"
FAST = [Sha(f"{number:040x}") for number in range(40)]


def _room() -> int:
    """For how many deployments the API server lets a record have room."""
    definition = yaml.safe_load(CRD.read_text())
    status = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    return int(status["properties"]["deployments"]["maxItems"])


MOST = _room()
SERVED = [Sha(f"{number:039x}f") for number in range(MOST)]


class Refusing(Store):
    """Refuses what the API server would."""

    def patch(
        self, kind: str, name: str, namespace: str, change: Object, subresource: str | None = None
    ) -> Object | None:
        assert len(change.get("status", {}).get("deployments") or ()) <= MOST
        return super().patch(kind, name, namespace, change, subresource)


@pytest.fixture
def world() -> World:
    return World(Refusing())


def eight_end(world: World) -> None:
    """Have as many on record that are over as are kept."""
    for number in range(8):
        world.writes(a_report(Phase.RUNNING, head=Sha(f"{number:039x}e")))
    world.writes(a_report(Phase.CLOSED))
    assert len(ended(world)) == 8


def is_made(world: World, told: Report) -> None:
    """Tell of it for as long as it takes to make the head's, and no longer."""
    world.teller.put(REF.name, told)
    while told.sha not in states(world):
        assert world.step() is not None


def with_apps(head: Sha, apps: int) -> Report:
    """The head is deployed while so many apps serve older commits, each its own."""
    return replace(a_report(head=head), live=(head, *SERVED[:apps]))


def serve(world: World, apps: int) -> None:
    """Have it so that each of them was a head once."""
    for number in range(apps):
        world.writes(with_apps(SERVED[number], number))


def shown_active(world: World) -> list[Sha]:
    """Commits whose deployment is not over, as GitHub shows it."""
    return [sha for sha, said in states(world).items() if said[-1] != "inactive"]


def test_of_those_that_are_over_the_last_eight_are_on_record(world: World) -> None:
    heads = [Sha(f"{number:040x}") for number in range(12)]
    for head in heads:
        world.writes(a_report(Phase.RUNNING, head=head))
    on_record = world.record().deployments
    assert on_record is not None
    assert [each.sha for each in on_record] == heads[-9:]
    assert written(world, a_report(head=heads[0], serving=heads[-1])) == ["in_progress deployment 101"], (
        "it is looked for"
    )


@pytest.mark.parametrize("serves", [False, True])
def test_record_has_room__however_fast_pushes_come(world: World, serves: bool) -> None:
    eight_end(world)
    serving = OLDER if serves else None
    if serving:
        world.writes(a_report(Phase.RUNNING, head=serving))
    for head in FAST:
        is_made(world, a_report(head=head, serving=serving))
        assert len(ended(world)) == 8
    world.writes(a_report(Phase.RUNNING, head=FAST[-1]))
    assert shown_active(world) == [FAST[-1]]


@pytest.mark.parametrize("apps", [1, 7, 8, 14, 15])
def test_record_has_room__where_each_app_serves_a_commit_of_its_own(world: World, apps: int) -> None:
    eight_end(world)
    serve(world, apps)
    for head in FAST:
        is_made(world, with_apps(head, apps))
    world.writes(with_apps(FAST[-1], apps))
    assert shown_active(world) == [*SERVED[:apps], FAST[-1]]


def test_record_has_room__all_of_it_is_used_and_no_more(world: World) -> None:
    eight_end(world)
    serve(world, MOST)
    assert len(known(world)) == MOST
    told = with_apps(HEAD, MOST)
    assert written(world, told) == []
    assert world.record().told == digest(told)
    assert len(written(world, replace(told, live=(HEAD, *SERVED[1:])))) == 3
    assert shown_active(world) == [*SERVED[1:], HEAD]


@pytest.mark.parametrize("pushes", [False, True])
def test_nothing_leaks_in_a_hundred_lives(world: World, pushes: bool) -> None:
    for number in range(100):
        head = Sha(f"{number:040x}") if pushes else HEAD
        world.writes(a_report(Phase.RUNNING, head=head))
        world.writes(a_report(Phase.CLOSED, head=head))
        assert (known(world), len(ended(world)) <= 8) == ((), True)
    assert len(states(world)) == (100 if pushes else 1)
    assert {said[-1] for said in states(world).values()} == {"inactive"}
