"""GitHub moved towards the latest report: one write at a time, found before it is repeated, and only when needed."""

import pytest

from reviewbot.model import Phase, PullRequestRef
from reviewbot.reconcile.tell.pace import PACE
from reviewbot.report import digest
from tests.unit.builders import HEAD, INSTALLATION, NOW, OLDER, REF, a_ref, seconds
from tests.unit.stores import at_once
from tests.unit.telling import World, a_report


@pytest.fixture
def world() -> World:
    return World()


def test_check_run_then_comment_then_deployment_a_step_each(world: World) -> None:
    told = a_report()
    world.teller.put(REF.name, told)
    writes = ["create check run 1", "create comment 2", "create deployment 101", "in_progress deployment 101"]
    for steps in range(1, len(writes) + 1):
        assert world.teller.tell(REF.name) == NOW + steps * PACE
        assert world.board.writes == writes[:steps]
        world.now += PACE
    assert world.teller.tell(REF.name) is None
    assert world.board.check_runs == {1: (HEAD, told.check_run)}
    assert world.board.comments == {2: told.comment}


def test_what_is_told_is_not_told_again(world: World) -> None:
    world.tell(a_report())
    assert world.tell(a_report()) == []
    world.teller = world.a_teller()
    assert world.tell(a_report()) == []


def test_what_changed_is_edited(world: World) -> None:
    world.tell(a_report())
    told = a_report(Phase.RUNNING, "It runs.")
    assert world.tell(told) == ["update check run 1", "update comment 2"]
    assert (world.board.check_runs[1], world.board.comments[2]) == ((HEAD, told.check_run), told.comment)


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.SKIPPED, Phase.CLOSING, Phase.CLOSED])
def test_no_comment_is_made_when_there_is_nothing_to_announce(world: World, phase: Phase) -> None:
    assert world.tell(a_report(phase)) == ["create check run 1"]


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.SKIPPED, Phase.CLOSING, Phase.CLOSED])
def test_a_comment_that_is_there_is_kept_true(world: World, phase: Phase) -> None:
    world.tell(a_report())
    told = a_report(phase)
    assert world.tell(told) == ["update check run 1", "update comment 2"]
    assert world.board.comments == {2: told.comment}


def test_out_of_date_reports_are_skipped(world: World) -> None:
    world.tell(a_report())
    for number in range(50):
        world.teller.put(REF.name, a_report(sentence=f"Number {number}."))
    assert world.tell(a_report(sentence="The last.")) == ["update check run 1", "update comment 2"]


def test_a_report_that_comes_between_two_writes_is_the_one_told(world: World) -> None:
    world.teller.put(REF.name, a_report(sentence="The first."))
    world.step()
    latest = a_report(Phase.RUNNING, "The second.")
    assert world.tell(latest) == ["update check run 1", "create comment 2"]
    assert world.board.comments == {2: latest.comment}


def test_a_report_put_while_the_last_look_is_taken_is_not_lost(world: World) -> None:
    told, later = a_report(), a_report(Phase.RUNNING)
    world.tell(told)
    world.teller.put(REF.name, told)
    world.store.before = at_once("get", lambda: world.teller.put(REF.name, later))
    assert world.step() is None
    while world.step() is not None:
        pass
    assert world.board.comments == {2: later.comment}


def test_another_head_gets_a_check_run_of_its_own(world: World) -> None:
    world.tell(a_report(head=OLDER))
    assert world.tell(a_report()) == ["update check run 1", "create check run 3", "update comment 2"]
    before, after = world.board.check_runs[1], world.board.check_runs[3]
    assert (before[0], before[1].status, before[1].conclusion) == (OLDER, "completed", "neutral")
    assert before[1].title == "Superseded by aaaaaaa."
    assert after[0] == HEAD


def test_a_finished_check_run_of_another_head_is_left_alone(world: World) -> None:
    world.tell(a_report(Phase.RUNNING, head=OLDER))
    assert world.tell(a_report(Phase.RUNNING)) == ["create check run 3", "update comment 2"]


