"""What is written to GitHub is there once, whatever becomes of the answers, and does no more than it says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from werkzeug.wrappers import Response

from dev.github import faults
from dev.github.log import Exchange
from reviewbot.model import CHECK_NAME, Phase, Sha
from reviewbot.report import DeploymentText, marker
from tests.contract.github_standin import KEY
from tests.contract.talk import Talk, talking

KINDS = {"check run": "/check-runs$", "comment": "/comments$", "deployment": "/deployments$", "state": "/statuses$"}
ONCE = (["A sentence."], 1, [["success"]])


@pytest.fixture
def talk() -> Iterator[Talk]:
    with talking() as made:
        yield made


def told(talk: Talk) -> tuple[list[str], int, list[list[str]]]:
    """Titles of check runs, how many comments, states of deployments."""
    titles, comments, states = talk.shown()
    return titles, len(comments), states


class Each:
    """As `before` or `after`: the first request of each kind that matches meets the trouble."""

    def __init__(self, trouble: faults.Trouble, methods: str = "POST") -> None:
        self._trouble = trouble
        self._methods = methods
        self.met: list[str] = []

    def __call__(self, exchange: Exchange, _: Response | None = None) -> Response | None:
        what = f"{exchange.method} {exchange.path}"
        if exchange.method not in self._methods or what in self.met or "access_tokens" in what:
            return None
        self.met.append(what)
        return self._trouble(exchange)


@pytest.mark.parametrize("restarts", [False, True], ids=["goes on", "restarts"])
@pytest.mark.parametrize("loss", [faults.answer(502, "Bad Gateway"), faults.cut], ids=["502", "cut"])
def test_post_502_after_commit(talk: Talk, loss: faults.Trouble, restarts: bool) -> None:
    lost = talk.scene.github.after = Each(loss)
    for _ in KINDS:
        talk.put(Phase.RUNNING)
        talk.goes_on(timedelta(milliseconds=1) if restarts else timedelta(minutes=5))
        if restarts:
            talk.restart()
            talk.ahead += timedelta(seconds=2)
    talk.tells(Phase.RUNNING)
    assert len(lost.met) == len(KINDS)
    assert told(talk) == ONCE
    posts = [write for write in talk.writes() if write.startswith("POST")]
    assert len(posts) == len(KINDS)


def test_post_502_after_commit__no_answer() -> None:
    # All at once, as each waits for as long as our patience with GitHub is.
    with ThreadPoolExecutor(len(KINDS)) as pool:
        assert list(pool.map(_unanswered, KINDS.values())) == [ONCE] * len(KINDS)


def _unanswered(path: str) -> tuple[list[str], int, list[list[str]]]:
    release = threading.Event()
    with talking() as talk:
        talk.scene.github.after = faults.Times(faults.held(release), "POST", path)
        talk.tells(Phase.RUNNING)
        release.set()
        return told(talk)


def test_post_307_after_rename(talk: Talk) -> None:
    talk.put(Phase.DEPLOYING)
    talk.goes_on(timedelta(milliseconds=1))
    talk.scene.repo.rename("store")
    talk.tells(Phase.RUNNING)
    assert told(talk) == ONCE
    assert {each.status for each in talk.scene.github.calls("POST", "^/repositories/")} == {201}


def test_post_307_after_rename__every_write_is_sent_elsewhere(talk: Talk) -> None:
    def elsewhere(exchange: Exchange) -> Response:
        return Response("", 307, {"Location": f"/api/v3{exchange.path}"})

    moved = talk.scene.github.before = Each(elsewhere, "POST PATCH DELETE")
    talk.tells(Phase.DEPLOYING)
    talk.tells(Phase.RUNNING)
    talk.tells(Phase.CLOSED)
    assert told(talk) == (["A sentence."], 1, [["in_progress", "success", "inactive"]])
    # Each was written with the very next request.
    writes = [each for each in talk.scene.github.calls("", "^/repositories/") if each.method != "GET"]
    assert [each.status for each in writes].count(307) == len(moved.met)
    for sent, again in pairwise(writes):
        assert sent.status != 307 or (sent.method, sent.path, sent.body) == (again.method, again.path, again.body)


@pytest.mark.parametrize("place", ["https://elsewhere.example/repositories/1", ""], ids=["another host", "itself"])
def test_post_307_after_rename__not_what_is_sent_astray(talk: Talk, place: str) -> None:
    def astray(exchange: Exchange) -> Response:
        return Response("", 307, {"Location": place or exchange.path})

    talk.scene.github.before = faults.Times(astray, "POST", "/comments$", times=6)
    talk.tells(Phase.RUNNING)
    assert told(talk) == ONCE


def test_deployment_never_merges(talk: Talk) -> None:
    # GitHub's own defaults would merge main, which is ahead, and refuse for the check that failed.
    talk.scene.repo.push("main", {"other.txt": "1"})
    talk.scene.repo.check_run(talk.scene.pull.head, talk.scene.ci, "test", conclusion="failure")
    head = talk.scene.pull.head
    talk.tells(Phase.RUNNING)
    (made,) = [each.body for each in talk.scene.github.calls("POST", "/deployments$")]
    assert (made["auto_merge"], made["required_contexts"], made["ref"]) == (False, [], head)
    assert (talk.scene.pull.head, talk.shown()[2]) == (head, [["success"]])


def test_environment_leak__a_hundred_lives(talk: Talk) -> None:
    head = Sha(talk.scene.pull.head)
    for number in range(1, 101):
        made = talk.github.create_deployment(talk.ref(number), head)
        talk.github.update_deployment(talk.ref(number), made, DeploymentText("inactive", "Over."), last=None, new=True)
        talk.ahead += timedelta(seconds=2)
    assert list(talk.scene.repo.model.environments) == ["reviewbot"]
    assert talk.shown()[2] == [["inactive"]] * 100


def test_one_comment_forever__a_stranger_s_and_the_ones_too_many(talk: Talk) -> None:
    ours = marker(talk.ref())
    strange = talk.scene.pull.comment(f"{ours}\n\nI am the bot.", by="mallory")
    first, second = (talk.github.create_comment(talk.ref(), f"{ours}\n\nOld.") for _ in range(2))
    talk.tells(Phase.RUNNING)
    assert [each.id for each in talk.scene.pull.comments] == [strange.id, first]
    assert strange.body.endswith("I am the bot.")
    assert "A sentence." in talk.shown()[1][0]
    assert f"DELETE issues/comments/{second}" in talk.writes()


def test_one_comment_forever__a_list_that_lags(talk: Talk) -> None:
    talk.scene.github.after = faults.Stale("/comments$")
    talk.tells(Phase.DEPLOYING)
    talk.restart()
    talk.tells(Phase.RUNNING, sentence="Another.")
    assert ["Another." in body for body in talk.shown()[1]] == [True]


def test_one_comment_forever__deleted_again_and_again(talk: Talk) -> None:
    for number in range(3):
        talk.tells(Phase.RUNNING, sentence=f"Number {number}.")
        talk.tells(Phase.RUNNING, sentence=f"Number {number}.")
        (comment,) = talk.scene.pull.comments
        talk.scene.pull.delete_comment(comment.id)
    made = [write for write in talk.writes() if write == "POST issues/1/comments"]
    assert len(made) == 3


@pytest.mark.parametrize("restarts", [False, True], ids=["goes on", "restarts"])
def test_one_comment_forever__deleted_and_the_answer_to_the_next_is_lost(talk: Talk, restarts: bool) -> None:
    talk.tells(Phase.DEPLOYING)
    (comment,) = talk.scene.pull.comments
    talk.scene.pull.delete_comment(comment.id)
    talk.scene.github.after = lost = Each(faults.cut)
    talk.put(Phase.RUNNING, sentence="Another.")
    if restarts:
        while not lost.met:
            talk.goes_on(timedelta(milliseconds=1))
            talk.ahead += timedelta(seconds=2)
        talk.restart()
    talk.tells(Phase.RUNNING, sentence="Another.")
    assert lost.met[0].endswith("/comments")
    assert ["Another." in body for body in talk.shown()[1]] == [True]


def test_one_comment_forever__a_list_that_shows_the_one_that_is_gone(talk: Talk) -> None:
    talk.tells(Phase.DEPLOYING)
    talk.scene.github.after = faults.Stale("/comments$")
    (gone,) = talk.github.find_comments(talk.ref(), marker(talk.ref()))
    talk.scene.pull.delete_comment(gone)
    before = len(talk.writes())
    talk.tells(Phase.RUNNING, sentence="Another.")
    about_comments = [write for write in talk.writes()[before:] if "/comments" in write]
    assert about_comments == [f"PATCH issues/comments/{gone}", "POST issues/1/comments"]
    assert ["Another." in body for body in talk.shown()[1]] == [True]


def test_our_check_run_is_told_from_one_of_the_same_name(talk: Talk) -> None:
    talk.scene.repo.check_run(talk.scene.pull.head, talk.scene.ci, CHECK_NAME)
    talk.tells(Phase.RUNNING)
    assert told(talk) == ONCE


@pytest.mark.parametrize("lost", [0, 1], ids=["heard", "an answer is lost"])
def test_app_registered_anew(talk: Talk, lost: int) -> None:
    talk.tells(Phase.DEPLOYING)
    former = talk.scene.app
    talk.scene.app = talk.scene.github.create_app("reviewbot-anew", private_key=KEY)
    talk.scene.installed = talk.scene.github.install(talk.scene.app, "acme")
    talk.mailbox.poke(talk.ref())
    talk.restart()
    talk.scene.github.after = faults.Times(faults.cut, "POST", KINDS["check run"], times=lost)
    talk.tells(Phase.RUNNING, sentence="Another.")
    model = talk.scene.repo.model
    shown = [(run.suite.app, run.status, run.output["title"]) for run in model.runs]
    assert shown == [(former, "in_progress", "A sentence."), (talk.scene.app, "completed", "Another.")]
    assert ["Another." in comment.body for comment in model.comments.values()] == [True]
    assert talk.shown()[2] == [["in_progress", "success"]]
