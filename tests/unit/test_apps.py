"""Several apps of one pull request: whose names, which are touched, who is asked what, and what all of it comes to."""

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.decide import AppFacts, Facts, Forget, Plan, Remove, decide
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.sweep import YOUNG
from reviewbot.model import (
    CREATE,
    REDEPLOY,
    RESET,
    App,
    Approval,
    Approvals,
    Deployed,
    Exclusion,
    Phase,
    Preview,
    Problem,
    PullState,
    Record,
    RepositoryConfig,
    Request,
    ScopePolicy,
    Section,
    Sha,
    Verdict,
)
from reviewbot.preview import owner
from reviewbot.reconcile.apps import Apps, known
from reviewbot.reconcile.look import UNNAMED
from reviewbot.reconcile.shown import told_of
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.status import status, stored
from reviewbot.render.names import Address, host_label, namespace, url_variable
from reviewbot.render.walls import managed_namespace
from reviewbot.report import digest
from reviewbot.scope import untouched
from tests.unit.builders import HEAD, NOW, OLDER, OWN_APP, PREVIEW_URL, REF, a_pull, a_record, minutes
from tests.unit.stores import Store
from tests.unit.test_sweep import OLD, World

GREEN, RED = Verdict(True, "All checks pass."), Verdict(False, "Waiting for check “build”.")
UNTOUCHED = Exclusion("Untouched", "Not changed, so not deployed.")
SHOP, ADMIN = replace(REF, app="shop"), replace(REF, app="admin")


def a_section(phase: Phase = Phase.RUNNING, **changes: Any) -> Section:
    serving = HEAD if phase is Phase.RUNNING else None
    section = Section(phase, "Ready", HEAD, "aaaaaaa is running.", "`aaaaaaa` is running.", PREVIEW_URL, serving)
    return replace(section, **changes)


def an_app(name: str, phase: Phase = Phase.RUNNING, **changes: Any) -> AppFacts:
    """An app that is on record, and says how it fares."""
    section = a_section(phase, **changes)
    return AppFacts(name, a_record(ref=replace(REF, app=name), phase=section.phase, section=section))


def facts(*apps: AppFacts, **changes: Any) -> Facts:
    named = {app.name: app.excluded for app in apps}
    values: dict[str, Any] = {"named": named, "verdict": GREEN, "apps": apps} | changes
    return Facts(NOW, values.pop("record", a_record()), values.pop("pull", a_pull()), Preview("absent"), **values)


def failed(name: str) -> AppFacts:
    said = "Process web keeps ending (exit code 3)."
    text = f"{said}\n\nThe last lines of its log:\n\n```text\nno such file\n```"
    problem = ("failure", Problem("apps/admin/app.json", 1, 15, "env.A: must be a string"))
    return an_app(name, Phase.FAILED, reason="Crashed", title=said, text=text, annotations=(problem,))


# --- names ----------------------------------------------------------------------------------------


def test_each_app_has_names_of_its_own() -> None:
    names = {(ref.name, namespace(ref), host_label(ref, "acme/shop", "key")) for ref in (REF, SHOP, ADMIN)}
    assert [len(set(each)) for each in zip(*names, strict=True)] == [3, 3, 3]
    assert (SHOP.name, SHOP.whole) == ("pr-4711-12-shop", REF)
    assert host_label(SHOP, "acme/shop", "key").startswith("shop-shop-pr-12-")
    assert len(host_label(replace(REF, app="a" * 20), f"acme/{'x' * 100}", "key")) == 63


def test_the_names_of_a_pull_request_itself_are_as_ever() -> None:
    assert (REF.name, namespace(REF)) == ("pr-4711-12", "rb-6ls4g7i3yebhxsfdktix")
    assert host_label(REF, "acme/shop", "key") == "shop-pr-12-r74x3xc2f7"


def test_a_namespace_tells_whose_it_is() -> None:
    assert [owner(managed_namespace(ref)) for ref in (REF, SHOP)] == [REF, SHOP]
    forged = managed_namespace(SHOP)
    forged["metadata"]["annotations"]["reviewbot.dev/app"] = "admin"
    assert owner(forged) is None


def test_the_addresses_of_all_apps_stay_when_the_repository_is_renamed() -> None:
    site = Site(OWN_APP, "key", "https://preview.example.com", "a/b", None)
    before = site.app_address(a_record(), "admin", a_pull())
    host = site.address(a_record(), a_pull()).label
    assert site.app_address(a_record(host=host), "admin", a_pull(full_name="acme/market")) == before
    assert url_variable("my-app") == "REVIEWBOT_URL_MY_APP"


