"""A push at every single call that a decision makes to GitHub: what it was about to do for the old commit stops."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from dev.github import RequiredCheck
from dev.github.log import Exchange
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, PullRequestRef, RepositoryId
from tests.contract.github_standin import KEY, Scene, standin
from tests.stories.clock import Clock
from tests.unit.rehearsal import Rehearsal

TEST = "test"
MOST = 100


class Office:
    """A repository, and the bot's access to it."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.clock, self.app = scene, Clock(), AppId(scene.app.id)
        self.github = GitHub(Client(scene.url, self.app, KEY, self.clock, lambda: None), ["acme"])
        scene.repo.require_checks([RequiredCheck(TEST)])
        scene.pull.close()


class Decision:
    """A new pull request, and a bot that knows no other."""

    def __init__(self, office: Office, branch: str) -> None:
        self.scene, self.pull = office.scene, office.scene.repo.open_pull_request(branch)
        installation = InstallationId(self.scene.installed.id)
        self.ref = PullRequestRef(RepositoryId(self.scene.repo.id), installation, self.pull.number)
        self.bot = Rehearsal(office.github, office.clock, self.ref, office.app)

    def passes(self) -> None:
        """The head is green, and an event says so."""
        self.scene.repo.check_run(self.pull.head, self.scene.ci, TEST)
        self.settles()

    def settles(self) -> None:
        """An event comes, and the bot does what there is to do."""
        self.bot.mailbox.poke(self.ref)
        self.bot.settle()

    def is_pushed_to_at(self, call: int) -> str | None:
        """It passes, and is pushed to just before that call, of which no event comes.

        The commit that served at that moment if one did; None if there was no such call.
        """
        counted, served = itertools.count(1), []

        def push(exchange: Exchange) -> None:
            if "/repositories/" in exchange.path and next(counted) == call:
                served.append(self.bot.serving() or "")
                self.pull.push({"later.txt": "1"})

        self.scene.github.before = push
        self.passes()
        self.scene.github.before = None
        return next(iter(served), None)

    def says(self) -> list[str]:
        """What our check runs on the head say."""
        runs = [run for run in self.scene.repo.model.runs if run.suite.head_sha == self.pull.head]
        return [run.output["title"] for run in runs if run.suite.app is self.scene.app]

    def active(self) -> dict[str, str | None]:
        """What the deployments that are not inactive say, by their commits."""
        return {each.sha: each.state for each in self.pull.deployments if each.state != "inactive"}


@pytest.fixture
def office() -> Iterator[Office]:
    with standin() as scene:
        yield Office(scene)


def test_head_moves_during_decision__at_every_call(office: Office) -> None:
    for call in range(1, MOST):
        decision = Decision(office, f"topic-{call}")
        pull, bot, old = decision.pull, decision.bot, decision.pull.head
        served = decision.is_pushed_to_at(call)
        if served is None:
            break
        assert bot.serving() == (served or None)
        # Whatever it was about to do for the old commit, it looked once more and saw the new one.
        assert served or decision.says()
        decision.settles()
        assert bot.serving() == (served or None)
        assert pull.head not in bot.deployed()
        assert decision.active() == ({served: "success"} if served else {})
        decision.passes()
        assert (bot.deployed(), bot.serving()) == ([pull.head], pull.head)
        assert decision.active() == {pull.head: "success"}
        assert len(pull.comments) == 1
        runs = [run for run in office.scene.repo.model.runs if run.suite.head_sha == old]
        assert {run.status for run in runs} == {"completed"}
        pull.close()
    assert 15 < call < MOST, "there was a push at every call"
