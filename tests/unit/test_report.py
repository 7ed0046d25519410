"""Every word people read, whole: check run, comment and deployment of each phase, as snapshots."""

from datetime import datetime
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.decide import Plan
from reviewbot.model import About, CommentPolicy, Phase, Problem, Sha
from reviewbot.report import (
    Annotation,
    Place,
    digest,
    marker,
    report,
    without_comment,
)
from tests.unit.builders import HEAD, NOW, OLDER, PREVIEW_URL, REF, a_pull
from tests.unit.plans import PLANS, told


@pytest.mark.parametrize("name", PLANS)
def test_check_run(name: str, snapshot: SnapshotAssertion) -> None:
    assert told(*PLANS[name]).check_run == snapshot


def test_the_comment_is_not_edited_for_each_check_that_reports() -> None:
    sentences = ("Waiting for check “build”.", "Waiting for checks “build” and “test”.")
    first, second = (told(Plan(Phase.WAITING, "Checks", sentence)) for sentence in sentences)
    assert first.comment == second.comment
    assert first.check_run != second.check_run


@pytest.mark.parametrize("name", PLANS)
def test_comment(name: str, snapshot: SnapshotAssertion) -> None:
    assert told(*PLANS[name]).comment == snapshot


@pytest.mark.parametrize(
    ("policy", "announced"),
    [
        (CommentPolicy.ON, {Phase.DEPLOYING, Phase.RUNNING, Phase.FAILED}),
        (CommentPolicy.ON_FAILURE, {Phase.FAILED}),
        (CommentPolicy.OFF, set()),
    ],
)
def test_what_is_worth_a_comment(policy: CommentPolicy, announced: set[Phase]) -> None:
    place = Place(PREVIEW_URL)
    told = {phase: report(REF, a_pull(), Plan(phase, "Reason", "A sentence."), place, policy) for phase in Phase}
    assert {phase for phase, each in told.items() if each.announce} == announced


@pytest.mark.parametrize("name", ["running", "waiting for checks"])
def test_where_no_comment_may_be_made(name: str, snapshot: SnapshotAssertion) -> None:
    assert without_comment(told(*PLANS[name])).check_run.summary == snapshot


@pytest.mark.parametrize(
    ("phase", "announced"),
    [
        (Phase.WAITING, False),
        (Phase.SKIPPED, False),
        (Phase.DEPLOYING, True),
        (Phase.RUNNING, True),
        (Phase.FAILED, True),
        (Phase.CLOSING, False),
        (Phase.CLOSED, False),
    ],
)
def test_a_comment_is_made_only_once_there_is_something_to_tell(phase: Phase, announced: bool) -> None:
    told_report = told(Plan(phase, "Reason", "A sentence."))
    assert (told_report.sha, told_report.external_id, told_report.announce) == (HEAD, "pr-4711-12", announced)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("serving", [None, HEAD, OLDER])
def test_every_phase_has_its_texts(phase: Phase, serving: Sha | None) -> None:
    texts = told(Plan(phase, "Reason", "A sentence."), serving)
    completed = texts.check_run.status == "completed"
    assert completed == (texts.check_run.conclusion is not None)
    assert texts.check_run.details_url == PREVIEW_URL
    assert texts.comment.startswith(marker(REF) + "\n")


@pytest.mark.parametrize(
    "change",
    [
        {"phase": Phase.RUNNING},
        {"sentence": "Another sentence."},
    ],
)
def test_a_digest_tells_texts_apart(change: dict[str, Any]) -> None:
    values: dict[str, Any] = {"phase": Phase.FAILED, "reason": "Reason", "sentence": "A sentence."}
    before, after = told(Plan(**values)), told(Plan(**(values | change)))
    assert digest(before.check_run) != digest(after.check_run)
    assert digest(before.comment) != digest(after.comment)
    assert digest(before.comment) == digest(told(Plan(**values)).comment)


@pytest.mark.parametrize("again", [None, NOW])
def test_when_to_look_again_is_not_told(again: datetime | None) -> None:
    plan = Plan(Phase.DEPLOYING, "Starting", "Deploying `aaaaaaa`.", (), again, in_flight=True)
    assert told(plan) == told(Plan(Phase.DEPLOYING, "Applying", "Deploying `aaaaaaa`."))


def test_waiting_for_a_check_says_how_to_ignore_it() -> None:
    # Approval-like checks would otherwise keep the preview away until after the review it is for.
    plan = Plan(Phase.WAITING, "Checks", "Waiting for check “policy-bot”.")
    assert "ignore" in told(plan).check_run.summary


def test_every_problem_has_a_line_of_its_own() -> None:
    plan, serving = PLANS["failed with several problems"]
    for text in (told(plan, serving).comment, told(plan, serving).check_run.summary):
        first, second = (
            next(i for i, line in enumerate(text.splitlines()) if name in line) for name in ("Procfile", "app.json")
        )
        assert first < second


