"""Every order in which five events can come, through the receiver and the whole engine: it ends in the same way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import pytest

from reviewbot.errors import Missing
from reviewbot.model import Check, CheckState, InstallationId, PullRequest, PullState, RequiredCheck, Requirements, Sha
from tests.stories.clock import Clock
from tests.unit.boards import Board
from tests.unit.builders import HEAD, INSTALLATION, OLDER, OTHER_APP, a_check, a_pull
from tests.unit.posts import PULL_EVENT, a_client, post
from tests.unit.rehearsal import Rehearsal

TEST = "test"
Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """What GitHub shows at one moment, and the event that told of it."""

    pull: PullRequest
    checks: Mapping[Sha, CheckState] = field(default_factory=dict)
    event: Event = ("", {})


def _opens(draft: bool = False) -> Callable[[Shown], Shown]:
    return lambda shown: replace(shown, pull=a_pull(head=OLDER, draft=draft), event=("pull_request", {}))


def _changes(**changes: Any) -> Callable[[Shown], Shown]:
    return lambda shown: replace(shown, pull=replace(shown.pull, **changes), event=("pull_request", {}))


def _ends(state: CheckState, sha: Sha = OLDER) -> Callable[[Shown], Shown]:
    run = {"head_sha": sha, "app": {"id": OTHER_APP}, "pull_requests": []}
    event = ("check_run", {"action": "completed", "check_run": run})
    return lambda shown: replace(shown, checks={**shown.checks, sha: state}, event=event)


PUSHES = _changes(head=HEAD)
CLOSES, REOPENS = _changes(state=PullState.CLOSED), _changes(state=PullState.OPEN)
PASSES, FAILS = _ends(CheckState.PASSING), _ends(CheckState.FAILING)
PASSES_NOW, FAILS_NOW = _ends(CheckState.PASSING, HEAD), _ends(CheckState.FAILING, HEAD)
HISTORIES = {
    "pushed": [_opens(), PASSES, PUSHES, PASSES_NOW, _changes(labels=("bug",))],
    "reopened": [_opens(), PASSES, CLOSES, REOPENS, _changes(title="Sell more socks")],
    "passed too late": [_opens(), FAILS, PUSHES, FAILS_NOW, PASSES],
    "ready at last": [_opens(draft=True), FAILS, PUSHES, _changes(draft=False), PASSES_NOW],
    "closed": [_opens(), PASSES, PUSHES, PASSES_NOW, CLOSES],
    "merged": [_opens(), FAILS, PUSHES, PASSES_NOW, _changes(state=PullState.MERGED)],
}


class GitHub(Board):
    """GitHub in memory, which is as far in a history as the newest event that has come."""

    def __init__(self, history: list[Shown]) -> None:
        super().__init__()
        self.history = history
        self.now = -1

    @property
    def shown(self) -> Shown:
        return self.history[self.now]

    def pull(self, _ref: object) -> PullRequest:
        if self.now < 0:
            raise Missing("There is none yet.")
        return self.shown.pull

    def open_pulls(self, *_: object) -> list[PullRequest]:
        return [self.shown.pull] if self.shown.pull.live else []

    def reported(self, _ref: object, sha: Sha) -> tuple[Check, ...]:
        state = self.shown.checks.get(sha)
        return (a_check(TEST, state),) if state else ()

    def required(self, *_: object) -> Requirements:
        return Requirements((RequiredCheck(TEST),))

    def changed_paths(self, *_: object) -> tuple[str, ...]:
        return ("app.py",)

    def suites(self, *_: object) -> tuple[()]:
        return ()

    def file(self, *_: object) -> None: ...
    def folder(self, *_: object) -> None: ...
    def parents(self, *_: object) -> tuple[()]:
        return ()

    def installation_of(self, _repository: object) -> InstallationId:
        return INSTALLATION

    def regained(self, *_: object) -> bool:
        return False


def told(happenings: list[Callable[[Shown], Shown]]) -> list[Shown]:
    shown, history = Shown(a_pull()), []
    for happening in happenings:
        shown = happening(shown)
        history.append(shown)
    return history


def ending(history: list[Shown], order: tuple[int, ...], steps: int) -> tuple[Any, ...]:
    """What there is after the events came in that order, and the bot did about so many steps between them."""
    github = GitHub(history)
    rehearsal = Rehearsal(github, Clock())
    client = a_client(rehearsal.mailbox)
    for place, number in enumerate(order):
        github.now = max(github.now, number)
        event, payload = history[number].event
        assert post(client, event, PULL_EVENT | payload).status_code == 202
        for _ in range((steps + place) % 5 * 3):
            rehearsal.step()
    rehearsal.settle()
    return _shown(github, rehearsal)


def _shown(github: GitHub, rehearsal: Rehearsal) -> tuple[Any, ...]:
    head = github.shown.pull.head
    *former, run = [text for sha, text in github.check_runs.values() if sha == head]
    assert {each.status for each in former} <= {"completed"}
    assert len(github.comments) <= 1
    # Whether anything was announced depends on how far it got; what is told now does not.
    says = {body for body in github.comments.values() if "is running" in body}
    active = [sha for sha, texts in github.deployments.values() if texts and texts[-1].state != "inactive"]
    return run.title, run.conclusion, rehearsal.deployed(), rehearsal.serving(), says, active


SAYS = {
    "pushed": "aaaaaaa is running.",
    "reopened": "bbbbbbb is running.",
    "passed too late": "Held by check “test”: failure.",
    "ready at last": "aaaaaaa is running.",
    "closed": "The pull request was closed; nothing of its preview is left.",
    "merged": "The pull request was merged; nothing of its preview is left.",
}


@pytest.mark.parametrize("name", HISTORIES)
def test_order_does_not_matter__of_five_events(name: str) -> None:
    history = told(HISTORIES[name])
    endings = [ending(history, order, steps) for steps, order in enumerate(permutations(range(5)))]
    assert len(endings) == 120
    assert [each for each in endings if each != endings[0]] == []
    assert endings[0][0] == SAYS[name]
