"""What is told of deployments: the head's, that of what answers, and which are over."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.decide import Plan
from reviewbot.model import Phase, Sha
from reviewbot.report import AppPlace, Place, over, purpose, report, without_deployments
from tests.unit.builders import HEAD, OLDER, PREVIEW_URL, REF, a_pull
from tests.unit.plans import PLANS, told


@pytest.mark.parametrize("name", PLANS)
def test_deployment(name: str, snapshot: SnapshotAssertion) -> None:
    assert dict(told(*PLANS[name]).deployments).get(HEAD) == snapshot


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("waiting while another commit serves", {OLDER: "success"}),
        ("deploying while another commit serves", {HEAD: "in_progress", OLDER: "success"}),
        ("failed while another commit serves", {HEAD: "failure", OLDER: "success"}),
        ("a fork that was trusted", {OLDER: "success"}),
        ("closing", {}),
    ],
)
def test_deployment__of_what_answers_whichever_commit_it_is(name: str, expected: dict[Sha, str]) -> None:
    told = report(REF, a_pull(), PLANS[name][0], Place(PREVIEW_URL, OLDER, answering=OLDER))
    assert {sha: text.state for sha, text in told.deployments} == expected
    assert all(text.url == PREVIEW_URL for _, text in told.deployments if text.state == "success")


def test_deployment__of_a_head_that_answers_and_waits() -> None:
    told = report(REF, a_pull(), PLANS["waiting as a draft"][0], Place(PREVIEW_URL, HEAD, answering=HEAD))
    assert [(sha, text.description) for sha, text in told.deployments] == [(HEAD, "aaaaaaa is running.")]


@pytest.mark.parametrize(
    ("answering", "excluded", "told"),
    [
        ((OLDER, OLDER), ("", ""), [OLDER]),
        ((OLDER, None), ("", ""), []),
        ((OLDER, "c" * 40), ("", ""), []),
        ((OLDER, None), ("", "It is not changed."), [OLDER]),
    ],
)
def test_deployment__of_several_apps_that_all_answer_for_it(answering: Any, excluded: Any, told: list[Sha]) -> None:
    apps = [AppPlace(str(n), Phase.WAITING, answering=answering[n], excluded=excluded[n]) for n in range(2)]
    texts = report(REF, a_pull(), PLANS["waiting for checks"][0], Place(PREVIEW_URL, apps=tuple(apps)))
    assert [sha for sha, _ in texts.deployments] == told


@pytest.mark.parametrize("name", PLANS)
def test_what_is_live(name: str) -> None:
    plan, serving = PLANS[name]
    # What waits has nothing there, unless it serves.
    head = () if plan.ends or plan.phase in {Phase.WAITING, Phase.SKIPPED} else (HEAD,)
    assert told(plan, serving).live == (head if serving in {None, HEAD} else (*head, serving))


@pytest.mark.parametrize("name", ["waiting for checks", "waiting as a draft"])
@pytest.mark.parametrize("deployed", [HEAD, OLDER])
def test_what_is_live__what_rests_for_a_while_is(name: str, deployed: Sha) -> None:
    assert report(REF, a_pull(), PLANS[name][0], Place(PREVIEW_URL, deployed=deployed)).live == (deployed,)


@pytest.mark.parametrize("reason", ["Definition", "Installation", "NameTaken", "NotReady"])
def test_what_is_live__what_there_is_no_news_of_is(reason: str) -> None:
    assert told(Plan(Phase.FAILED, reason, "…")).live == (HEAD,)


def test_a_deployment_that_is_over_says_why(snapshot: SnapshotAssertion) -> None:
    overs = [("running", OLDER), ("waiting as a draft", HEAD), ("closed", HEAD)]
    assert [over(told(*PLANS[name]), sha) for name, sha in overs] == snapshot


def test_deployments_that_may_not_be_written_are_a_note_on_the_check_run(snapshot: SnapshotAssertion) -> None:
    assert without_deployments(told(*PLANS["running"])).check_run == snapshot
    waiting = told(*PLANS["waiting for checks"])
    assert without_deployments(waiting) == waiting


@pytest.mark.parametrize("phase", Phase)
def test_github_takes_every_description(phase: Phase) -> None:
    long = told(Plan(phase, "Reason", "A very long sentence. " * 100))
    texts = [over(long, HEAD).description, purpose(REF), *(text.description for _, text in long.deployments)]
    assert max(map(len, texts)) <= 140
