"""Asking the API server as an account, and the objects that the tests of the walls put before it.

A refusal is what these tests look for, so an answer is a value here, never an exception.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kubernetes import config
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration

Object = dict[str, Any]

SYSTEM = "reviewbot-system"
TENANTS = "reviewbot-tenants"
VARS = "reviewbot-vars"
CONTROLLER = f"system:serviceaccount:{SYSTEM}:reviewbot"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
MANAGED = {"reviewbot.dev/managed": "true"}

_CORE = (
    "Namespace Pod Service ConfigMap Secret ServiceAccount PersistentVolume PersistentVolumeClaim "
    "ResourceQuota LimitRange Endpoints"
)
_KINDS = {
    "v1": _CORE,
    "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet",
    "batch/v1": "Job CronJob",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding ClusterRole ClusterRoleBinding",
    "networking.k8s.io/v1": "NetworkPolicy Ingress",
    "gateway.networking.k8s.io/v1": "HTTPRoute Gateway",
    "discovery.k8s.io/v1": "EndpointSlice",
    "coordination.k8s.io/v1": "Lease",
    "scheduling.k8s.io/v1": "PriorityClass",
    "node.k8s.io/v1": "RuntimeClass",
    "storage.k8s.io/v1": "StorageClass",
    "admissionregistration.k8s.io/v1": "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
    "authorization.k8s.io/v1": "SubjectAccessReview SelfSubjectRulesReview",
    "reviewbot.dev/v1alpha1": "ReviewApp Repository",
    "events.k8s.io/v1": "Event",
}
_VERSION = {kind: version for version, kinds in _KINDS.items() for kind in kinds.split()}
KINDS = tuple(_VERSION)


class Cluster(Protocol):
    """The part of the fixture `cluster` that is needed here."""

    @property
    def kubeconfig(self) -> Path | str:
        """An administrator's."""

    def bin(self, name: str) -> Path:
        """Where a tool is."""


@dataclass(frozen=True)
class Answer:
    """What the API server said."""

    code: int
    body: Object

    @property
    def message(self) -> str:
        """Why not; empty if it was done."""
        return str(self.body.get("message", "")) if self.code >= 400 else ""

    @property
    def done(self) -> bool:
        """It was done, or would have been in a dry run."""
        return self.code < 300


