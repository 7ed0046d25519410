"""A pull request with several apps, through the whole engine, while GitHub or the cluster is not quite well."""

from collections.abc import Callable
from typing import Any

import pytest

from reviewbot.decide import CHECK, Facts, Plan
from reviewbot.errors import Missing, Unseen
from reviewbot.model import CREATE, CheckState, Phase, PullRequest, Record, Request, Section
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.look import CONFIG_PATH
from reviewbot.reconcile.missing import GONE_AFTER
from reviewbot.render.names import Address
from tests.stories.clock import Clock
from tests.unit.apps import SHOP, a_section
from tests.unit.builders import HEAD, REF, a_pull, a_record
from tests.unit.rehearsal import Rehearsal
from tests.unit.test_order_of_events import GitHub, Shown
from tests.unit.test_reconcile import Outside, active

IMAGE = b"image: registry.example.com/shop:{sha}\n"
APPS = b"apps: {shop: {path: apps/shop}, admin: {path: apps/admin}}\n"


class Town(GitHub):
    """A GitHub that has one pull request, whose commit is green; it changes one of its two apps."""

    def __init__(self) -> None:
        super().__init__([Shown(a_pull(), {HEAD: CheckState.PASSING})])
        self.now = 0
        self.blinks = False
        self.apps = APPS

    def pull(self, ref: object) -> PullRequest:
        if self.blinks:
            self.blinks = False
            raise Missing("GitHub does not show pull request 12")
        return super().pull(ref)

    def file(self, _ref: object, path: str, _at: str) -> bytes | None:  # type: ignore[override]
        return {CONFIG_PATH: IMAGE + self.apps, "apps/shop/Procfile": b"web: bin/web\n"}.get(path)

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
        *_, check_run = self.github.check_runs.values()
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


def losing(name: str) -> Callable[[dict[str, Any]], None]:
    """The answer to a write of that record gets lost whenever it says something else than before."""
    said = []

    def written(item: dict[str, Any]) -> None:
        section = item.get("status", {}).get("section")
        if item["metadata"]["name"] == name and section not in said:
            said.append(section)
            raise Unseen("the cluster does not answer")

    return written


def test_lost_wakeup__of_an_app_that_has_no_answer_to_what_it_writes(life: Life) -> None:
    life.bot.store.written = losing(SHOP.name)
    life.is_running()


class Resting(Outside):
    """One of several apps, at rest as soon as what it says is on record, though the answer to that is lost."""

    def __init__(self) -> None:
        super().__init__(active(CHECK), None)
        self.section: Section | None = None

    def record(self, name: str) -> Record:
        return a_record(ref=SHOP, section=self.section) if name == SHOP.name else a_record()

    def rest(self, _record: Record) -> Plan | None:  # type: ignore[override]
        return Plan(Phase.RUNNING, "Ready", "") if self.section else None

    def observe_app(self, record: Record, _whole: Record) -> Facts:
        return self.observe(record)

    def app_address(self, *_: object) -> Address:
        return self.address()

    def write_status(self, name: str, status: dict[str, Any]) -> None:
        super().write_status(name, status)
        if "section" in status:
            self.section = a_section()
            raise Unseen("the cluster does not answer")


def test_lost_wakeup__of_an_app_that_is_at_rest_by_then() -> None:
    app = Resting()
    reconciler = Reconciler(app, app, app, app)  # type: ignore[arg-type]
    with pytest.raises(Unseen):
        reconciler.reconcile(SHOP.name)
    assert [reconciler.reconcile(SHOP.name).wakes for _ in range(2)] == [REF.name, None]


def test_an_app_that_the_settings_name_no_more_goes__though_somebody_asked_for_it(life: Life) -> None:
    life.is_running()
    life.bot.mailbox.note(life.whole(), Request("1", CREATE, HEAD, None, life.clock()))
    life.bot.settle()
    assert life.bot.deployed() == [HEAD]
    life.github.apps = b"apps: {admin: {path: apps/admin}}\n"
    life.bot.mailbox.poke(REF)
    life.bot.settle()
    (shop,) = (each for each in life.bot.mailbox.apps_of(REF) if each.ref == SHOP)
    assert (shop.phase, shop.reason, life.bot.deployed()) == (Phase.SKIPPED, "NoSuchApp", [])
