"""What a preview's namespace and its objects say: ours or foreign, which releases, which of them ready and routed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from reviewbot.model import InstallationId, Preview, PullRequestRef, ReleaseState
from reviewbot.preview import is_ours, owner, read
from reviewbot.render.walls import managed_namespace
from tests.unit.builders import HEAD, REF, a_ref
from tests.unit.objects import (
    CREATED,
    OLD_RELEASE,
    RELEASE,
    a_container,
    a_deployment,
    a_namespace,
    a_pod,
    a_route,
    a_service,
    a_slice,
    labels,
    objects,
)

SINCE = datetime(2026, 5, 4, 11, 59, 30, tzinfo=UTC)
STATE = ReleaseState(RELEASE, HEAD, SINCE, frozenset({"web"}), ready=True, images={"web": "shop@sha256:1"})


def seen(namespace: Any = None, **kinds: Any) -> Preview:
    return read(REF, namespace or a_namespace(), objects(**kinds))


def the_release(**kinds: Any) -> ReleaseState:
    (state,) = seen(**kinds).releases
    return state


def test_a_whole_preview() -> None:
    assert seen() == Preview("active", (STATE,), RELEASE, "namespace-uid")


def test_absent() -> None:
    assert read(REF, None, objects()) == Preview("absent")


def test_terminating() -> None:
    namespace = a_namespace(deletionTimestamp="2026-05-04T12:00:00Z")
    assert seen(namespace) == Preview("terminating", uid="namespace-uid")


def test_what_holds_a_namespace_is_read_from_its_conditions() -> None:
    conditions = [
        {
            "type": "NamespaceDeletionDiscoveryFailure",
            "status": "True",
            "message": "Discovery failed for x.example.com.",
        },
        {"type": "NamespaceContentRemaining", "status": "False", "message": "All content was deleted."},
        {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "example.com/hold in 1 instance."},
    ]
    namespace = a_namespace(deletionTimestamp="2026-05-04T12:00:00Z") | {"status": {"conditions": conditions}}
    assert seen(namespace).stuck == "Discovery failed for x.example.com. example.com/hold in 1 instance."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, REF),
        ({"name": "rb-another"}, None),
        ({"labels": {}}, None),
        ({"annotations": None}, None),
        ({"annotations": {"reviewbot.dev/repository-id": "4711", "reviewbot.dev/pull-request": "12"}}, None),
    ],
)
def test_whose_a_namespace_is(changes: dict[str, Any], expected: PullRequestRef | None) -> None:
    item = managed_namespace(REF)
    assert owner(item | {"metadata": item["metadata"] | changes}) == expected


def test_empty() -> None:
    assert read(REF, a_namespace(), {}) == Preview("active", uid="namespace-uid")


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": None},
        {"labels": {}},
        {"labels": {"reviewbot.dev/managed": "false"}},
        {"annotations": None},
        {"annotations": {}},
        {"annotations": {"reviewbot.dev/repository-id": "4711"}},
        {"annotations": {"reviewbot.dev/repository-id": "4711", "reviewbot.dev/pull-request": "13"}},
        {"annotations": {"reviewbot.dev/repository-id": "4712", "reviewbot.dev/pull-request": "12"}},
    ],
)
@pytest.mark.parametrize("going", [{}, {"deletionTimestamp": "2026-05-04T12:00:00Z"}])
def test_name_squatting(metadata: dict[str, Any], going: dict[str, Any]) -> None:
    assert seen(a_namespace(**metadata, **going)) == Preview("foreign")


def test_ours_is_decided_by_numbers_that_survive_a_transfer() -> None:
    assert is_ours(PullRequestRef(REF.repository, InstallationId(77), REF.number), a_namespace())
    assert not is_ours(a_ref(13), a_namespace())
    assert not is_ours(a_ref(repository=4712), a_namespace())


WORKER = a_deployment(process="worker")


@pytest.mark.parametrize(
    ("kinds", "processes", "ready"),
    [
        ({}, {"web"}, True),
        ({"Deployment": [a_deployment(), WORKER]}, {"web", "worker"}, True),
        # Cut between two writes: the Service says that the rest was applied.
        ({"Service": []}, set(), False),
        ({"Service": [], "Deployment": [a_deployment(), WORKER]}, {"worker"}, False),
        ({"Service": [a_service(OLD_RELEASE)]}, set(), False),
        ({"Deployment": [WORKER]}, {"worker"}, True),
        ({"EndpointSlice": []}, {"web"}, False),
        ({"EndpointSlice": [a_slice()]}, {"web"}, False),
        ({"EndpointSlice": [a_slice(False)]}, {"web"}, False),
        ({"EndpointSlice": [a_slice(None)]}, {"web"}, False),
        ({"EndpointSlice": [a_slice(False, True)]}, {"web"}, True),
        ({"EndpointSlice": [a_slice(False), a_slice(True)]}, {"web"}, True),
        ({"EndpointSlice": [a_slice(True, release=OLD_RELEASE)]}, {"web"}, False),
    ],
)
def test_half_applied_and_not_ready(kinds: Any, processes: set[str], ready: bool) -> None:
    state = the_release(**kinds)
    assert (set(state.processes), state.ready) == (processes, ready)


def test_releases_are_told_apart_and_sorted_by_age() -> None:
    older = a_deployment(OLD_RELEASE, creationTimestamp="2026-05-04T11:00:00Z")
    older["metadata"]["annotations"] = {"reviewbot.dev/sha": "b" * 40}
    preview = seen(Deployment=[a_deployment(), older, WORKER], EndpointSlice=[a_slice(True, release=OLD_RELEASE)])
    assert [(state.id, state.sha, state.ready) for state in preview.releases] == [
        (OLD_RELEASE, "b" * 40, False),
        (RELEASE, HEAD, False),
    ]
    assert preview.release(RELEASE) == preview.releases[1]
    assert preview.release("other") is None
    assert preview.release(None) is None


def test_a_release_is_as_old_as_its_oldest_object() -> None:
    young = a_deployment(process="worker", creationTimestamp="2026-05-04T11:59:45Z", annotations=None)
    assert the_release(Deployment=[young, a_deployment()]).since == datetime.fromisoformat(CREATED)


@pytest.mark.parametrize("metadata", [{"labels": None}, {"labels": {}}, {"labels": {"app": "x"}}])
def test_deployments_that_are_no_release_are_left_out(metadata: dict[str, Any]) -> None:
    assert seen(Deployment=[a_deployment(**metadata)]).releases == ()


def test_a_deployment_without_its_commit_is_still_a_release() -> None:
    assert the_release(Deployment=[a_deployment(annotations=None)]).sha == ""


@pytest.mark.parametrize(
    ("routes", "routed"),
    [
        ([], None),
        ([a_route()], RELEASE),
        ([a_route(OLD_RELEASE)], OLD_RELEASE),
        ([a_route(name="other")], None),
        ([a_route(name="other"), a_route(OLD_RELEASE)], OLD_RELEASE),
    ],
)
def test_routed(routes: list[Any], routed: str | None) -> None:
    assert seen(HTTPRoute=routes).routed == routed


def test_a_route_without_its_label_leads_nowhere_we_know() -> None:
    preview = seen(HTTPRoute=[a_route(None)])
    assert preview.release(preview.routed) is None


def test_images_are_digests_by_process() -> None:
    pods = [
        a_pod(containerStatuses=[a_container(imageID="shop@sha256:1")]),
        a_pod(process="worker", containerStatuses=[a_container("worker", imageID="shop@sha256:2")]),
        a_pod(OLD_RELEASE, containerStatuses=[a_container(imageID="shop@sha256:3")]),
        a_pod(containerStatuses=[a_container(imageID="")]),
        a_pod(),
    ]
    assert the_release(Pod=pods).images == {"web": "shop@sha256:1", "worker": "shop@sha256:2"}


def test_pods_of_nobody_are_nobodys() -> None:
    stray = {"metadata": {"name": "stray", "labels": None}, "status": {"containerStatuses": [a_container()]}}
    assert the_release(Pod=[stray]).images == {}
    assert labels() == a_pod()["metadata"]["labels"]


def test_pods_of_an_earlier_try_tell_nothing_of_this_one() -> None:
    earlier = a_pod(containerStatuses=[a_container(imageID="shop@sha256:0")])
    earlier["metadata"]["creationTimestamp"] = "2026-05-04T11:59:29Z"
    assert the_release(Pod=[earlier]).images == {}
