"""Several apps of one pull request: who is asked to look, with what, and what of it is remembered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import AppFacts, Facts, decide
from reviewbot.engine.engine import Engine
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.sweep import YOUNG
from reviewbot.model import (
    CREATE,
    REDEPLOY,
    RESET,
    Approval,
    Approvals,
    Deployed,
    Phase,
    Record,
    Request,
    Section,
    Sha,
)
from reviewbot.reconcile import Outcome
from reviewbot.reconcile.apps import Apps, known
from reviewbot.reconcile.look import UNNAMED
from reviewbot.reconcile.status import status, stored
from reviewbot.render.names import Address
from reviewbot.render.walls import managed_namespace
from reviewbot.report import digest
from tests.unit.apps import ADMIN, RED, SHOP, UNTOUCHED, a_section, an_app, facts, failed
from tests.unit.builders import HEAD, NOW, REF, a_record
from tests.unit.stores import Store
from tests.unit.test_sweep import OLD, World

# --- who is asked ---------------------------------------------------------------------------------


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(Store())


def asked(mailbox: Mailbox, found: Facts) -> list[str]:
    """Ask, and tell who has to look then."""
    before = {record.ref.app: record.poke for record in mailbox.apps_of(REF)}
    Apps(mailbox).ask(found.record, found)
    return [record.ref.app for record in mailbox.apps_of(REF) if record.poke != before.get(record.ref.app)]


def on_record(mailbox: Mailbox, found: Facts) -> Facts:
    return Apps(mailbox).gathered(found.record, replace(found, apps=()))


def test_an_app_is_made_when_it_is_to_run_and_asked_once(mailbox: Mailbox) -> None:
    named: dict[str, Any] = {"named": {"shop": None, "admin": UNTOUCHED}}
    assert asked(mailbox, on_record(mailbox, facts(verdict=RED, **named))) == []
    assert asked(mailbox, on_record(mailbox, facts(**named))) == ["shop"]
    assert asked(mailbox, on_record(mailbox, facts(**named))) == []
    assert asked(mailbox, on_record(mailbox, facts(verdict=RED, **named))) == ["shop"]
    assert asked(mailbox, on_record(mailbox, facts(record=a_record(poke="delivery/1"), **named))) == ["shop"]
    (shop,) = mailbox.apps_of(REF)
    assert (shop.ref, shop.delivery) == (SHOP, "delivery")


def test_an_app_that_is_not_named_any_more_is_asked_too(mailbox: Mailbox) -> None:
    mailbox.ask(SHOP, "before", ())
    found = on_record(mailbox, facts(named={"admin": None}))
    assert [(app.name, app.excluded) for app in found.apps] == [("admin", None), ("shop", UNNAMED)]
    assert asked(mailbox, found) == ["shop", "admin"]
    # Whether it is named cannot be told, or does not matter.
    assert [app.excluded for app in on_record(mailbox, facts(named=None)).apps] == [None, None]


def test_for_a_pull_request_without_apps_nothing_is_looked_up() -> None:
    store = Store()
    for record in (a_record(phase=Phase.RUNNING), a_record(ref=SHOP)):
        assert on_record(Mailbox(store), facts(record=record)).apps == ()
    assert store.calls == []


def test_what_somebody_asked_for_is_passed_on_to_each(mailbox: Mailbox) -> None:
    alice = (1, "alice")
    requests = (
        Request("1", REDEPLOY, HEAD, alice, NOW),
        Request("2", RESET, HEAD, alice, NOW),
        Request("3", RESET, HEAD, alice, NOW),
        Request("4", CREATE, HEAD, alice, NOW),
    )
    refused: dict[str, Any] = {"answers": {"3": object()}, "approvals": Approvals(created=Approval("alice", NOW))}
    found = on_record(mailbox, facts(record=a_record(requests=requests), named={"shop": None}, **refused))
    assert asked(mailbox, found) == ["shop"]
    (shop,) = mailbox.apps_of(REF)
    assert {(each.key, each.verb, each.sender) for each in shop.requests} == {("1", REDEPLOY, None), ("2", RESET, None)}


def test_events_are_for_the_pull_request_alone(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    mailbox.ask(SHOP, "poke", ())
    for ref in (REF, SHOP):
        mailbox.label(a_record(ref=ref), HEAD, "host")
    assert mailbox.poke_commit(REF.repository, HEAD) == 1
    assert [record.ref for record in mailbox.records_of(REF.repository)] == [REF]
    assert [record.ref for record in mailbox.apps_of(REF)] == [SHOP]


def test_apps_and_pull_requests_that_lost_their_records_get_them_back() -> None:
    world = World()
    world.mailbox.ask(SHOP, "poke", ())
    world.store.items["ReviewApp", SHOP.name]["metadata"]["creationTimestamp"] = OLD.isoformat()
    world.previews.add(managed_namespace(ADMIN), NOW - YOUNG)
    due, _ = world.sweep()
    assert due == ["pr-4711-12", "pr-4711-12-admin", "pr-4711-12-shop"]


# --- what is remembered and told ------------------------------------------------------------------


@pytest.mark.parametrize("app", [an_app("shop"), failed("shop")])
def test_what_an_app_says_is_read_as_it_was_written(mailbox: Mailbox, app: AppFacts) -> None:
    assert app.record and app.record.section
    mailbox.ask(SHOP, "poke", ())
    mailbox.write_status(SHOP.name, {"section": stored(app.record.section)})
    assert the_record(mailbox).section == app.record.section


def the_record(mailbox: Mailbox) -> Record:
    (record,) = mailbox.apps_of(REF)
    return record


def test_the_pull_requests_record_tells_what_it_knows_of_each() -> None:
    found = facts(an_app("shop"), AppFacts("admin"), record=a_record(serving=Deployed("a", Sha("b"), NOW)))
    written = status(found.record, found, decide(found), Address("shop", "https://preview.example.com"))
    assert written["apps"] == known(found) == [{"name": "shop", "digest": digest(a_section())}]
    # What served when it had one app does so no more.
    assert written["serving"] is None


class Passes:
    """A reconciler that only says who was looked at; what an app says is news to its pull request."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def reconcile(self, name: str) -> Outcome:
        self.seen.append(name)
        return Outcome(wakes=REF.name if name == SHOP.name else None)

    def drop(self, _name: str) -> None: ...
    def tell(self, _name: str) -> None: ...


