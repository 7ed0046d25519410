"""What is so at rest, on GitHub, in the cluster and at the address, without what differs from one pull request to
the next.
"""

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dev.github import Pull
from reviewbot.engine.records import POKE
from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import SYSTEM_NAMESPACE, TENANTS_NAMESPACE
from tests.stories.team import Team

_KINDS = ("Deployment", "StatefulSet", "Service", "HTTPRoute", "Secret", "Job", "NetworkPolicy", "ResourceQuota")
State = dict[str, Any]
# What is looked at as soon as this is still on its way.
_SOON = timedelta(seconds=20)


@dataclass(frozen=True)
class Look:
    """At one pull request, as the cluster's administrator and as anybody on GitHub."""

    team: Team
    admin: gateway.Cluster

    def record(self, pull: Pull) -> dict[str, Any]:
        """Its record as the cluster has it; empty if there is none."""
        name = f"pr-{self.team.repo.id}-{pull.number}"
        return self.admin.get("ReviewApp", name, SYSTEM_NAMESPACE) or {}

    def at_rest(self, pull: Pull) -> bool:
        """Every poke was heard, everything is told, and nothing more is to be done soon."""
        item = self.record(pull)
        status = item.get("status") or {}
        poke = (item.get("metadata", {}).get("annotations") or {}).get(POKE)
        heard, told = status.get("observedPoke") == poke, status.get("told") == status.get("report")
        again = datetime.fromisoformat(status["again"]) if status.get("again") else None
        told = told and not status.get("deploymentsAgain")
        return heard and told and (again is None or again > datetime.now(UTC) + _SOON)

    def says(self, pull: Pull) -> str:
        """The title of the bot's check run on the head."""
        return self.team.says(pull) or ""

    def state(self, pull: Pull) -> State:
        """Everything that has to be the same however often reviewbot was cut off on the way."""
        known = _names(pull)
        found = self._on_github(pull) | self._in_cluster(pull)
        return {name: _plain(value, known) for name, value in found.items()}

    def _on_github(self, pull: Pull) -> State:
        team, deployments = self.team, self.team.deployments(pull)
        return {
            "check": list(team.check(pull)),
            "check runs on the head": team.check_runs(pull),
            "comments": [each.body for each in pull.comments if each.app is team.app],
            "deployments": {sha: states[-1:] for sha, states in deployments.items()},
            "states told twice": [sha for sha, states in deployments.items() if _repeats(states)],
        }

    def _in_cluster(self, pull: Pull) -> State:
        name, status = self.team.namespace(pull), self.record(pull).get("status") or {}
        space = self.admin.get("Namespace", name)
        items = [each for kind in _KINDS for each in self._items(kind, name)] if space else []
        page = self.team.visitor.get(status["url"]) if status.get("url") and space else None
        return {
            "namespace": space is not None,
            "account": self.admin.get("ServiceAccount", name, TENANTS_NAMESPACE) is not None,
            "objects": items,
            "page": [page.status, page.sha] if page and page.status == 200 else None,
            "phase": [status.get("phase"), status.get("reason"), (status.get("serving") or {}).get("sha")],
            "answers": sorted(each["outcome"] for each in (status.get("requests") or {}).values()),
        }

    def _items(self, kind: str, where: str) -> list[str]:
        listed = self.admin.items(kind, where)
        going = [each for each in listed if not each["metadata"].get("deletionTimestamp")]
        return [f"{kind} {each['metadata']['name']}" for each in going]


def differences(found: State, wanted: State) -> str:
    """What is not as wanted, a line each."""
    off = (name for name in wanted if found.get(name) != wanted[name])
    return "\n  ".join(f"{name}: {found.get(name)} instead of {wanted[name]}" for name in off)


def _repeats(states: list[str]) -> bool:
    return any(one == after for one, after in itertools.pairwise(states))


def _names(pull: Pull) -> dict[str, str]:
    """Every commit that the pull request has had, by what it is to the head."""
    repository = pull.model.base.repo
    commits = {run.suite.head_sha for run in repository.runs} if repository else set()
    others = sorted(commits - {pull.head})
    return {pull.head: "{head}"} | dict.fromkeys(others, "{older}")


def _plain(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return sorted(f"{_plain(key, known)}: {_plain(each, known)}" for key, each in value.items())
    if isinstance(value, list):
        plain = [_plain(each, known) for each in value]
        # In the order of names they would be in the order of hashes.
        return sorted(plain) if all(isinstance(each, str) for each in plain) else plain
    if not isinstance(value, str):
        return value
    for sha, name in known.items():
        value = value.replace(sha, name).replace(sha[:7], name)
    value = re.sub(r"-pr-\d+-[a-z2-7]{10}", "-{host}", value)
    value = re.sub(r"\bpr-\d+-\d+", "{record}", value)
    value = re.sub(r"-[0-9a-f]{10}\b", "-{hash}", value)
    value = re.sub(r"pull-request=\d+|/pull/\d+|#\d+", "{number}", value)
    return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:]+(\.\d+)?(Z|\+00:00| UTC)?", "{time}", value)
