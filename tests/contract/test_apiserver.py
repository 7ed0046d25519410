"""What the facade makes of a real API server that refuses, hangs or resets, and of what it refuses for good."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dev.bot.install import Accounts
from reviewbot.errors import Conflict, GiveUp, Unseen
from reviewbot.gateways.cluster import Cluster, connect
from tests.apiserver import Trouble, Way, way_to
from tests.contract.kube import MANAGED, RESTRICTED, Account, Object, path_of, preview, tenant, thing

NOWHERE = "rb-nowhere"
CONFIG = thing("ConfigMap", "a", NOWHERE)
CALLS: dict[str, Callable[[Cluster], object]] = {
    "get": lambda own: own.get("ReviewApp", "pr-1-1", "reviewbot-system"),
    "list": lambda own: own.items("Namespace"),
    "list as the tenant": lambda own: own.items_as(tenant(NOWHERE), "Service", NOWHERE),
    "create": lambda own: own.create(CONFIG),
    "apply": lambda own: own.apply(CONFIG),
    "patch": lambda own: own.patch("ReviewApp", "pr-1-1", "reviewbot-system", {}),
    "resume": lambda own: own.resume("a", NOWHERE, tenant(NOWHERE)),
    "delete": lambda own: own.delete("Namespace", NOWHERE, uid="nobody's"),
    "delete as the tenant": lambda own: own.delete_as(tenant(NOWHERE), "Service", "a", NOWHERE),
    "delete pods": lambda own: own.delete_pods(NOWHERE, 1),
    "log": lambda own: own.log(NOWHERE, "a", "web", 20),
}


class Hasty:
    """The library's client, whose answers may take a twentieth of the time that they are given."""

    def __init__(self, like: Cluster) -> None:
        self._client = vars(like)["_api"]
        self.limits: list[tuple[int, int]] = []

    def param_serialize(self, *call: Any, **more: Any) -> Any:
        return self._client.param_serialize(*call, **more)

    def call_api(self, *request: Any, _request_timeout: tuple[int, int]) -> Any:
        self.limits.append(_request_timeout)
        connecting, reading = _request_timeout
        return self._client.call_api(*request, _request_timeout=(connecting, reading / 20))

    @property
    def cluster(self) -> Cluster:
        """What we make of it."""
        return Cluster(self, lambda: None)  # type: ignore[arg-type]


@pytest.fixture
def way(installed: Accounts, tmp_path: Path) -> Iterator[Way]:
    with way_to(installed.controller, tmp_path) as made:
        yield made


@pytest.fixture
def own(way: Way) -> Iterator[Cluster]:
    made = connect(str(way.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def hasty(own: Cluster) -> Hasty:
    return Hasty(own)


@pytest.mark.parametrize("trouble", [429, 500, 502, 503, 504, "cut", "half"])
def test_apiserver_hangs_or_resets__at_each_verb(way: Way, own: Cluster, trouble: Trouble) -> None:
    """Both families of errors are one to us, and nothing is asked twice behind our back."""
    way.trouble = lambda _method, _path: trouble
    for verb, call in CALLS.items():
        way.calls.clear()
        with pytest.raises(Unseen):
            call(own)
        assert len(way.calls) == 1, verb
    way.trouble = lambda _method, _path: None
    assert own.get("Namespace", "reviewbot-system") is not None


def test_apiserver_hangs_or_resets__in_silence(way: Way, hasty: Hasty) -> None:
    way.trouble = lambda _method, _path: "silent"
    own, unseen = hasty.cluster, []

    def waits(call: Callable[[Cluster], object]) -> None:
        with suppress(Unseen):
            call(own)
            return
        unseen.append(call)

    threads = [threading.Thread(target=waits, args=(call,), daemon=True) for call in CALLS.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(unseen) == len(CALLS)
    assert set(hasty.limits) == {(2, 5)}


def test_watch_dies_silently__on_a_real_connection(
    way: Way, own: Cluster, hasty: Hasty, admin: Account, managed: str
) -> None:
    """A connection that carries nothing any more is given up, and the list after it has what was missed."""
    _, since = own.items_at("EndpointSlice")
    changes = hasty.cluster.watch("EndpointSlice", None, None, since)
    way.flows.clear()
    assert admin.create(thing("EndpointSlice", "missed", managed, addressType="IPv4", endpoints=[])).done
    with pytest.raises(Unseen, match=r"the watch of EndpointSlice broke \(ReadTimeoutError\)"):
        next(changes)
    # What the server ends by itself after 30 seconds is not taken for silence.
    assert hasty.limits[-1] == (3, 40)
    names = [each["metadata"]["name"] for each in own.items("EndpointSlice")]
    assert "missed" in names


TOO_LARGE: dict[str, tuple[Object, str]] = {
    "a ConfigMap": ({"data": {"a": "x" * 1_048_577}}, "Too long: may not be more than 1048576 bytes"),
    "annotations": ({"metadata": {"annotations": {"a": "x" * 262_145}}}, "may not be more than 262144 bytes"),
    "a request": ({"data": {"a": "x" * 3_145_728}}, "limit is 3145728"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_quota_exceeded_or_too_large__is_refused_for_good(own: Cluster, managed: str, case: str) -> None:
    change, why = TOO_LARGE[case]
    item = thing("ConfigMap", "large", managed)
    item |= {**change, "metadata": {**item["metadata"], **change.get("metadata", {})}}
    with pytest.raises(GiveUp, match=why) as caught:
        own.create(item, dry_run=True, tenant=tenant(managed))
    assert len(caught.value.sentence) < 600


def test_terminating_namespace__is_somebody_else_at_work(own: Cluster, admin: Account) -> None:
    """In one that is going nothing can be made, and it cannot be made again; neither is a refusal."""
    with preview(admin) as name:
        held, space = thing("ConfigMap", "held", name), path_of("Namespace", name=name)
        held["metadata"]["finalizers"] = ["example.com/hold"]
        assert admin.create(held).done
        assert admin.call("DELETE", space).done
        try:
            with pytest.raises(Conflict):
                own.apply(thing("ConfigMap", "late", name), tenant(name))
            assert not own.create(thing("Namespace", name, labels={**MANAGED, **RESTRICTED}))
        finally:
            assert admin.patch(path_of("ConfigMap", name, "held"), {"metadata": {"finalizers": None}}).done
