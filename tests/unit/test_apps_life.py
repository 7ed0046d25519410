"""A pull request with several apps, through the whole engine, while GitHub or the cluster is not quite well."""

import pytest

from reviewbot.decide import CHECK
from reviewbot.errors import Missing
from reviewbot.model import CheckState, Phase, PullRequest, Record
from reviewbot.reconcile.look import CONFIG_PATH
from reviewbot.reconcile.missing import GONE_AFTER
from tests.stories.clock import Clock
from tests.unit.apps import SHOP
from tests.unit.builders import HEAD, REF, a_pull
from tests.unit.rehearsal import Rehearsal
from tests.unit.test_order_of_events import GitHub, Shown

APPS = b"apps: {shop: {path: apps/shop}, admin: {path: apps/admin}}\n"
FILES = {
    CONFIG_PATH: b"image: registry.example.com/shop:{sha}\n" + APPS,
    "apps/shop/Procfile": b"web: bin/web\n",
}


class Town(GitHub):
    """A GitHub that has one pull request, whose commit is green; it changes one of its two apps."""

    def __init__(self) -> None:
        super().__init__([Shown(a_pull(), {HEAD: CheckState.PASSING})])
        self.now = 0
        self.blinks = False

    def pull(self, ref: object) -> PullRequest:
        if self.blinks:
            self.blinks = False
            raise Missing("GitHub does not show pull request 12")
        return super().pull(ref)

    def file(self, _ref: object, path: str, _at: str) -> bytes | None:  # type: ignore[override]
        return FILES.get(path)

    def changed_paths(self, *_: object) -> tuple[str, ...]:
        return ("apps/shop/main.py",)


class Life:
    """What a test needs of all that."""

    def __init__(self) -> None:
        self.github, self.clock = Town(), Clock()
        self.bot = Rehearsal(self.github, self.clock, SHOP)
        self.bot.mailbox.poke(REF)

    def whole(self) -> Record:
        """The pull request's own record."""
        (record,) = self.bot.mailbox.records_of(REF.repository)
        return record

    def is_running(self) -> None:
        self.bot.settle()
        (check_run,) = self.github.check_runs.values()
        assert (check_run[1].title, self.bot.deployed()) == ("aaaaaaa is running.", [HEAD])
        assert (self.whole().phase, self.whole().missing_since) == (Phase.RUNNING, None)

    def blinks(self) -> None:
        """Somebody is told that there is no such pull request."""
        self.github.blinks = True
        while self.github.blinks:
            assert self.bot.step()


@pytest.fixture
def life() -> Life:
    return Life()


def test_absence_is_not_closure__of_an_app_that_was_not_shown_its_pull_request_once(life: Life) -> None:
    life.is_running()
    life.bot.restarts()
    life.clock.skip(CHECK * 1.2)
    life.blinks()
    # The pull request itself is to find out, whatever becomes of the app.
    assert (life.whole().due, life.whole().missing_since) == (True, None)
    life.is_running()
    life.clock.skip(GONE_AFTER)
    life.bot.mailbox.poke(REF)
    life.blinks()
    life.is_running()
