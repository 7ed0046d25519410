"""How an add-on fares, read from its objects: whole, ready, on its way out, or in trouble."""

from typing import Any

import pytest

from reviewbot.model import AddonState, Cause
from reviewbot.preview import is_unexplained, read
from tests.unit.builders import REF
from tests.unit.objects import CREATED, a_container, a_namespace, a_pod, waiting

LABELS = {"reviewbot.dev/addon": "postgresql"}
KEEPS = [{"name": "data", "persistentVolumeClaim": {"claimName": "postgresql"}}]
STATUS = {"observedGeneration": 2, "currentRevision": "r1", "updateRevision": "r1", "readyReplicas": 1}
GOING = {"deletionTimestamp": CREATED}
UP = AddonState("postgresql", "abc", whole=True, ready=True)


def a_server(volumes: Any = KEEPS, status: Any = STATUS, **metadata: Any) -> dict[str, Any]:
    labels = {**LABELS, "reviewbot.dev/definition": "abc"}
    return {
        "metadata": {"name": "postgresql", "labels": labels, "uid": "server-uid", "generation": 2} | metadata,
        "spec": {"template": {"spec": {"volumes": volumes}}},
        "status": status,
    }


def part(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "postgresql", "labels": LABELS} | metadata}


def a_server_pod(*containers: Any, revision: str = "r1", **metadata: Any) -> dict[str, Any]:
    labels = {**LABELS, "controller-revision-hash": revision}
    return a_pod(metadata={"name": "postgresql-0", "labels": labels} | metadata, containerStatuses=list(containers))


def seen(**kinds: Any) -> tuple[AddonState, ...]:
    whole = {"StatefulSet": [a_server()], "Service": [part()], "PersistentVolumeClaim": [part()]}
    return read(REF, a_namespace(), whole | kinds).addons


def test_a_whole_one() -> None:
    assert seen() == (UP,)
    assert seen(StatefulSet=[a_server(volumes=[{"emptyDir": {}}])], PersistentVolumeClaim=[]) == (UP,)


def test_they_are_told_apart_by_name() -> None:
    redis = {"name": "redis", "labels": {"reviewbot.dev/addon": "redis"}}
    found = seen(Service=[part(**redis), part(), {"metadata": {"name": "web", "labels": None}}])
    assert [(each.name, each.whole) for each in found] == [("postgresql", True), ("redis", False)]


@pytest.mark.parametrize("kind", ["StatefulSet", "Service", "PersistentVolumeClaim"])
def test_what_is_half_there(kind: str) -> None:
    (found,) = seen(**{kind: []})
    assert (found.whole, found.leaving) == (False, False)
    assert found.definition == ("" if kind == "StatefulSet" else "abc")


def test_what_is_gone_is_gone() -> None:
    assert seen(StatefulSet=[], Service=[], PersistentVolumeClaim=[]) == ()


@pytest.mark.parametrize(
    ("kinds", "leaving"),
    [
        ({"StatefulSet": [a_server(**GOING)]}, True),
        ({"StatefulSet": [], "PersistentVolumeClaim": [part(**GOING)]}, True),
        ({"StatefulSet": [], "Pod": [a_server_pod(**GOING)]}, True),
        ({"StatefulSet": []}, False),
        # It is held by the server that uses it; when that is made anew, so is the claim.
        ({"PersistentVolumeClaim": [part(**GOING)]}, False),
        # Its server makes another.
        ({"Pod": [a_server_pod(**GOING)]}, False),
    ],
    ids=["server", "claim", "pod", "none", "claim in use", "pod of a server"],
)
def test_what_leaves(kinds: Any, leaving: bool) -> None:
    (found,) = seen(**kinds)
    assert found.leaving == leaving
    assert not (found.leaving and found.whole)


@pytest.mark.parametrize(
    ("kinds", "undeleted"),
    [
        ({}, True),
        ({"StatefulSet": [a_server(**GOING)]}, True),
        ({"StatefulSet": []}, True),
        ({"StatefulSet": [], "Service": []}, True),
        ({"StatefulSet": [], "PersistentVolumeClaim": [part(**GOING)]}, True),
        ({"StatefulSet": [], "PersistentVolumeClaim": []}, True),
        ({"StatefulSet": [], "Service": [], "PersistentVolumeClaim": [part(**GOING)]}, False),
        ({"StatefulSet": [a_server(**GOING)], "Service": [], "PersistentVolumeClaim": [part(**GOING)]}, False),
    ],
)
def test_reset_goes_on_until_it_is_done__by_what_nobody_deleted_yet(kinds: Any, undeleted: bool) -> None:
    # Whatever becomes of its pod meanwhile.
    for pods in ([], [a_server_pod(**GOING)]):
        (found,) = seen(**kinds | {"Pod": pods})
        assert found.undeleted == undeleted


@pytest.mark.parametrize(
    ("change", "ready"),
    [
        ({}, True),
        ({"readyReplicas": 0}, False),
        ({"readyReplicas": None}, False),
        ({"observedGeneration": 1}, False),
        ({"currentRevision": "r0"}, False),
    ],
)
def test_ready_is_what_it_should_be_by_now(change: Any, ready: bool) -> None:
    status = {name: value for name, value in (STATUS | change).items() if value is not None}
    (found,) = seen(StatefulSet=[a_server(status=status)])
    assert found.ready == ready
    (bare,) = seen(StatefulSet=[a_server(status=None)])
    assert not bare.ready


MISSING = waiting("ErrImagePull", "not found", name="postgresql")


@pytest.mark.parametrize(
    ("pod", "status", "cause"),
    [
        (a_server_pod(MISSING), STATUS, Cause.IMAGE),
        (a_server_pod(a_container("postgresql", state={"running": {}})), STATUS, None),
        # What an older definition suffers from may be mended in this one.
        (a_server_pod(MISSING, revision="r0"), STATUS, None),
        (a_server_pod(MISSING), STATUS | {"observedGeneration": 1}, None),
        (a_server_pod(MISSING, labels={"reviewbot.dev/addon": "redis"}), STATUS, None),
    ],
)
def test_trouble(pod: Any, status: Any, cause: Any) -> None:
    (found,) = (each for each in seen(StatefulSet=[a_server(status=status)], Pod=[pod]) if each.name == "postgresql")
    assert (found.trouble.cause if found.trouble else None) == cause


REFUSED = {
    "reason": "FailedCreate",
    "note": 'create Pod postgresql-0 in StatefulSet postgresql failed error: pods "postgresql-0" is forbidden: no',
    "regarding": {"kind": "StatefulSet", "uid": "server-uid"},
}


def test_why_it_has_no_pod() -> None:
    down = a_server(status=None)
    (found,) = seen(StatefulSet=[down], Event=[REFUSED])
    assert found.trouble is not None
    assert found.trouble.sentence == ("The cluster refused its pods: no. Whoever runs the cluster sets these rules.")
    (gone,) = seen(StatefulSet=[], Event=[REFUSED])
    assert gone.trouble is None


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({}, False),
        ({"StatefulSet": [a_server(status=None)]}, True),
        ({"StatefulSet": [a_server(status=None)], "Event": [REFUSED]}, False),
    ],
)
def test_events_are_asked_for_only_where_nothing_else_explains(kinds: Any, expected: bool) -> None:
    whole = {"StatefulSet": [a_server()], "Service": [part()], "PersistentVolumeClaim": [part()]}
    assert is_unexplained(read(REF, a_namespace(), whole | kinds)) == expected
