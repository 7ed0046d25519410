"""A preview rests only if nothing at all is left to do; whatever is amiss has it looked at whole."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import AddonState, Cause, Deployed, Phase, Preview, Trouble
from reviewbot.reconcile.rest import inventory, is_as_recorded, is_settled
from tests.unit.builders import HEAD, NOW, OLDER, a_record, a_state

IMAGES = {"web": "shop@sha256:1", "worker": "shop@sha256:2"}
READY = a_state(ready=True, images=IMAGES, processes=frozenset({"web", "worker", "clock"}))
RESTING: dict[str, Any] = {
    "phase": Phase.RUNNING,
    "head": HEAD,
    "serving": Deployed(READY.id, HEAD, NOW),
    "images": IMAGES,
    "report": "a digest",
    "told": "a digest",
    "poke": "p",
    "observed_poke": "p",
    "again": NOW,
}


def test_what_rests() -> None:
    record = a_record(**RESTING)
    assert is_settled(record)
    assert is_as_recorded(record, Preview("active", (READY,), READY.id))


@pytest.mark.parametrize(
    "change",
    [
        *({"phase": phase} for phase in [*Phase, None] if phase is not Phase.RUNNING),
        {"poke": "another"},
        {"told": None},
        {"report": None, "told": None},
        {"head": OLDER},
        {"serving": None},
        {"unready_since": NOW},
        {"deployments_again": NOW},
        {"comment_again": NOW},
        {"answered": (("a-delivery", NOW),)},
        {"reason": "Ailing"},
    ],
    ids=str,
)
def test_a_record_that_is_not_settled(change: dict[str, Any]) -> None:
    assert not is_settled(a_record(**RESTING | change))


@pytest.mark.parametrize(
    "preview",
    [
        Preview("absent"),
        Preview("terminating"),
        Preview("foreign"),
        Preview("active"),
        Preview("active", (READY,)),
        Preview("active", (READY,), "another"),
        Preview("active", (a_state(id="old"), READY), READY.id),
        Preview("active", (a_state(ready=False, images=IMAGES, processes=READY.processes),), READY.id),
        Preview("active", (a_state(ready=True, images=IMAGES, processes=frozenset({"web", "clock"})),), READY.id),
        Preview("active", (a_state(ready=True, images={}, processes=READY.processes),), READY.id),
        Preview("active", (replace(READY, trouble=Trouble(Cause.CRASH, "It keeps ending.", final=True)),), READY.id),
    ],
    ids=[
        "absent",
        "terminating",
        "foreign",
        "empty",
        "unrouted",
        "elsewhere",
        "draining",
        "unready",
        "less",
        "moved",
        "ailing",
    ],
)
def test_a_cluster_that_shows_something_else(preview: Preview) -> None:
    assert not is_as_recorded(a_record(**RESTING), preview)


DATA = AddonState("postgresql", "abc", whole=True, ready=True)


@pytest.mark.parametrize(
    ("addons", "rests"),
    [
        ((DATA,), True),
        ((DATA, replace(DATA, name="redis", ready=False)), True),
        ((), False),
        ((replace(DATA, name="redis"),), False),
        ((replace(DATA, ready=False),), False),
        ((replace(DATA, whole=False),), False),
    ],
    ids=["there", "and one that nobody wants", "gone", "another", "unready", "half"],
)
def test_the_add_ons_that_it_should_have(addons: Any, rests: bool) -> None:
    preview = Preview("active", (READY,), READY.id, addons=addons)
    assert is_as_recorded(a_record(**RESTING, addons=("postgresql",)), preview) == rests


def test_without_images_on_record_nobody_knows_what_should_be_there() -> None:
    record = a_record(**RESTING | {"images": {}})
    bare = a_state(ready=True, images={}, processes=frozenset({"web"}))
    assert not is_as_recorded(record, Preview("active", (bare,), READY.id))


OWN = a_state(ready=True, images={"web/app": "shop@sha256:1"}, processes=frozenset(), objects=frozenset({("Job", "a")}))


@pytest.mark.parametrize(
    ("objects", "rests"), [({("Job", "a")}, True), ({("Job", "a"), ("Job", "b")}, False), (set(), False)]
)
def test_of_a_repositorys_own_objects_none_is_missing_or_new(objects: set[tuple[str, str]], rests: bool) -> None:
    record = a_record(**RESTING | {"images": OWN.images, "objects": inventory(OWN)})
    state = replace(OWN, objects=frozenset(objects))
    assert is_as_recorded(record, Preview("active", (state,), OWN.id)) is rests
