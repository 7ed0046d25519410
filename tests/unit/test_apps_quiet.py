"""The quiet period of a pull request that has several apps, which share one look at GitHub, and of one that has one."""

from datetime import UTC, datetime, timedelta

import pytest

from reviewbot.errors import Unseen
from reviewbot.model import Check, CheckState, PullRequest, Requirements
from tests.stories.clock import Clock
from tests.unit.boards import Board
from tests.unit.builders import REF, a_check, a_pull
from tests.unit.posts import PULL_EVENT, a_client, post
from tests.unit.rehearsal import HORIZON, Rehearsal

QUIET = timedelta(seconds=10)
CONFIG = "image: registry.example.com/shop:{sha}\nchecks: {quiet: 10}\n"
ONE, SEVERAL = CONFIG, CONFIG + "apps: {shop: {path: apps/shop}, admin: {path: apps/admin}}\n"


class Ticking(Clock):
    """A millisecond passes whenever somebody asks for the time."""

    def __init__(self) -> None:
        super().__init__()
        self._now = super().__call__()

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def skip_to(self, timestamp: float) -> None:
        self._now = max(self._now, datetime.fromtimestamp(timestamp, tz=UTC))

    def skip(self, duration: timedelta) -> None:
        self._now += duration


class GitHub(Board):
    """GitHub with one pull request, whose checks have just passed; None are required."""

    def __init__(self, config: str, clock: Clock) -> None:
        super().__init__()
        self.passed = clock()
        self.down = False
        self.looks = 0
        self._config = config

    def pull(self, _ref: object) -> PullRequest:
        self.looks += 1
        if self.down:
            raise Unseen("GitHub does not answer")
        return a_pull()

    def open_pulls(self, *_: object) -> list[PullRequest]:
        return [a_pull()]

    def reported(self, *_: object) -> tuple[Check, ...]:
        return (a_check("test", CheckState.PASSING, at=self.passed),)

    def required(self, *_: object) -> Requirements:
        return Requirements()

    def suites(self, *_: object) -> tuple[()]:
        return ()

    def changed_paths(self, *_: object) -> tuple[str, ...]:
        return ("apps/shop/a.py", "apps/admin/b.py")

    def folder(self, *_: object) -> None: ...
    def parents(self, *_: object) -> None: ...

    def file(self, _ref: object, path: str, _at: object) -> bytes | None:
        return {".github/reviewbot.yml": self._config.encode()}.get(path, b"web: web" if "Procfile" in path else None)


class Quiet:
    """A pull request that was just opened, up to the end of its quiet period."""

    def __init__(self, config: str) -> None:
        self.clock = Ticking()
        self.github = GitHub(config, self.clock)
        self.rehearsal = Rehearsal(self.github, self.clock)
        assert post(a_client(self.rehearsal.mailbox), "pull_request", PULL_EVENT).status_code == 202

    @property
    def status(self) -> dict[str, object]:
        found: dict[str, object] = self.rehearsal.store.items["ReviewApp", REF.name].get("status", {})
        return found

    @property
    def since(self) -> timedelta:
        return self.clock() - self.github.passed

    def waits(self, limit: timedelta) -> int:
        """Step on while it waits for its checks, at most so long after they passed; how often its record is written."""
        calls = self.rehearsal.store.calls
        before = calls.count(("patch", "ReviewApp", REF.name))
        while self.status.get("phase", "Waiting") == "Waiting" and self.since < limit:
            if not self.rehearsal.step():
                self.clock.skip(HORIZON)
        return calls.count(("patch", "ReviewApp", REF.name)) - before


@pytest.mark.parametrize("config", [ONE, SEVERAL], ids=["one", "several"])
def test_no_hot_loop__while_it_is_quiet(config: str) -> None:
    quiet = Quiet(config)
    assert quiet.waits(3 * QUIET) < 20
    assert quiet.status["phase"] == "Deploying"
    assert QUIET <= quiet.since < 1.2 * QUIET


@pytest.mark.parametrize("config", [ONE, SEVERAL], ids=["one", "several"])
def test_no_hot_loop__while_github_is_down_at_its_end(config: str) -> None:
    quiet = Quiet(config)
    quiet.waits(0.5 * QUIET)
    quiet.github.down, quiet.github.looks = True, 0
    assert quiet.waits(6 * QUIET) < 20
    assert quiet.github.looks < 10
    quiet.github.down = False
    quiet.waits(15 * QUIET)
    assert quiet.status["phase"] == "Deploying"
