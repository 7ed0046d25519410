"""Whose record is looked at because of what EndpointSlices tell: only a release that can answer, or no longer can."""

from typing import Any

import pytest

from reviewbot.engine.readiness import Readiness
from reviewbot.model import Deployed
from reviewbot.render.names import namespace
from tests.unit.builders import HEAD, NOW, REF, a_record, a_ref
from tests.unit.objects import OLD_RELEASE, RELEASE, a_slice

HERE = namespace(REF)


def a_slice_in(where: str, *ready: bool, name: str = "", release: str = RELEASE) -> dict[str, Any]:
    item = a_slice(*ready, release=release)
    name = name or item["metadata"]["name"]
    labels = item["metadata"]["labels"] | {"reviewbot.dev/release": release}
    return item | {"metadata": item["metadata"] | {"name": name, "namespace": where, "labels": labels}}


def here(*ready: bool, **more: str) -> dict[str, Any]:
    return a_slice_in(HERE, *ready, **more)


def known(*slices: dict[str, Any]) -> Readiness:
    readiness = Readiness()
    readiness.know(REF)
    readiness.relist(slices)
    return readiness


READY, RESTING = here(True), here(False)


@pytest.mark.parametrize(
    ("before", "change", "item", "matters"),
    [
        ([], "ADDED", READY, True),
        ([], "ADDED", RESTING, False),
        ([], "ADDED", here(), False),
        ([RESTING], "MODIFIED", READY, True),
        ([READY], "MODIFIED", RESTING, True),
        ([READY], "MODIFIED", here(), True),
        ([READY], "DELETED", READY, True),
        ([RESTING], "DELETED", RESTING, False),
        ([READY], "MODIFIED", here(True, True), False),
        ([here(True, True)], "MODIFIED", here(True, False), False),
        # Another slice of the same release still can answer.
        ([READY, here(True, name="second")], "DELETED", READY, False),
        # Another release is another matter.
        ([READY], "ADDED", here(True, release=OLD_RELEASE), True),
        ([READY, here(True, release=OLD_RELEASE)], "DELETED", here(True, release=OLD_RELEASE), True),
        # What is not a preview of ours is nobody's.
        ([], "ADDED", a_slice_in("elsewhere", True), False),
    ],
)
def test_what_matters(before: Any, change: str, item: dict[str, Any], matters: bool) -> None:
    readiness = known(*before)
    assert readiness.hear(change, item) == (REF.name if matters else None)
    assert readiness.hear(change, item) is None


@pytest.mark.parametrize(
    ("before", "after", "looked_at"),
    [
        ([READY], [READY], []),
        ([READY], [here(True, name="another")], []),
        ([READY], [RESTING], [REF.name]),
        ([READY], [], [REF.name]),
        ([], [READY], [REF.name]),
        ([RESTING], [], []),
    ],
)
def test_a_list_after_a_break_tells_only_what_changed_meanwhile(before: Any, after: Any, looked_at: Any) -> None:
    assert known(*before).relist(after) == looked_at


SERVING = Deployed(RELEASE, HEAD, NOW)


@pytest.mark.parametrize(
    ("record", "slices", "looked_at"),
    [
        ({"serving": SERVING}, [READY], []),
        ({"serving": SERVING}, [RESTING], [REF.name]),
        ({"serving": SERVING}, [], [REF.name]),
        ({"serving": SERVING, "unready_since": NOW}, [RESTING], []),
        ({"serving": SERVING, "unready_since": NOW}, [READY], [REF.name]),
        ({}, [RESTING], []),
        ({}, [READY], [REF.name]),
    ],
)
def test_the_first_list_is_held_against_the_records(record: Any, slices: Any, looked_at: Any) -> None:
    readiness = Readiness()
    readiness.know(REF)
    readiness.expect(a_record(**record))
    assert readiness.relist(slices) == looked_at


def test_a_record_that_is_gone_is_not_looked_at() -> None:
    readiness = known()
    readiness.know(a_ref(13))
    readiness.forget(REF)
    assert readiness.hear("ADDED", READY) is None
    assert readiness.hear("ADDED", a_slice_in(namespace(a_ref(13)), True)) == a_ref(13).name


def test_records_that_went_unseen_are_not_looked_at() -> None:
    readiness = known()
    readiness.know(a_ref(13))
    readiness.keep_only([a_ref(13)])
    assert readiness.hear("ADDED", READY) is None
    assert readiness.hear("ADDED", a_slice_in(namespace(a_ref(13)), True)) == a_ref(13).name
