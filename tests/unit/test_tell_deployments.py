"""Deployments on GitHub: one for each commit that is deployed, each state once, and none active that should not be."""

from dataclasses import replace

import pytest

from reviewbot.errors import Unseen
from reviewbot.model import Announced, Phase, Sha
from reviewbot.reconcile.tell.denied import AFTER_DENIED
from reviewbot.reconcile.tell.pace import PACE
from tests.unit.builders import HEAD, NOW, OLDER, REF, minutes, seconds
from tests.unit.telling import World, a_report, ended, known, states, written

THIRD = Sha("c" * 40)
DENIALS = [
    {"find deployment", "create deployment", "update deployment"},
    {"create deployment", "update deployment"},
    {"update deployment"},
]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("phase", "reason", "state"),
    [
        (Phase.DEPLOYING, "Applying", "in_progress"),
        (Phase.WAITING, "Image", "in_progress"),
        (Phase.RUNNING, "Ready", "success"),
        (Phase.FAILED, "Crashed", "failure"),
        (Phase.FAILED, "Refused", "failure"),
    ],
)
def test_a_commit_that_is_deployed_gets_one(world: World, phase: Phase, reason: str, state: str) -> None:
    assert written(world, a_report(phase, reason=reason)) == ["create deployment 101", f"{state} deployment 101"]


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        (Phase.WAITING, "Checks"),
        (Phase.WAITING, "Draft"),
        (Phase.SKIPPED, "Fork"),
        (Phase.FAILED, "Definition"),
        (Phase.FAILED, "NameTaken"),
        (Phase.CLOSING, "Removing"),
        (Phase.CLOSED, "Closed"),
    ],
)
def test_one_that_is_not_deployed_gets_none(world: World, phase: Phase, reason: str) -> None:
    assert written(world, a_report(phase, reason=reason)) == []


def test_each_state_is_written_once_whatever_the_words(world: World) -> None:
    for phase in (Phase.DEPLOYING, Phase.RUNNING):
        for number in range(3):
            world.writes(a_report(phase, f"Sentence {number}."))
    assert states(world) == {HEAD: ["in_progress", "success"]}
    world.teller = world.a_teller()
    assert written(world, a_report(Phase.RUNNING)) == []


def test_the_one_that_serves_stays_until_its_successor_runs(world: World) -> None:
    world.writes(a_report(Phase.RUNNING, head=OLDER))
    assert written(world, a_report(Phase.WAITING, serving=OLDER)) == []
    assert written(world, a_report(serving=OLDER)) == ["create deployment 102", "in_progress deployment 102"]
    assert written(world, a_report(Phase.RUNNING)) == ["success deployment 102", "inactive deployment 101"]
    assert known(world) == (Announced(HEAD, 102, known(world)[0].digest, 2),)
    assert ended(world) == [Announced(OLDER, 101, "over", 2)]


def test_a_failed_one_stays_until_its_commit_is_out_of_date(world: World) -> None:
    world.writes(a_report(Phase.RUNNING, head=OLDER))
    world.writes(a_report(Phase.FAILED, serving=OLDER))
    assert states(world) == {OLDER: ["success"], HEAD: ["failure"]}
    assert written(world, a_report(Phase.WAITING, head=THIRD, serving=OLDER)) == ["inactive deployment 102"]
    world.writes(a_report(Phase.RUNNING, head=THIRD))
    assert states(world) == {OLDER: ["success", "inactive"], HEAD: ["failure", "inactive"], THIRD: ["success"]}


def test_one_that_runs_but_is_not_ready_is_left_alone(world: World) -> None:
    world.writes(a_report(Phase.RUNNING))
    assert written(world, a_report(Phase.DEPLOYING, reason="NotReady", serving=HEAD)) == []
    assert written(world, a_report(Phase.FAILED, reason="Crashed", serving=HEAD)) == ["failure deployment 101"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, ["create deployment 101", "success deployment 101"]),
        (Phase.DEPLOYING, ["success deployment 101"]),
        (Phase.FAILED, ["success deployment 101"]),
        (Phase.RUNNING, []),
    ],
)
@pytest.mark.parametrize("restarts", [False, True])
def test_what_answers_is_told_so__though_its_head_moved_on(
    world: World, before: Phase | None, expected: list[str], restarts: bool
) -> None:
    if before:
        told = a_report(before, head=OLDER)
        texts = [(sha, replace(text, url=text.url and f"{text.url}/welcome")) for sha, text in told.deployments]
        world.writes(replace(told, deployments=tuple(texts)))
    if restarts:
        world.teller = world.a_teller()
    waits = a_report(Phase.WAITING, answering=OLDER)
    assert written(world, waits) == expected
    assert written(world, a_report(Phase.WAITING, "More.", answering=OLDER)) == []
    assert states(world)[OLDER][-1] == "success"
    assert written(world, a_report(Phase.RUNNING))[-1] == "inactive deployment 101"


