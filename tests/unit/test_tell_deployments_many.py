"""Deployments on GitHub, of very many commits: none is left active, and the record does not grow with them."""

import pytest

from reviewbot.model import Phase, Sha
from tests.unit.builders import HEAD, REF
from tests.unit.telling import World, a_report, ended, known, states, written


@pytest.fixture
def world() -> World:
    return World()


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


def test_what_may_still_be_active_stays_bounded_however_fast_pushes_come(world: World) -> None:
    heads = [Sha(f"{number:040x}") for number in range(40)]
    for head in heads:
        world.teller.put(REF.name, a_report(Phase.RUNNING, head=head))
        while head not in states(world):
            world.step()
        assert (len(known(world)) <= 16, len(ended(world)) <= 8) == (True, True)
    world.writes(a_report(Phase.RUNNING, head=heads[-1]))
    assert [sha for sha, said in states(world).items() if said[-1] != "inactive"] == heads[-1:]


@pytest.mark.parametrize("pushes", [False, True])
def test_nothing_leaks_in_a_hundred_lives(world: World, pushes: bool) -> None:
    for number in range(100):
        head = Sha(f"{number:040x}") if pushes else HEAD
        world.writes(a_report(Phase.RUNNING, head=head))
        world.writes(a_report(Phase.CLOSED, head=head))
        assert (known(world), len(ended(world)) <= 8) == ((), True)
    assert len(states(world)) == (100 if pushes else 1)
    assert {said[-1] for said in states(world).values()} == {"inactive"}