def test_notes_stand_in_the_check_run_only() -> None:
    place = Place(PREVIEW_URL, HEAD, ("app.json:3:5: scripts are not run yet", "a *second* note"))
    texts = report(REF, a_pull(), Plan(Phase.RUNNING, "Ready", "It runs."), place)
    notes = ["Note: app.json:3:5: scripts are not run yet", "Note: a \\*second\\* note"]
    assert texts.check_run.summary.splitlines()[-3:] == [notes[0], "", notes[1]]
    assert "Note" not in texts.comment


SCRIPTS = Problem("app.json", 3, 5, "scripts: not used")


def test_notes_with_a_place_are_warnings_there() -> None:
    place = Place(PREVIEW_URL, HEAD, (SCRIPTS, "a note of its own"))
    run = report(REF, a_pull(), Plan(Phase.RUNNING, "Ready", "It runs."), place).check_run
    assert run.annotations == (Annotation("warning", SCRIPTS),)
    assert run.summary.splitlines()[-3:] == ["Note: app.json:3:5: scripts: not used", "", "Note: a note of its own"]


def test_of_many_notes_with_a_place_the_first_are_told() -> None:
    many = tuple(Problem("app.json", line, 1, "not used") for line in range(1, 13))
    run = report(
        REF, a_pull(), Plan(Phase.RUNNING, "Ready", "It runs."), Place(PREVIEW_URL, HEAD, (*many, "x"))
    ).check_run
    assert run.summary.splitlines()[-5:] == ["Note: app.json:10:1: not used", "", "Note: and 2 more", "", "Note: x"]
    assert len(run.annotations) == 12


def test_problems_are_failures_in_their_places() -> None:
    problems = (Problem("Procfile", 2, 1, "`web` is empty"), Problem("app.json", 1, 10, "env.A_B: must be a *string*"))
    plan = Plan(Phase.FAILED, "Definition", "\n".join(map(str, problems)), problems=problems)
    told = report(REF, a_pull(), plan, Place(PREVIEW_URL))
    assert told.check_run.annotations == tuple(Annotation("failure", problem) for problem in problems)
    assert told.comment == report(REF, a_pull(), PLANS["failed with several problems"][0], Place(PREVIEW_URL)).comment


def test_what_is_not_over_is_not_annotated() -> None:
    place = Place(PREVIEW_URL, None, (SCRIPTS,))
    assert report(REF, a_pull(), Plan(Phase.DEPLOYING, "Applying", "Soon."), place).check_run.annotations == ()


def test_what_the_pull_request_changes_stands_in_the_check_run_only(snapshot: SnapshotAssertion) -> None:
    changes = ("adds process `worker` (0 → 1)", "requires variable `STRIPE_KEY`, which has no value yet", "# @acme *x*")
    plan, serving = PLANS["running"]
    shown = report(REF, a_pull(), plan, Place(PREVIEW_URL, serving, ("a note",), changes=changes))
    assert shown.check_run.summary == snapshot
    assert shown.comment == told(plan, serving).comment


def test_github_takes_every_text() -> None:
    """What refused the check run would keep the comment and the deployments from being told as well."""
    plan, serving = PLANS["running"]
    notes, changes = ("a note " * 5_000,) * 2, ("adds variable `" + "A" * 70_000 + "`",)
    summary = report(REF, a_pull(), plan, Place(PREVIEW_URL, serving, notes, changes=changes)).check_run.summary
    assert 60_000 < len(summary) < 65_000
    assert summary.endswith("… (cut)")


ABOUT = {
    "a name": About("Shop"),
    "all of it": About("Shop", "Sells socks.\nAnd shoes.", "https://shop.example/logo.png"),
    "nothing but a logo": About(logo="https://shop.example:8443/a/logo%20b.svg"),
    "hostile": About(
        "# Shop** @acme/team\n<!-- -->", "![x](https://evil.example) #1", 'https://a.example/"onload=x x=".png'
    ),
    "long": About("S" * 100, "x" * 500, f"https://shop.example/{'l' * 501}.png"),
    "no picture": About("Shop", "", "https://shop.example/logo.html"),
    "not encrypted": About("Shop", "", "http://shop.example/logo.png"),
}


@pytest.mark.parametrize("name", ABOUT)
def test_the_comment_says_of_which_app(name: str, snapshot: SnapshotAssertion) -> None:
    plan, serving = PLANS["running"]
    shown = report(REF, a_pull(), plan, Place(PREVIEW_URL, serving, about=ABOUT[name]))
    assert shown.comment == snapshot
    assert shown.check_run == told(plan, serving).check_run


LOGS = {
    "plain": "starting\nno such table: orders",
    "hostile": "```\n@acme/team #1 <details>\n````\n<!-- reviewbot pr-4711-12 -->",
}


@pytest.mark.parametrize("name", LOGS)
def test_last_lines(name: str, snapshot: SnapshotAssertion) -> None:
    plan, serving = PLANS["failed with nothing serving"]
    shown = report(REF, a_pull(), plan, Place(PREVIEW_URL, serving, log=LOGS[name]))
    assert shown.check_run.summary == snapshot
    assert shown.comment == told(plan, serving).comment