def test_what_answers_is_told_so__beside_its_successor(world: World) -> None:
    expected = [
        "create deployment 101",
        "in_progress deployment 101",
        "create deployment 102",
        "success deployment 102",
    ]
    assert written(world, a_report(answering=OLDER)) == expected
    assert written(world, a_report(Phase.RUNNING)) == ["success deployment 101", "inactive deployment 102"]


@pytest.mark.parametrize("before", [Phase.RUNNING, Phase.DEPLOYING, Phase.FAILED])
def test_one_that_waits_and_of_which_nothing_is_left_is_over(world: World, before: Phase) -> None:
    world.writes(a_report(before))
    assert written(world, a_report(Phase.WAITING)) == ["inactive deployment 101"]
    assert states(world)[HEAD][-1] == "inactive"
    assert written(world, a_report(Phase.RUNNING)) == ["success deployment 101"]


@pytest.mark.parametrize("phase", [Phase.CLOSING, Phase.CLOSED])
def test_at_the_close_all_are_over(world: World, phase: Phase) -> None:
    world.writes(a_report(Phase.RUNNING, head=OLDER))
    world.writes(a_report(serving=OLDER))
    assert written(world, a_report(phase)) == ["inactive deployment 101", "inactive deployment 102"]
    assert written(world, a_report(Phase.CLOSED)) == []
    assert known(world) == ()
    assert ended(world) == [Announced(OLDER, 101, "over", 2), Announced(HEAD, 102, "over", 2)]
    assert {said[-1].description for _, said in world.board.deployments.values()} == {"The preview was removed."}


def test_commit_comes_back(world: World) -> None:
    for head in (HEAD, OLDER, HEAD):
        world.writes(a_report(Phase.RUNNING, head=head))
    assert states(world) == {HEAD: ["success", "inactive", "success"], OLDER: ["success", "inactive"]}


@pytest.mark.parametrize("doubts", [False, True])
def test_commit_comes_back__whatever_list_github_would_show(world: World, doubts: bool) -> None:
    world.writes(a_report(Phase.RUNNING))
    world.writes(a_report(Phase.CLOSED))
    world.board.denies = {"find deployment"}
    if doubts:
        world.teller = world.a_teller()
    assert written(world, a_report(Phase.CLOSED)) == []
    assert written(world, a_report()) == ["in_progress deployment 101"]


@pytest.mark.parametrize("behind", [1, 2])
def test_commit_comes_back__while_github_answers_from_before_it_went(world: World, behind: int) -> None:
    for phase in (Phase.RUNNING, Phase.CLOSED):
        world.writes(a_report(phase))
    world.teller = world.a_teller()
    world.board.behind = behind
    with pytest.raises(Unseen):
        world.writes(a_report(Phase.RUNNING))
    world.board.behind, world.now = 0, world.now + PACE
    assert written(world, a_report(Phase.RUNNING)) == ["success deployment 101"]
    assert states(world) == {HEAD: ["success", "inactive", "success"]}


def test_one_that_somebody_deleted_is_made_again(world: World) -> None:
    world.writes(a_report())
    world.board.deployments.clear()
    assert written(world, a_report(Phase.RUNNING)) == ["create deployment 102", "success deployment 102"]


def test_one_that_is_over_and_was_deleted_is_let_go(world: World) -> None:
    world.writes(a_report(Phase.RUNNING, head=OLDER))
    world.board.deployments.clear()
    assert written(world, a_report(Phase.CLOSED)) == []
    assert world.record().deployments == ()