class Account:
    """One client's view of the API server, as itself or with somebody else's name on each request."""

    def __init__(self, api: ApiClient, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._api = api
        self._headers = headers

    def acting_as(self, user: str, *groups: str) -> "Account":
        """The same client impersonating. With the group system:masters RBAC says yes to everything."""
        return Account(self._api, (("Impersonate-User", user), *(("Impersonate-Group", each) for each in groups)))

    def call(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request."""
        headers = {"Accept": "application/json", **dict(self._headers)}
        if body is not None:
            headers["Content-Type"] = content_type
        request = self._api.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        response: Any = self._api.call_api(*request, _request_timeout=(3, 20))
        raw = response.read() or b""
        try:
            parsed = json.loads(raw)
        except ValueError:
            parsed = {"message": raw.decode(errors="replace")}
        return Answer(response.status, parsed)

    def create(self, item: Object, *, dry_run: bool = False) -> Answer:
        """POST, with unknown fields refused."""
        query = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})}
        return self.call("POST", path_of(item["kind"], item["metadata"].get("namespace")), item, query=query)

    def try_create(self, item: Object) -> Answer:
        """The same without effect: admission and validation answer as they would."""
        return self.create(item, dry_run=True)

    def not_refused(self, reason: str, cases: Mapping[str, Object]) -> list[str]:
        """The cases that were accepted, or refused for another reason."""
        return [case for case, item in cases.items() if reason not in self.try_create(item).message]

    def apply(self, item: Object) -> Answer:
        """Server-side apply."""
        metadata = item["metadata"]
        path = path_of(item["kind"], metadata.get("namespace"), metadata["name"])
        query = {"fieldManager": "reviewbot", "force": "true"}
        return self.call("PATCH", path, item, content_type="application/apply-patch+yaml", query=query)

    def patch(self, path: str, change: Object, *, dry_run: bool = False) -> Answer:
        """Merge a change into the object at the path."""
        query = {"dryRun": "All"} if dry_run else {}
        return self.call("PATCH", path, change, content_type="application/merge-patch+json", query=query)

    def may(self, verb: str, resource: str, namespace: str = "", name: str = "", *, user: str) -> bool:
        """What the authorizers alone say; `resource` is group/resource/subresource, the group empty for core."""
        group, resource, subresource = (*resource.split("/"), "")[:3]
        attributes = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        groups = [
            "system:authenticated",
            "system:serviceaccounts",
            f"system:serviceaccounts:{user.split(':')[2]}",
        ]
        spec = {
            "user": user,
            "groups": groups,
            "resourceAttributes": {**attributes, "namespace": namespace, "name": name},
        }
        answer = self.create(thing("SubjectAccessReview", "", spec=spec))
        assert answer.done, answer.message
        return bool(answer.body["status"]["allowed"])


@contextmanager
def administrator(cluster: Cluster) -> Iterator[Account]:
    """The owner of the cluster."""
    with ApiClient(configuration(cluster)) as api:
        yield Account(api)


def configuration(cluster: Cluster) -> Configuration:
    """How the owner of the cluster is let in."""
    made = Configuration()
    load: Any = config.load_kube_config
    load(str(cluster.kubeconfig), client_configuration=made)
    return made


@contextmanager
def service_account(cluster: Cluster, name: str, namespace: str = SYSTEM) -> Iterator[Account]:
    """A ServiceAccount with a token of its own, as a pod would hold it."""
    with administrator(cluster) as admin:
        path = path_of("ServiceAccount", namespace, name) + "/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        }
        answer = admin.call("POST", path, body)
    assert answer.done, answer.message
    full = configuration(cluster)
    own = Configuration(host=full.host)
    own.ssl_ca_cert = full.ssl_ca_cert
    own.api_key = {"authorization": f"Bearer {answer.body['status']['token']}"}
    with ApiClient(own) as api:
        yield Account(api)


@contextmanager
def namespace(admin: Account, **labels: str) -> Iterator[str]:
    """A namespace of the administrator's, with a random name that a preview could have."""
    name = preview_name()
    answer = admin.create(thing("Namespace", name, labels=labels))
    assert answer.done, answer.message
    try:
        yield name
    finally:
        admin.call("DELETE", path_of("Namespace", name=name))


@contextmanager
def preview(admin: Account) -> Iterator[str]:
    """A preview's namespace with its tenant and the two bindings, as the controller makes them."""
    with namespace(admin, **RESTRICTED, **MANAGED) as name:
        uid = admin.call("GET", path_of("Namespace", name=name)).body["metadata"]["uid"]
        for item in (tenant_account(name, uid), steward(name), deployer(name)):
            answer = admin.create(item)
            assert answer.done, answer.message
        mine = admin.acting_as(tenant(name))
        # The server's authorizer hears of a binding a moment after it was stored.
        until("its rights are in effect", lambda: mine.try_create(thing("ConfigMap", "a", name)).code != 403)
        yield name


def tenant(preview_namespace: str) -> str:
    """The user name of a preview's account."""
    return f"system:serviceaccount:{TENANTS}:{preview_namespace}"


def tenant_account(name: str, uid: str) -> Object:
    """It goes with its namespace, which owns it."""
    account = thing("ServiceAccount", name, TENANTS, automountServiceAccountToken=False)
    account["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "Namespace", "name": name, "uid": uid}]
    return account


def steward(where: str) -> Object:
    """The controller's rights in a preview."""
    return binding(where, "reviewbot-ns-steward", subject("reviewbot", SYSTEM))


def deployer(where: str) -> Object:
    """The tenant's rights in its preview."""
    return binding(where, "reviewbot-tenant-deployer", subject(where, TENANTS))


def subject(name: str, where: str) -> Object:
    """A ServiceAccount to bind to."""
    return {"kind": "ServiceAccount", "name": name, "namespace": where}


def binding(where: str, role: str, *subjects: Object, kind: str = "ClusterRole") -> Object:
    """A RoleBinding named after its role."""
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role}
    return thing("RoleBinding", role, where, roleRef=reference, subjects=list(subjects))


def preview_name() -> str:
    """A name of the form of the previews' namespaces."""
    return f"rb-{secrets.token_hex(10)}"


def thing(
    kind: str, name: str, namespace: str = "", *, labels: Mapping[str, str] | None = None, **fields: Any
) -> Object:
    """An object of a kind; the fields are its top-level ones."""
    metadata: Object = {"name": name} if name else {}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= {"labels": dict(labels)} if labels else {}
    return {"apiVersion": _VERSION[kind], "kind": kind, "metadata": metadata, **fields}


def path_of(kind: str, namespace: str | None = None, name: str | None = None) -> str:
    """The path of an object, or of the collection it is in."""
    version = _VERSION[kind]
    plural = _plural(kind.lower())
    parts = [f"/apis/{version}" if "/" in version else f"/api/{version}"]
    parts += [f"namespaces/{namespace}"] if namespace else []
    return "/".join([*parts, plural, *([name] if name else [])])


def _plural(kind: str) -> str:
    if kind == "endpoints":
        return kind
    if kind.endswith("y") and not kind.endswith("ay"):
        return kind.removesuffix("y") + "ies"
    return kind + ("es" if kind.endswith("s") else "s")


def until(what: str, look: Callable[[], bool], seconds: float = 30) -> None:
    """Look until it is so; fail with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
