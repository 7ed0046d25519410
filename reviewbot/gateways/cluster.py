"""A typed facade over the raw Kubernetes API client: dictionaries in and out, a timeout on every call.

Failures come out as ours: Unseen (no answer, or an answer that means "later"), Conflict (somebody was faster) and
GiveUp (the cluster refuses and will go on refusing). An absent object is None, never an exception.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes import config
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration
from kubernetes.client.exceptions import ApiException

from reviewbot.errors import Conflict, Denied, GiveUp, Unseen
from reviewbot.gateways.credentials import Refresh
from reviewbot.gateways.events import Event, events
from reviewbot.gateways.kinds import path_of
from reviewbot.gateways.parsed import confirm_absent, parsed

Object = dict[str, Any]
# Labels that objects must carry; None stands for any value.
Labels = Mapping[str, str | None]

FIELD_MANAGER = "reviewbot"
TIMEOUT = (2, 5)
# A silent connection is given up a little later, so this bounds how long it can keep a change from us.
WATCH_SECONDS = 30
_WATCH_TIMEOUT = (3, WATCH_SECONDS + 10)
LOG_BYTES = 65_536
# The answer, with status 200, for a container that the runtime has removed already.
_LOG_GONE = b"unable to retrieve container logs for "
# 410 is a list or a watch that history has overtaken.
_LATER = {408, 410, 429, 500, 502, 503, 504}


class AlreadyExists(Conflict):
    """An object of that name is there."""


class Refused(GiveUp):
    """The cluster said no, and why."""


class Forbidden(Refused, Denied):
    """We were not given the right to do it, or not yet: rights take a moment to be in effect."""


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Object | None = None
    content_type: str = "application/json"
    tenant: str | None = None
    accept: str = "application/json"

    @property
    def absence_is_an_answer(self) -> bool:
        """Where an object is created or applied, a 404 speaks of its namespace instead."""
        return self.method in {"GET", "DELETE"} or self.content_type == "application/merge-patch+json"


def connect(kubeconfig: str | None, fence: Callable[[], None] = lambda: None) -> "Cluster":
    """The cluster of a kubeconfig, or of the pod we run in; GiveUp if there is neither.

    `fence` is called before every write and may raise.
    """
    configuration = Configuration()
    try:
        if kubeconfig:
            config.load_kube_config(kubeconfig, client_configuration=configuration)
        else:
            config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException as problem:
        # Outside of a pod it speaks of variables that nobody sets.
        why = str(problem).rstrip(".") if kubeconfig else "KUBECONFIG names no file, and this is no pod"
        raise GiveUp(f"There is no access to the cluster: {why}.") from None
    # Retries are ours to make: urllib3's would triple the time a hung server costs.
    configuration.retries = False
    configuration.connection_pool_maxsize = 64
    if configuration.refresh_api_key_hook:
        configuration.refresh_api_key_hook = Refresh(configuration.refresh_api_key_hook)
    return Cluster(ApiClient(configuration), fence)


class Cluster:
    """Objects are addressed by kind, name and namespace. Safe to share between threads."""

    def __init__(self, api: ApiClient, fence: Callable[[], None]) -> None:
        self._api = api
        self._fence = fence

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """The object, or None if it does not exist."""
        return self._json(_Call("GET", path_of(kind, namespace, name)))

    def items(self, kind: str, namespace: str | None = None, labels: Labels | None = None) -> list[Object]:
        """Every object of the kind that carries all the labels."""
        return self.items_at(kind, namespace, labels)[0]

    def items_as(self, tenant: str, kind: str, namespace: str) -> list[Object]:
        """Every object of the kind, as the tenant may see them."""
        return list(self._list(kind, _Call("GET", path_of(kind, namespace), tenant=tenant))["items"])

    def items_at(
        self, kind: str, namespace: str | None = None, labels: Labels | None = None
    ) -> tuple[list[Object], str]:
        """The same, with the resource version from which to watch on."""
        answer = self._list(kind, _Call("GET", path_of(kind, namespace), _selector(labels)))
        return list(answer["items"]), answer["metadata"]["resourceVersion"]

    def create(self, item: Object, dry_run: bool = False, tenant: str | None = None) -> bool:
        """Create it; False if an object of that name is already there, which is left as it is."""
        metadata, kind = item["metadata"], item["kind"]
        dry = (("dryRun", "All"),) if dry_run else ()
        query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"), *dry)
        call = _Call("POST", path_of(kind, metadata.get("namespace")), query, item, tenant=tenant)
        try:
            return self._write(call) is not None
        except AlreadyExists:
            return False

    def apply(self, item: Object, tenant: str | None = None, *, dry_run: bool = False) -> None:
        """Server-side apply, as ourselves or as the tenant (a user name)."""
        metadata = item["metadata"]
        path = path_of(item["kind"], metadata.get("namespace"), metadata["name"])
        dry = (("dryRun", "All"),) if dry_run else ()
        query = (("fieldManager", FIELD_MANAGER), ("force", "true"), *dry)
        self._write(_Call("PATCH", path, query, item, "application/apply-patch+yaml", tenant))

    def patch(
        self, kind: str, name: str, namespace: str, change: Object, subresource: str | None = None
    ) -> Object | None:
        """Merge the change into the object; None if it does not exist. A resourceVersion in it is a condition."""
        path = path_of(kind, namespace, name) + (f"/{subresource}" if subresource else "")
        query = (("fieldManager", FIELD_MANAGER),)
        return self._write(_Call("PATCH", path, query, change, "application/merge-patch+json"))

    def resume(self, job: str, namespace: str, tenant: str) -> None:
        """Let a suspended Job run, if it exists."""
        change: Object = {"spec": {"suspend": False}}
        query = (("fieldManager", FIELD_MANAGER),)
        path = path_of("Job", namespace, job)
        self._write(_Call("PATCH", path, query, change, "application/merge-patch+json", tenant))

    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None:
        """Delete it if it exists and, where given, its `uid` and `resourceVersion` are still these."""
        body: Object = {"propagationPolicy": "Background"}
        if preconditions:
            body["preconditions"] = preconditions
        self._write(_Call("DELETE", path_of(kind, namespace, name), body=body))

    def delete_as(self, tenant: str, kind: str, name: str, namespace: str) -> None:
        """Delete one of the tenant's own objects as the tenant."""
        body: Object = {"propagationPolicy": "Background"}
        self._write(_Call("DELETE", path_of(kind, namespace, name), body=body, tenant=tenant))

    def delete_pods(self, namespace: str, grace_seconds: int) -> None:
        """End every pod of the namespace, soon."""
        self._write(_Call("DELETE", path_of("Pod", namespace), (("gracePeriodSeconds", str(grace_seconds)),)))

    def watch(self, kind: str, namespace: str | None, labels: Labels | None, since: str) -> Iterator[Event]:
        """Changes after `since` until the server ends the watch; Unseen if it breaks or `since` is too old."""
        query = (
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", str(WATCH_SECONDS)),
            ("resourceVersion", since),
            *_selector(labels),
        )
        response = self._send(_Call("GET", path_of(kind, namespace), query), _WATCH_TIMEOUT)
        try:
            if response.status != 200:
                raise _failure(response.status, response.read(), kind)
            yield from events(response.response)
        except urllib3.exceptions.HTTPError as error:
            raise Unseen(f"the watch of {kind} broke ({type(error).__name__})") from None
        finally:
            response.response.close()

    def log(self, namespace: str, pod: str, container: str, lines: int, previous: bool = False) -> str | None:
        """The last lines that a container wrote, or the one before it; None if there is nothing to read."""
        query = (
            ("container", container),
            ("tailLines", str(lines)),
            ("limitBytes", str(LOG_BYTES)),
            ("previous", str(previous).lower()),
        )
        body = self._log(namespace, pod, query)
        if body is None:
            return None
        # The limit counts from the first of the lines; the last may be cut.
        whole = body if len(body) < LOG_BYTES else body[: body.rfind(b"\n") + 1]
        return whole.decode(errors="replace")

    def output(self, namespace: str, pod: str, container: str, limit: int) -> bytes | None:
        """All that a container wrote; None if there is nothing to read, GiveUp if it is more than `limit` bytes."""
        body = self._log(namespace, pod, (("container", container), ("limitBytes", str(limit + 1))))
        if body is not None and len(body) > limit:
            raise GiveUp(f"{container} wrote more than {limit // 1024} KB.")
        return body

    def _log(self, namespace: str, pod: str, query: tuple[tuple[str, str], ...]) -> bytes | None:
        response = self._send(_Call("GET", f"{path_of('Pod', namespace, pod)}/log", query, accept="*/*"), TIMEOUT)
        body = self._body(response)
        if response.status in {400, 404} or body.startswith(_LOG_GONE):
            return None
        if response.status >= 300:
            raise _failure(response.status, body, "log")
        return body

    def close(self) -> None:
        """Close idle connections."""
        self._api.close()

    def _write(self, call: _Call) -> Object | None:
        self._fence()
        return self._json(call)

    def _list(self, kind: str, call: _Call) -> Object:
        answer = self._json(call)
        if answer is None:
            raise Refused(f"The cluster does not know the kind {kind}; is everything installed?")
        return answer

    def _json(self, call: _Call) -> Object | None:
        response = self._send(call, TIMEOUT)
        body = self._body(response)
        if response.status == 404 and call.absence_is_an_answer:
            confirm_absent(body)
            return None
        if response.status >= 300:
            raise _failure(response.status, body, call.path)
        return parsed(body)

    def _body(self, response: Any) -> bytes:
        try:
            body: bytes = response.read()
        except urllib3.exceptions.HTTPError as error:
            raise Unseen(f"the cluster's answer broke off ({type(error).__name__})") from None
        return body

    def _send(self, call: _Call, timeout: tuple[int, int]) -> Any:
        headers = {"Accept": call.accept}
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        if call.tenant is not None:
            headers["Impersonate-User"] = call.tenant
        try:
            request = self._api.param_serialize(
                call.method,
                call.path,
                query_params=list(call.query),
                header_params=headers,
                body=call.body,
                auth_settings=["BearerToken"],
            )
            return self._api.call_api(*request, _request_timeout=timeout)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unseen(f"the cluster does not answer ({type(error).__name__})") from None
        except ApiException as error:
            # What the client makes of TLS that breaks or does not come up; the reason is all that tells why.
            raise Unseen(f"the cluster does not answer ({' '.join(str(error.reason).split())})") from None


def _selector(labels: Labels | None) -> tuple[tuple[str, str], ...]:
    if not labels:
        return ()
    return (("labelSelector", ",".join(key if value is None else f"{key}={value}" for key, value in labels.items())),)


def _failure(status: int, body: bytes, what: str) -> Exception:
    try:
        answer = json.loads(body)
        message = str(answer.get("message", ""))[:500]
        reason = str(answer.get("reason", ""))
    except (ValueError, AttributeError):
        message, reason = "", ""
    if reason == "AlreadyExists":
        return AlreadyExists(message)
    if status in {404, 409} or "because it is being terminated" in message:
        return Conflict(message or f"{what} was changed by somebody else")
    # A malformed object comes back as a 500 that no retry mends.
    if status in _LATER and not message.startswith("failed to create typed patch object"):
        return Unseen(f"the cluster answered {status} {reason}".strip())
    # Admission refuses with the same status; only the authorizer speaks of users.
    kind = Forbidden if status == 403 and 'User "' in message and " cannot " in message else Refused
    return kind(f"The cluster refused it: {message or f'{status} {reason}'}")
