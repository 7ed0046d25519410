"""What somebody deleted on GitHub is made again, once, whatever becomes of the answers."""

import pytest

from reviewbot.model import Phase
from tests.unit.builders import HEAD, REF
from tests.unit.telling import World, a_report


@pytest.fixture
def world() -> World:
    return World()


def test_a_deleted_comment_is_made_again_once(world: World) -> None:
    world.tell(a_report())
    world.board.comments.clear()
    assert world.tell(a_report()) == []
    assert world.tell(a_report(Phase.RUNNING)) == ["update check run 1", "create comment 3"]
    assert sorted(world.board.comments) == [3]
    assert world.tell(a_report(Phase.RUNNING)) == []


@pytest.mark.parametrize("restarts", [False, True])
def test_a_deleted_comment_is_made_again_once__though_the_reply_is_lost(world: World, restarts: bool) -> None:
    world.tell(a_report())
    world.board.comments.clear()
    told = a_report(Phase.RUNNING)
    world.teller.put(REF.name, told)
    world.step()
    world.loses_the_reply(restarts)
    assert world.tell(told)[-1:] == ["update comment 3"]
    assert world.board.comments == {3: told.comment}
    assert world.tell(told) == []


def test_a_comment_that_was_made_again_says_goodbye__though_the_reply_was_lost(world: World) -> None:
    world.tell(a_report())
    world.board.comments.clear()
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    world.step()
    world.loses_the_reply()
    told = a_report(Phase.CLOSED)
    assert world.tell(told) == ["update check run 1", "update comment 3"]
    assert world.board.comments == {3: told.comment}


def test_a_deleted_comment_is_not_made_again_to_say_goodbye(world: World) -> None:
    world.tell(a_report())
    world.board.comments.clear()
    assert world.tell(a_report(Phase.CLOSED)) == ["update check run 1"]
    assert world.board.comments == {}
    assert world.tell(a_report(Phase.CLOSED)) == []


def test_a_deleted_check_run_is_made_again(world: World) -> None:
    world.tell(a_report())
    world.board.check_runs.clear()
    assert world.tell(a_report(Phase.RUNNING)) == ["create check run 3", "update comment 2"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_deleted_check_run_is_made_again_once__though_the_reply_is_lost(world: World, restarts: bool) -> None:
    world.tell(a_report())
    world.board.check_runs.clear()
    told = a_report(Phase.RUNNING)
    world.teller.put(REF.name, told)
    world.loses_the_reply(restarts)
    assert world.tell(told) == ["update check run 3", "update comment 2"]
    assert world.board.check_runs == {3: (HEAD, told.check_run)}