def looked_at(engine: Engine, passes: Passes) -> list[str]:
    while engine.reconciling.step():
        pass
    return passes.seen


@pytest.fixture
def engine_of() -> Callable[[Passes], Engine]:
    return lambda passes: Engine(passes, passes, passes, {}, lambda: NOW)  # type: ignore[arg-type]


def test_what_an_app_says_has_its_pull_request_looked_at(engine_of: Callable[[Passes], Engine]) -> None:
    passes = Passes()
    engine = engine_of(passes)
    engine.reconciling.add(SHOP.name)
    assert looked_at(engine, passes) == [SHOP.name, REF.name]


@pytest.mark.parametrize(
    ("told", "seen"), [(a_section(), []), (a_section(Phase.FAILED), [REF.name]), (None, [REF.name])]
)
def test_what_was_not_taken_up_is_after_a_start(
    engine_of: Callable[[Passes], Engine], told: Section | None, seen: list[str]
) -> None:
    store, passes = Store(), Passes()
    mailbox = Mailbox(store)
    for ref in (REF, SHOP):
        mailbox.ask(ref, "poke", ())
        mailbox.write_status(ref.name, {"observedPoke": "poke"})
    mailbox.write_status(SHOP.name, {"section": stored(a_section())})
    mailbox.write_status(REF.name, {"apps": [{"name": "shop", "digest": digest(told)}]})
    engine = engine_of(passes)
    engine.resume("ReviewApp", store.items.values())
    assert looked_at(engine, passes) == seen
