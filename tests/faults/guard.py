"""What must be so at every moment: held against each write as it is made, before it has an effect."""

import json
import re
from dataclasses import dataclass, field

from reviewbot.gateways import cluster as gateway
from reviewbot.model import TRUST
from reviewbot.render.names import SHA, SYSTEM_NAMESPACE, TENANTS_NAMESPACE
from tests.faults.calls import CLUSTER, Call
from tests.stories.team import Team

_PREVIEW = r"/namespaces/(rb-[a-z2-7]{20})"
_OWN = [
    re.compile(pattern)
    for pattern in (
        r"/api/v1/namespaces",
        rf"/api/v1{_PREVIEW}",
        rf"/(api|apis/[a-z0-9.]+)/v1{_PREVIEW}/.*",
        rf"/api/v1/namespaces/{TENANTS_NAMESPACE}/serviceaccounts(/rb-[a-z2-7]{{20}})?",
        rf"/api/v1/namespaces/{SYSTEM_NAMESPACE}/configmaps(/reviewbot-[a-z]+)?",
        rf"/apis/events\.k8s\.io/v1/namespaces/{SYSTEM_NAMESPACE}/events",
        rf"/apis/coordination\.k8s\.io/v1/namespaces/{SYSTEM_NAMESPACE}/leases(/reviewbot)?",
        rf"/apis/reviewbot\.dev/v1alpha1/namespaces/{SYSTEM_NAMESPACE}/(reviewapps|repositories)(/.*)?",
    )
]
_WORKLOADS = {"Deployment", "StatefulSet", "Job"}
_WALLS = {"NetworkPolicy": "default-deny", "ResourceQuota": "preview", "LimitRange": "preview"}


@dataclass
class Guard:
    """Of one team's lane; `breaches` are sentences."""

    team: Team
    admin: gateway.Cluster
    breaches: list[str] = field(default_factory=list)

    def hold(self, call: Call) -> None:
        """Look at a write before it goes on."""
        if call.backend == CLUSTER and call.writes:
            self._holds_in_cluster(call)
        elif call.writes and not self._is_of_the_team(call):
            self._breach(call, "writes to a repository of others")

    def _holds_in_cluster(self, call: Call) -> None:
        if not any(own.fullmatch(call.path) for own in _OWN):
            self._breach(call, "touches what is not reviewbot's")
        item = json.loads(call.body or b"{}")
        if call.method != "DELETE" and item.get("kind") in _WORKLOADS:
            self._holds_for(call, item)

    def _holds_for(self, call: Call, item: gateway.Object) -> None:
        where = item["metadata"]["namespace"]
        missing = [kind for kind, name in _WALLS.items() if self.admin.get(kind, name, where) is None]
        if missing:
            self._breach(call, f"runs something before there is a {missing[0]}")
        sha = (item["metadata"].get("annotations") or {}).get(SHA)
        if sha and not self._was_green(sha):
            self._breach(call, f"runs {sha}, which was never green")
        if sha and self._is_of_a_stranger(sha):
            self._breach(call, f"runs {sha} of a fork, which nobody trusts")

    def _was_green(self, sha: str) -> bool:
        runs = self.team.repo.model.runs
        return any(run.suite.head_sha == sha and run.conclusion == "success" for run in runs)

    def _is_of_a_stranger(self, sha: str) -> bool:
        """Whether it is a fork's, and nobody has asked to trust it."""
        pulls = [each for each in self.team.repo.model.pulls.copy().values() if each.head.sha == sha]
        records = [f"pr-{self.team.repo.id}-{each.number}" for each in pulls if each.head.repo is not each.repo]
        return any(not self._trusts(record, sha) for record in records)

    def _trusts(self, record: str, sha: str) -> bool:
        found = self.admin.get("ReviewApp", record, SYSTEM_NAMESPACE) or {}
        asked = (found.get("spec", {}).get("requests") or {}).values()
        return any((each["verb"], each["sha"]) == (TRUST, sha) for each in asked)

    def _is_of_the_team(self, call: Call) -> bool:
        own = (f"/repositories/{self.team.repo.id}/", f"/app/installations/{self.team.installation}/", "/app/hook/")
        return call.path.startswith(own)

    def _breach(self, call: Call, what: str) -> None:
        self.breaches.append(f"{call.name} {what}")
