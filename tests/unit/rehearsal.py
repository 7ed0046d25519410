"""The whole engine without a cluster: records and previews in memory, where whatever is started is ready at once.

GitHub is whatever is handed in, and time is skipped.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from reviewbot import compose
from reviewbot.engine.mailbox import Mailbox
from reviewbot.model import AppId, PullRequestRef
from reviewbot.render.names import RELEASE, ROUTE, SHA, Address, namespace
from reviewbot.settings import ControllerSettings
from tests.stories.clock import Clock
from tests.unit.builders import OWN_APP, REF
from tests.unit.stores import Store

Object = dict[str, Any]

# Whatever is due later than this is not waited for.
HORIZON = timedelta(seconds=30)
SETTINGS = ControllerSettings.load(
    {
        "GITHUB_APP_ID": str(OWN_APP),
        "GITHUB_APP_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----",
        "REVIEWBOT_ACCOUNTS": "acme",
        "REVIEWBOT_HOST_KEY": "0123456789abcdef",
        "REVIEWBOT_IMAGE": "registry.example.com/shop:{sha}",
        "REVIEWBOT_PREVIEWS_URL": "https://preview.example.com",
        "REVIEWBOT_URL": "https://bot.example.org",
    }
)


class Previews:
    """The objects of a cluster by kind, namespace and name; a namespace is gone at once, with all that it holds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._objects: dict[tuple[str, str | None, str], Object] = {}

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        return self._objects.get((kind, namespace, name))

    def items(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> list[Object]:
        if kind == "EndpointSlice":
            return [_endpoints(each) for each in self.items("Service", namespace)]
        assert labels is None
        return [item for key, item in self._objects.items() if key[:2] == (kind, namespace)]

    def items_as(self, _tenant: str, kind: str, namespace: str) -> list[Object]:
        return self.items(kind, namespace)

    def create(self, item: Object, tenant: str | None = None) -> bool:  # noqa: ARG002 - as the port has it
        key = _key(item)
        if key in self._objects:
            return False
        made = {"uid": f"uid-of-{key[2]}", "creationTimestamp": self._clock().isoformat()}
        self._objects[key] = {**item, "metadata": item["metadata"] | made}
        return True

    def apply(self, item: Object, tenant: str | None = None) -> None:
        if not self.create(item, tenant):
            held = self._objects[_key(item)]["metadata"]
            self._objects[_key(item)] = {**item, "metadata": held | item["metadata"]}

    def delete(self, kind: str, name: str, namespace: str | None = None, **_preconditions: str) -> None:
        self._objects.pop((kind, namespace, name), None)
        if kind == "Namespace":
            self._objects = {key: item for key, item in self._objects.items() if key[1] != name}

    def delete_as(self, _tenant: str, kind: str, name: str, namespace: str) -> None:
        self.delete(kind, name, namespace)

    def route_to(self, host: str) -> Object | None:
        """The route that has the host, whosever it is."""
        routes = (item for (kind, *_), item in self._objects.items() if kind == "HTTPRoute")
        return next((route for route in routes if host in route["spec"]["hostnames"]), None)

    def delete_pods(self, _namespace: str, _grace_seconds: int) -> None: ...


class Rehearsal:
    """One engine, moved a step at a time, and the preview of one pull request."""

    def __init__(self, github: Any, clock: Clock, ref: PullRequestRef = REF, app: AppId = OWN_APP) -> None:
        self._clock, self.store, self.previews = clock, Store(), Previews(clock)
        self.mailbox, self._namespace = Mailbox(self.store), namespace(ref)
        self._outside = compose.Outside(github, self.store, self.previews, self._probe)  # type: ignore[arg-type]
        self._settings = SETTINGS.model_copy(update={"app_id": app})
        self._engine = compose.engine(self._settings, self._outside, clock)

    def restarts(self) -> None:
        """A new controller takes up what is on record."""
        self._engine = compose.engine(self._settings, self._outside, self._clock)
        for kind in ("ReviewApp", "Repository"):
            self._engine.resume(kind, [item for (found, _), item in self.store.items.items() if found == kind])

    def step(self) -> bool:
        """Do one thing, or let time pass until there is one; False if nothing is due soon."""
        self._take_up()
        works = (self._engine.reconciling, self._engine.telling)
        if any(work.step() is not None for work in works):
            return True
        times = [at for at in (work.next_at() for work in works) if at is not None]
        if not times or min(times) > (self._clock() + HORIZON).timestamp():
            return False
        self._clock.skip_to(min(times))
        return True

    def settle(self) -> None:
        """Run until nothing is due soon."""
        for _ in range(1000):
            if not self.step():
                return
        raise AssertionError("it does not settle")

    def deployed(self) -> list[str]:
        """The commits that the cluster holds a release of."""
        return sorted(_commit(each) for each in self.previews.items("Deployment", self._namespace))

    def serving(self) -> str | None:
        """The commit whose release has the address."""
        route = self.previews.get("HTTPRoute", ROUTE, self._namespace)
        found = self.previews.items("Deployment", self._namespace) if route else []
        return next((_commit(each) for each in found if _release(each) == _release(route)), None)

    def _take_up(self) -> None:
        for (kind, _), item in list(self.store.items.items()):
            if kind in ("ReviewApp", "Repository"):
                self._engine.notice(kind, "MODIFIED", item)

    def _probe(self, address: Address, _health: str) -> str | None:
        route = self.previews.route_to(address.host)
        return _release(route) if route else None


def _key(item: Object) -> tuple[str, str | None, str]:
    return item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]


def _endpoints(service: Object) -> Object:
    metadata = service["metadata"]
    labels = {"kubernetes.io/service-name": metadata["name"]}
    return {"metadata": {"name": metadata["name"], "labels": labels}, "endpoints": [{"conditions": {"ready": True}}]}


def _release(item: Object | None) -> str:
    return str(item["metadata"]["labels"][RELEASE]) if item else ""


def _commit(item: Object) -> str:
    return str(item["metadata"]["annotations"][SHA])