def test_a_head_that_comes_back_finds_its_check_run(world: World) -> None:
    for head in (HEAD, OLDER):
        world.tell(a_report(head=head))
    assert world.tell(a_report(Phase.RUNNING)) == ["update check run 3", "update check run 1", "update comment 2"]
    assert sorted(world.board.check_runs) == [1, 3]


@pytest.mark.parametrize("phase", [Phase.SKIPPED, Phase.RUNNING, Phase.FAILED, Phase.CLOSED])
def test_what_has_ended_does_not_go_on(world: World, phase: Phase) -> None:
    world.tell(a_report(Phase.DEPLOYING))
    world.tell(a_report(phase))
    again = a_report(Phase.WAITING, "Again.")
    assert world.tell(again) == ["create check run 3", "update comment 2"]
    assert world.board.check_runs[1][1] == a_report(phase).check_run
    assert world.board.check_runs[3] == (HEAD, again.check_run)
    assert world.tell(a_report(phase)) == ["update check run 3", "update comment 2"]


@pytest.mark.parametrize("restarts", [True, False])
@pytest.mark.parametrize("then", [Phase.DEPLOYING, Phase.RUNNING])
def test_what_has_ended_does_not_go_on__and_the_answer_is_lost(world: World, then: Phase, restarts: bool) -> None:
    world.tell(a_report(Phase.FAILED))
    world.teller.put(REF.name, a_report(sentence="Again."))
    world.loses_the_reply(restarts)
    told = a_report(then)
    assert world.tell(told) == ["update check run 3", "update comment 2"]
    assert world.board.check_runs[3] == (HEAD, told.check_run)


def test_what_has_ended_does_not_go_on__of_which_the_record_knows_nothing(world: World) -> None:
    world.tell(a_report(Phase.FAILED))
    world.store.items["ReviewApp", REF.name]["status"] = {}
    world.teller = world.a_teller()
    assert world.tell(a_report()) == ["create check run 3", "update comment 2"]


def test_a_lost_reply_is_found_instead_of_repeated(world: World) -> None:
    told = a_report()
    world.teller.put(REF.name, told)
    for lost in ("create check run 1", "create comment 2"):
        world.loses_the_reply()
        assert world.board.writes[-1] == lost
        world.step()
    assert world.tell(told) == []
    assert (len(world.board.check_runs), len(world.board.comments)) == (1, 1)
    assert world.board.comments == {2: told.comment}


def test_a_restart_between_the_write_and_the_memory_doubles_nothing(world: World) -> None:
    world.teller.put(REF.name, a_report())
    world.loses_the_reply(restarts=True)
    world.tell(a_report())
    assert (sorted(world.board.check_runs), sorted(world.board.comments)) == ([1], [2])


def test_the_oldest_of_two_comments_is_kept_true_and_the_other_goes(world: World) -> None:
    told = a_report()
    world.board.comments |= {8: told.comment, 5: told.comment}
    assert world.tell(told) == ["create check run 9", "delete comment 8", "update comment 5"]
    assert world.board.comments == {5: told.comment}


def test_writes_of_one_installation_keep_their_distance(world: World) -> None:
    refs = [a_ref(number) for number in (1, 2, 3)]
    for ref in refs:
        world.records.poke(ref)
        world.teller.put(ref.name, a_report(Phase.WAITING))
    assert [world.tries(ref.name) for ref in refs] == [NOW + PACE, NOW + PACE, NOW + 2 * PACE]
    assert len(world.board.writes) == 1
    world.now += PACE - seconds(0.1)
    assert world.tries(refs[1].name) == NOW + 3 * PACE
    world.now += seconds(0.1)
    world.teller.tell(refs[1].name)
    assert len(world.board.writes) == 2


