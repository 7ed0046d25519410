"""Several apps of one pull request: whose names, which are touched, what all of it comes to and is told."""

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.decide import AppFacts, Forget, Plan, Remove, decide
from reviewbot.model import (
    App,
    Deployed,
    Phase,
    Preview,
    PullState,
    RepositoryConfig,
    ScopePolicy,
)
from reviewbot.preview import owner
from reviewbot.reconcile.shown import told_of
from reviewbot.reconcile.site import Site
from reviewbot.render.names import Address, host_label, namespace, url_variable
from reviewbot.render.walls import managed_namespace
from reviewbot.scope import untouched
from tests.unit.apps import ADMIN, RED, SHOP, UNTOUCHED, an_app, facts, failed
from tests.unit.builders import HEAD, NOW, OLDER, OWN_APP, REF, a_pull, a_record, minutes

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
