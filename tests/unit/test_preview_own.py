"""How a repository's own objects fare: whose they are by now, rolled out or not, and what is wrong with them."""

from typing import Any

import pytest

from reviewbot.model import Cause, Output, Preview, ReleaseState, Served
from reviewbot.preview import read
from tests.unit.builders import HEAD, REF
from tests.unit.objects import CREATED, OLD_RELEASE, RELEASE, Object, a_container, a_namespace, ended

ROLLED_OUT = {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}
FAILED = {"conditions": [{"type": "Failed", "status": "True"}]}


def labels(release: str | None = RELEASE, **more: str) -> dict[str, str]:
    own = {"reviewbot.dev/origin": "manifests", **more}
    return own if release is None else {**own, "reviewbot.dev/release": release}


def an_object(name: str, release: str = RELEASE, **more: Any) -> Object:
    metadata = {
        "name": name,
        "uid": f"uid-of-{name}",
        "generation": 2,
        "labels": labels(release, **more.pop("labels", {})),
        "annotations": {"reviewbot.dev/sha": HEAD},
        "creationTimestamp": CREATED,
        **more.pop("metadata", {}),
    }
    return {"metadata": metadata, "spec": {}, **more}


def a_service(name: str = "web", release: str = RELEASE, served: str | None = "8000") -> Object:
    ports = [{"port": 9000}, {"port": 8000, "targetPort": "app"}]
    marks = {"reviewbot.dev/served": served} if served else {}
    return an_object(name, release, labels=marks, spec={"ports": ports})


def a_slice(service: str = "web", ready: bool = True) -> Object:
    metadata = {"name": f"{service}-x", "labels": {"kubernetes.io/service-name": service}}
    return {"metadata": metadata, "endpoints": [{"conditions": {"ready": ready}}]}


def a_pod(owner: str = "web-5d4", *containers: Object, release: str | None = RELEASE, **more: str) -> Object:
    metadata = {
        "name": f"{owner}-x",
        "labels": labels(release, **{"pod-template-hash": "5d4"}, **more),
        "ownerReferences": [{"name": owner, "uid": f"uid-of-{owner}"}],
    }
    return {"metadata": metadata, "status": {"containerStatuses": list(containers)}}


def a_route(release: str, service: str) -> Object:
    rules = [{"backendRefs": [{"name": service, "port": 8000}]}]
    metadata = {"name": "preview", "labels": {"reviewbot.dev/release": release}}
    return {"metadata": metadata, "spec": {"rules": rules}}


def seen(**kinds: list[Object]) -> Preview:
    whole = {
        "Deployment": [an_object("web", status=ROLLED_OUT)],
        "Service": [a_service(), a_service("db", served=None)],
        "EndpointSlice": [a_slice()],
        "Pod": [a_pod("web-5d4", a_container("app", imageID="shop@sha256:1"))],
        "HTTPRoute": [a_route(RELEASE, "web")],
    }
    return read(REF, a_namespace(), whole | kinds)


def the_release(**kinds: list[Object]) -> ReleaseState:
    (state,) = seen(**kinds).releases
    return state


def test_a_release_of_them() -> None:
    claim = an_object("data", metadata={"deletionTimestamp": CREATED})
    state = the_release(ConfigMap=[an_object("settings")], PersistentVolumeClaim=[claim])
    assert (state.id, state.sha, state.ready, state.trouble) == (RELEASE, HEAD, True, None)
    assert state.objects == {
        ("ConfigMap", "settings"),
        ("Deployment", "web"),
        ("Service", "web"),
        ("Service", "db"),
    }
    assert (state.processes, state.started) == (frozenset(), True)
    assert state.served == Served("web", 8000, "app")
    assert state.images == {"web/app": "shop@sha256:1"}