def test_installations_do_not_wait_for_each_other(world: World) -> None:
    other = PullRequestRef(REF.repository, type(INSTALLATION)(77), 13)
    for ref in (REF, other):
        world.records.poke(ref)
        world.teller.put(ref.name, a_report(Phase.WAITING))
        world.teller.tell(ref.name)
    assert len(world.board.writes) == 2


def test_that_everything_is_told_is_remembered_only_then(world: World) -> None:
    world.teller.put(REF.name, a_report())
    for _ in range(4):
        world.step()
        assert world.record().told is None
    world.step()
    assert world.record().told == digest(a_report())


def test_a_newer_report_is_not_called_told(world: World) -> None:
    world.tell(a_report())
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    world.step()
    assert world.record().told != digest(a_report(Phase.RUNNING))


def test_what_comes_back_is_told_again__while_something_else_is_shown(world: World) -> None:
    world.tell(a_report())
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    world.step()
    world.step()
    world.teller = world.a_teller()
    world.teller.put(REF.name, a_report())
    assert not world.record().told
    assert world.tell(a_report()) == ["create check run 3", "update comment 2"]
    assert world.record().told == digest(a_report())


@pytest.mark.parametrize("restarts", [True, False])
@pytest.mark.parametrize("writes", range(3))
def test_what_comes_back_is_told_again__after_a_write_that_was_cut_off(
    world: World, writes: int, restarts: bool
) -> None:
    world.writes(a_report())
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    for _ in range(writes):
        world.step()
    world.loses_the_reply(restarts)
    told = a_report()
    world.writes(told)
    newest = max(world.board.check_runs)
    assert (world.board.check_runs[newest][1], world.board.comments[2]) == (told.check_run, told.comment)
    assert [states[-1].state for _, states in world.board.deployments.values()] == ["in_progress"]
    assert world.record().told == digest(told)
    assert world.writes(told) == []


def test_nothing_is_told_without_a_report_or_a_record(world: World) -> None:
    assert world.teller.tell(REF.name) is None
    world.teller.put("pr-1-1", a_report())
    assert world.teller.tell("pr-1-1") is None
    assert world.board.writes == []


def test_where_no_comment_may_be_made_the_check_run_says_so_and_it_is_tried_again(world: World) -> None:
    world.board.denies = {"create comment"}
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    while not world.record().told:
        world.step()
    assert "does not let the App comment" in world.board.check_runs[1][1].summary
    assert [write for write in world.board.writes if "deployment" not in write] == [
        "create check run 1",
        "update check run 1",
    ]
    again = world.record().comment_again
    assert again is not None
    world.now = again - seconds(1)
    assert world.teller.tell(REF.name) == again

    world.board.denies = set()
    world.now = again
    while world.step() is not None:
        pass
    assert sorted(world.board.comments) == [2]
    assert "comment" not in world.board.check_runs[1][1].summary
    assert world.record().comment_again is None


@pytest.mark.parametrize("there", [True, False])
def test_a_record_that_was_lost_finds_the_comment_that_tells_of_what_is_over(world: World, there: bool) -> None:
    world.tell(a_report(Phase.RUNNING if there else Phase.WAITING))
    world.store.items["ReviewApp", REF.name]["status"] = {}
    world.teller = world.a_teller()
    assert [write for write in world.tell(a_report(Phase.CLOSED)) if "comment" in write] == ["update comment 2"] * there
    assert world.tell(a_report(Phase.CLOSED)) == []


def test_one_that_was_dropped_is_looked_for_again(world: World) -> None:
    told = a_report(Phase.CLOSED)
    world.teller.put(REF.name, told)
    for _ in ("check run", "comment"):
        world.step()
    world.teller.drop(REF.name)
    world.store.items["ReviewApp", REF.name]["status"] = {}
    world.board.comments[7] = a_report(Phase.RUNNING).comment
    assert world.tell(told) == ["update check run 1", "update comment 7"]
    assert world.board.comments == {7: told.comment}