@pytest.mark.parametrize("lost", range(4))
@pytest.mark.parametrize("restarts", [False, True])
def test_a_lost_reply_doubles_nothing(world: World, lost: int, restarts: bool) -> None:
    told = a_report()
    world.teller.put(REF.name, told)
    for _ in range(lost):
        world.step()
    world.loses_the_reply(restarts)
    world.writes(told)
    assert states(world) == {HEAD: ["in_progress"]}
    assert len(known(world)) == 1


def test_what_was_written_and_not_remembered_is_not_written_again(world: World) -> None:
    world.writes(a_report())
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    failures = [Unseen("no answer")]

    def before(method: str) -> None:
        if method == "patch" and failures and world.board.writes[-1] == "success deployment 101":
            raise failures.pop()

    world.store.before = before
    with pytest.raises(Unseen):
        while world.step() is not None:
            pass
    world.now += PACE
    assert world.writes(a_report(Phase.RUNNING)) == []
    assert states(world) == {HEAD: ["in_progress", "success"]}


@pytest.mark.parametrize("next_phase", [Phase.CLOSED, Phase.WAITING])
def test_one_whose_making_was_cut_is_ended_though_its_commit_is_out_of_date(world: World, next_phase: Phase) -> None:
    world.teller.put(REF.name, a_report(head=OLDER))
    for _ in range(2):
        world.step()
    world.loses_the_reply(restarts=True)
    assert written(world, a_report(next_phase)) == ["inactive deployment 101"]
    assert known(world) == ()
    assert ended(world) == [Announced(OLDER, 101, "over", 1)]


@pytest.mark.parametrize("denied", DENIALS)
def test_without_the_right_everything_else_is_told_and_that_is_said(world: World, denied: set[str]) -> None:
    world.board.denies = denied
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    while not world.record().told:
        world.step()
    check_run = world.board.check_runs[1][1]
    assert check_run.summary.count("The App may not write deployments") == 1
    assert [write for write in world.board.writes if "deployment" not in write] == [
        "create check run 1",
        "create comment 2",
        "update check run 1",
    ]
    assert states(world) in ({}, {HEAD: []})


def test_what_was_denied_is_tried_again_each_hour(world: World) -> None:
    world.board.denies = DENIALS[0]
    world.teller.put(REF.name, a_report(Phase.RUNNING))
    while not world.record().told:
        world.step()
    before = len(world.board.writes)
    again = world.record().deployments_again
    assert again is not None
    assert NOW + AFTER_DENIED <= again < NOW + AFTER_DENIED + minutes(1)
    world.now = again - seconds(1)
    assert world.teller.tell(REF.name) == again
    world.now = again
    world.step()
    assert len(world.board.writes) == before, "denied once more, and it is said already"

    world.board.denies = set()
    world.now += AFTER_DENIED
    while world.step() is not None:
        pass
    assert states(world) == {HEAD: ["success"]}
    assert "may not" not in world.board.check_runs[1][1].summary
    assert world.record().deployments_again is None


def test_nothing_is_said_of_the_right_where_no_deployment_would_be(world: World) -> None:
    world.board.denies = DENIALS[0]
    world.teller.put(REF.name, a_report(head=OLDER))
    while not world.record().told:
        world.step()
    world.writes(a_report(Phase.WAITING))
    assert "may not" not in world.board.check_runs[max(world.board.check_runs)][1].summary


def test_a_right_that_was_taken_leaves_what_is_active_on_record(world: World) -> None:
    world.writes(a_report(Phase.RUNNING))
    world.board.denies = DENIALS[2]
    world.teller.put(REF.name, a_report(Phase.CLOSED))
    while not world.record().deployments_again:
        world.step()
    assert [each.id for each in known(world)] == [101]
    world.board.denies = set()
    world.now += AFTER_DENIED
    while world.step() is not None:
        pass
    assert states(world) == {HEAD: ["success", "inactive"]}


@pytest.mark.parametrize("last", [Phase.RUNNING, Phase.CLOSED])
def test_a_record_that_was_lost_finds_what_is_still_shown(world: World, last: Phase) -> None:
    world.writes(a_report(Phase.RUNNING, head=OLDER))
    world.teller = world.a_teller()
    world.store.items["ReviewApp", REF.name]["status"] = {}
    world.writes(a_report(last))
    assert states(world)[OLDER][-1] == "inactive"
    assert list(states(world).get(HEAD, ["none"])) == (["success"] if last is Phase.RUNNING else ["none"])
    assert len(known(world)) == (1 if last is Phase.RUNNING else 0)
