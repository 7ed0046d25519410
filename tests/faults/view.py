"""A lane's part of the cluster: a whole controller, with threads, watches and lease, that meets no other lane's work.

Only what spans pull requests is narrowed: lists and watches of records, lists of namespaces and accounts, the lease.
Nothing that is read or written by name is touched.
"""

import json
from dataclasses import dataclass

from reviewbot.engine.records import REPOSITORY
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.names import SYSTEM_NAMESPACE, TENANTS_NAMESPACE, namespace
from tests.faults.calls import Call

_LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM_NAMESPACE}/leases"
_RECORDS = f"/apis/reviewbot.dev/v1alpha1/namespaces/{SYSTEM_NAMESPACE}/reviewapps"
_REPOSITORIES = f"/apis/reviewbot.dev/v1alpha1/namespaces/{SYSTEM_NAMESPACE}/repositories"
_SHARED = {"/api/v1/namespaces", f"/api/v1/namespaces/{TENANTS_NAMESPACE}/serviceaccounts"}
_MOST_PULLS = 200


@dataclass(frozen=True)
class View:
    """One repository's part; `home` is the namespace with the lane's own lease."""

    repository: int
    home: str

    def translate(self, call: Call) -> str:
        """Where a request goes: the path with its query."""
        path, query = call.path, call.query
        if path.startswith(_LEASE):
            path = path.replace(SYSTEM_NAMESPACE, self.home)
        elif path == _RECORDS and call.method == "GET" and "labelSelector" not in query:
            query = _and(query, f"labelSelector={REPOSITORY}%3D{self.repository}")
        elif path == _REPOSITORIES and call.method == "GET":
            query = _and(query, f"fieldSelector=metadata.name%3Drepo-{self.repository}")
        return f"{path}?{query}" if query else path

    def sees(self, call: Call, body: bytes) -> bytes:
        """What a list of namespaces or accounts shows."""
        if call.method != "GET" or call.path not in _SHARED:
            return body
        listed = json.loads(body)
        own = {namespace(self._ref(number)) for number in range(1, _MOST_PULLS)}
        listed["items"] = [item for item in listed.get("items", []) if item["metadata"]["name"] in own]
        return json.dumps(listed).encode()

    def _ref(self, number: int) -> PullRequestRef:
        return PullRequestRef(RepositoryId(self.repository), InstallationId(1), number)


def _and(query: str, more: str) -> str:
    return f"{query}&{more}" if query else more