# --- which are touched ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "touched"),
    [
        (["apps/shop/main.go"], {"shop", "root", "always"}),
        (["apps/shopping/main.go"], {"root", "always"}),
        (["libs/a/b.go"], {"admin", "root", "always"}),
        (["README.md", "apps/shop/README.md"], set()),
        (["README.md", "apps/admin/main.go"], {"admin", "root", "always"}),
        ([], set()),
        (None, {"shop", "admin", "root", "always"}),
    ],
)
def test_an_app_is_touched_in_its_folder_and_by_its_paths(paths: list[str] | None, touched: set[str]) -> None:
    plain = RepositoryConfig()
    apps = {
        "shop": App("apps/shop", plain),
        "admin": App("apps/admin", plain, ("/libs/",)),
        "root": App("", plain),
        "always": App("none", plain, ("*",)),
    }
    found = untouched(RepositoryConfig(apps=apps, scope=ScopePolicy()), paths)
    assert {name for name, excluded in found.items() if excluded is None} == touched
    assert set(found.values()) <= {None, UNTOUCHED}


# --- what it comes to -----------------------------------------------------------------------------

DEPLOYING = Plan(Phase.DEPLOYING, "Apps", "Deploying `aaaaaaa`: shop.", in_flight=True)
RUNNING = Plan(Phase.RUNNING, "AppsReady", "`aaaaaaa` is running.")
FAILED = Plan(Phase.FAILED, "Crashed", "shop: Process web keeps ending (exit code 3).")
WAITING = Plan(Phase.WAITING, "Image", "shop: Waiting for the image.")
AWAITED: dict[str, Any] = {"reason": "Image", "title": "Waiting for the image."}


@pytest.mark.parametrize(
    ("apps", "plan"),
    [
        ((an_app("shop"), an_app("admin")), RUNNING),
        ((an_app("shop"), AppFacts("admin", excluded=UNTOUCHED)), RUNNING),
        ((AppFacts("shop"), an_app("admin")), DEPLOYING),
        ((an_app("shop", sha=OLDER), an_app("admin")), DEPLOYING),
        ((an_app("shop", Phase.CLOSED), an_app("admin")), DEPLOYING),
        ((an_app("shop", Phase.WAITING, **AWAITED), an_app("admin")), WAITING),
        (
            (an_app("shop", Phase.WAITING, **AWAITED), an_app("admin", Phase.DEPLOYING)),
            replace(WAITING, in_flight=True),
        ),
        ((failed("shop"), an_app("admin", Phase.WAITING, **AWAITED)), FAILED),
        ((failed("shop"), an_app("admin", Phase.DEPLOYING)), replace(FAILED, in_flight=True)),
        (
            (AppFacts("shop", excluded=UNTOUCHED), AppFacts("admin", excluded=UNTOUCHED)),
            Plan(Phase.SKIPPED, "Untouched", "None of the apps is changed: shop, admin.", ends=True),
        ),
    ],
)
def test_the_worst_is_what_is_said_of_all(apps: tuple[AppFacts, ...], plan: Plan) -> None:
    assert decide(facts(*apps)) == plan


def test_nothing_is_said_of_apps_before_the_commit_is_green() -> None:
    plan = decide(facts(an_app("shop", sha=OLDER), verdict=RED))
    assert (plan.phase, plan.reason) == (Phase.WAITING, "Checks")


def test_what_was_deployed_once_is_not_taken_back() -> None:
    app = an_app("shop")
    assert app.record is not None
    deployed = replace(app, record=replace(app.record, serving=Deployed("a", HEAD, NOW)))
    assert decide(facts(deployed, verdict=RED)) == RUNNING


def test_settings_that_cannot_be_read_are_told_and_take_nothing_away() -> None:
    plan = decide(facts(an_app("shop"), named=None, problem="It cannot be read."))
    assert (plan.phase, plan.sentence, plan.steps) == (Phase.FAILED, "It cannot be read.", ())


def test_what_is_left_of_a_time_with_one_app_goes() -> None:
    found = replace(facts(an_app("shop")), preview=Preview("active", uid="uid"))
    assert decide(found).steps == (Remove("uid"),)


def test_a_closed_pull_request_is_closed_when_each_of_its_apps_is() -> None:
    closed: dict[str, Any] = {"pull": a_pull(state=PullState.CLOSED), "named": None, "verdict": None}
    going = decide(facts(an_app("shop"), an_app("admin", Phase.CLOSED), **closed))
    assert (going.phase, going.ends) == (Phase.CLOSING, True)
    assert going.sentence == "The pull request was closed; its previews are being removed: shop."
    gone = decide(facts(an_app("shop", Phase.CLOSED), record=a_record(closed_at=NOW - minutes(60 * 24 * 7)), **closed))
    assert (gone.phase, gone.steps) == (Phase.CLOSED, (Forget(),))


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


@pytest.mark.parametrize(
    "apps",
    [
        (an_app("shop"), an_app("admin")),
        (an_app("shop"), AppFacts("admin", excluded=UNTOUCHED)),
        (an_app("shop"), failed("admin")),
        (an_app("shop", Phase.DEPLOYING, serving=OLDER), an_app("admin", sha=OLDER, serving=OLDER)),
        (AppFacts("shop"), AppFacts("admin")),
    ],
    ids=["both run", "one is not changed", "one failed", "both are under way", "nothing was made yet"],
)
def test_what_is_told(apps: tuple[AppFacts, ...], snapshot: SnapshotAssertion) -> None:
    found = facts(*apps)
    assert told_of(a_record(), found, decide(found), Address("shop", "https://preview.example.com")) == snapshot
