"""What must be so at every moment: each write, to the cluster or to GitHub, is held against it as it is made."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dev.github import Repo
from dev.github.log import Exchange
from dev.github.reports import CheckRun
from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import SHA
from tests.faults.calls import Call
from tests.faults.guard import Guard
from tests.faults.histories.claims import routed, sha_of, untrue
from tests.faults.histories.ledger import Life
from tests.faults.proxy import Answer, Moment

_PREVIEW = re.compile(r"rb-[a-z2-7]{20}")
_OF_PULL = re.compile(r"\bpr-\d+-(\d+)\b")


@dataclass
class Watch:
    """Over one repository. `lives` are of its pull requests, by their numbers; `breaches` are sentences."""

    guard: Guard
    admin: gateway.Cluster
    repo: Repo
    lives: dict[int, Life] = field(default_factory=dict)

    @property
    def breaches(self) -> list[str]:
        """What was found so far."""
        return self.guard.breaches

    def meets(self, call: Call, moment: Moment, answer: Answer | None) -> None:
        """As a proxy's meddler: look at what is asked of the cluster, and let it pass."""
        del answer
        if moment is Moment.ASKED and call.writes:
            self.guard.hold(call)
            self.breaches.extend(f"{call.name} {what}" for what in self._in_cluster(call))

    def before(self, exchange: Exchange) -> None:
        """As the stand-in's `before`: look at what is asked of GitHub, and let it pass."""
        if exchange.method in {"POST", "PATCH"} and exchange.path.startswith(f"/repositories/{self.repo.id}/"):
            path, body = exchange.path.split("/", 3)[3], exchange.body
            self.breaches.extend(f"{exchange.method} {path} {what}" for what in self._on_github(path, body))

    def _in_cluster(self, call: Call) -> Iterator[str]:
        item = json.loads(call.body or b"{}")
        metadata = item.get("metadata") or {}
        names = (metadata.get("namespace"), metadata.get("name"))
        found = next((life for name in names if (life := self._living_in(name))), None)
        if found is None or call.method == "DELETE":
            return
        ever, sha = found.past.deployable_ever, (metadata.get("annotations") or {}).get(SHA)
        if not ever:
            yield f"is of #{found.pull.number}, which never had a commit to be deployed"
        if sha and sha not in ever:
            yield f"brings up {sha}, which was never to be deployed"
        if item.get("kind") == "HTTPRoute":
            yield from self._routes(found, sha_of(item))

    def _routes(self, life: Life, sha: str) -> Iterator[str]:
        if life.known.state != "open":
            yield f"gives the address to what is {life.known.state}"
        if sha not in life.past.deployable_ever:
            yield f"gives the address to {sha}, which was never to be deployed"

    def _living_in(self, namespace: str | None) -> Life | None:
        if not namespace or not _PREVIEW.fullmatch(namespace):
            return None
        return next((life for life in self.lives.values() if life.team.namespace(life.pull) == namespace), None)

    def _on_github(self, path: str, body: Mapping[str, Any]) -> Iterator[str]:
        if self._is_shown(path, body):
            yield "says what is shown already"
        text = str(body.get("body") or (body.get("output") or {}).get("summary") or "")
        life = self._told_of(path, body)
        if life and not life.past.maimed:
            namespace = life.team.namespace(life.pull)
            # Only that nothing serves now cannot be known at once, where somebody has taken the route away.
            if not (life.past.unrouted and routed(self.admin, namespace) is None):
                yield from untrue(text, self.admin, namespace)

    def _told_of(self, path: str, body: Mapping[str, Any]) -> Life | None:
        run = self._run(path)
        marks = (body.get("body") or "", body.get("external_id") or "", run.external_id if run else "")
        found = _OF_PULL.search(" ".join(marks))
        return self.lives.get(int(found[1])) if found else None

    def _run(self, path: str) -> CheckRun | None:
        return next((run for run in self.repo.model.runs if path == f"check-runs/{run.id}"), None)

    def _is_shown(self, path: str, body: Mapping[str, Any]) -> bool:
        """Whether the write would change nothing."""
        model, number = self.repo.model, int(re.sub(r"\D", "", path) or 0)
        if path.startswith("issues/comments/") and number in model.comments:
            return bool(model.comments[number].body == body["body"])
        if path.startswith("deployments/") and model.deployments[number].statuses:
            last = model.deployments[number].statuses[-1]
            told: tuple[str, str, str] = (body["state"], body["description"], body.get("log_url", ""))
            return (last.state, last.description, last.log_url) == told
        return False