@pytest.mark.parametrize(
    "kinds",
    [
        {"EndpointSlice": []},
        {"EndpointSlice": [a_slice(ready=False)]},
        {"EndpointSlice": [a_slice("db")]},
        {"Service": [a_service(served=None)]},
        {"Service": [a_service(served="1")]},
        {"Service": [a_service(release=OLD_RELEASE), a_service("db", served=None)]},
        {"Deployment": [an_object("web", status=ROLLED_OUT | {"observedGeneration": 1})]},
        {"Deployment": [an_object("web", status=ROLLED_OUT | {"replicas": 2})]},
        {"Deployment": [an_object("web", status=ROLLED_OUT | {"availableReplicas": 0})]},
        {"StatefulSet": [an_object("db", status=ROLLED_OUT | {"updatedReplicas": 0})]},
        {"StatefulSet": [an_object("db")]},
        {"Job": [an_object("index", status=FAILED)]},
    ],
    ids=str,
)
def test_not_ready(kinds: dict[str, list[Object]]) -> None:
    state = seen(**kinds).release(RELEASE)
    assert state is not None and not state.ready


@pytest.mark.parametrize(
    "kinds",
    [
        {"Deployment": [an_object("web", spec={"replicas": 0}, status={"observedGeneration": 2})]},
        {"StatefulSet": [an_object("db", status=ROLLED_OUT)]},
        {"Job": [an_object("index"), an_object("other", status=COMPLETE)]},
    ],
    ids=str,
)
def test_ready(kinds: dict[str, list[Object]]) -> None:
    assert the_release(**kinds).ready


def test_what_an_update_left_is_the_one_befores() -> None:
    preview = seen(ConfigMap=[an_object("settings", OLD_RELEASE)], HTTPRoute=[a_route(OLD_RELEASE, "web")])
    old = preview.release(OLD_RELEASE)
    assert old is not None
    assert (set(old.objects), old.ready, old.served) == ({("ConfigMap", "settings")}, False, None)
    # Its Service is another's by now, and still answers.
    assert (preview.routed, preview.leads) == (OLD_RELEASE, True)


@pytest.mark.parametrize(
    ("kinds", "leads"),
    [
        ({"EndpointSlice": [a_slice(ready=False)]}, False),
        ({"HTTPRoute": [a_route(OLD_RELEASE, "gone")]}, False),
        ({"HTTPRoute": []}, False),
        ({"Service": [a_service("db")], "EndpointSlice": [a_slice()]}, False),
    ],
)
def test_a_route_that_leads_nowhere(kinds: dict[str, list[Object]], leads: bool) -> None:
    assert seen(**kinds).leads is leads


CRASH = a_container("app", 3, state=ended())


def test_the_trouble_of_its_pods() -> None:
    trouble = the_release(Pod=[a_pod("web-5d4", CRASH)]).trouble
    assert trouble is not None
    assert (trouble.cause, trouble.final) == (Cause.CRASH, True)
    assert the_release(Pod=[a_pod("db-0", CRASH, release=None)]).trouble == trouble.__class__(
        trouble.cause, trouble.sentence, True, Output("db-0-x", "app", False)
    )


def test_pods_that_are_no_trouble_of_the_releases() -> None:
    of_a_job = {"batch.kubernetes.io/job-name": "index"}
    pods = [a_pod("web-5d3", CRASH, release=OLD_RELEASE), a_pod("index", CRASH, **of_a_job)]
    state = the_release(Pod=pods)
    assert (state.trouble, state.images) == (None, {})


def test_a_job_that_failed() -> None:
    of_a_job = {"batch.kubernetes.io/job-name": "index"}
    pod = a_pod("index", a_container("index", state=ended(code=3)), **of_a_job)
    trouble = the_release(Job=[an_object("index", status=FAILED)], Pod=[pod]).trouble
    assert trouble is not None
    assert trouble.sentence == "The Job `index` failed. Process `index` ended (Error, exit code 3)."
    assert (trouble.final, trouble.output) == (True, Output("index-x", "index", False))
    nothing = the_release(Job=[an_object("index", status=FAILED)]).trouble
    assert nothing is not None and nothing.sentence == "The Job `index` failed."
