"""What must be so at rest: on GitHub, in the cluster and at the address, for each pull request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dev.demo.shown import our_check
from reviewbot.gateways import cluster as gateway
from reviewbot.render.names import SHA, SYSTEM_NAMESPACE
from reviewbot.render.walls import walls
from tests.faults.histories.claims import routed, untrue
from tests.faults.histories.expected import Expected, expected
from tests.faults.histories.ledger import Life, fails
from tests.stories.team import READY

_WALLS = ("NetworkPolicy", "ResourceQuota", "LimitRange", "RoleBinding")


@dataclass(frozen=True)
class Rest:
    """A look at one pull request."""

    life: Life
    admin: gateway.Cluster

    @property
    def record(self) -> gateway.Object | None:
        """Its record, as the cluster has it."""
        return self.admin.get("ReviewApp", f"pr-{self.life.team.repo.id}-{self.life.pull.number}", SYSTEM_NAMESPACE)

    def served(self) -> str | None:
        """The commit that visitors get."""
        url = (self.record or {}).get("status", {}).get("url")
        page = self.life.team.visitor.get(url) if url else None
        return page.sha if page and page.status == 200 else None

    @property
    def is_heard_of(self) -> bool:
        """The gateway answers for what the route leads to, so far as anything can answer."""
        lacks = self.life.past.maimed or self.life.past.down
        return lacks or self.served() == routed(self.admin, self.life.team.namespace(self.life.pull))

    def problems(self, served: str | None) -> Iterator[str]:
        """Every promise that is not kept, as a sentence."""
        life = self.life
        run = our_check(life.pull)
        if run is None:
            if self.record is not None or life.known.state == "open":
                yield "has no check run"
            return
        allowed = list(expected(life.known, life.past))
        fitting = [each for each in allowed if self._fits(each, run.conclusion, str(run.output["title"]), served)]
        if not fitting:
            yield f"says {run.conclusion} “{run.output['title']}” and serves {served}, not one of {allowed}"
        if any(each.held for each in fitting):
            yield from self._holds(str(run.output["title"]))
        yield from self._texts(str(run.output["summary"]), served)
        yield from self._deployments(served)
        yield from self._cluster(served)

    def _fits(self, each: Expected, conclusion: str | None, title: str, served: str | None) -> bool:
        return each.conclusion == conclusion and each.says in {None, title} and served in each.serves

    def _holds(self, sentence: str) -> Iterator[str]:
        named, runs = re.findall("“(.*?)”", sentence), self.life.runs
        absent, failing = "not reported" in sentence, sentence.startswith("Held by")
        for name in named:
            found = [run for run in runs if run.name == name]
            if absent == bool(found) or (found and not any(map(fails, found))):
                yield f"says “{sentence}” while that is not so"
        if failing != any(run.conclusion == "failure" for run in runs if run.name in named):
            yield f"says “{sentence}” of checks that are otherwise"

    def _texts(self, summary: str, served: str | None) -> Iterator[str]:
        team, pull = self.life.team, self.life.pull
        comments = [comment.body for comment in pull.comments if comment.app is team.app]
        if len(comments) > 1:
            yield f"has {len(comments)} comments"
        for text in (summary, *comments):
            yield from untrue(text, self.admin, team.namespace(pull))
        runs = "ready**" in "".join(comments)
        if comments and runs != (READY in comments[0] and served == pull.head):
            yield f"has a comment that is not true while {served} serves: {comments[0]}"
        if "By now: " in summary and self.life.is_green:
            yield f"is green and says “{summary}”"
        for each in team.repo.model.runs:
            mine = each.suite.app is team.app and each.suite.head_sha in self.life.commits
            if mine and each.suite.head_sha != pull.head and each.status != "completed":
                yield f"has left a check run unfinished on {each.suite.head_sha}"
        if team.check_runs(pull) != 1:
            yield f"has {team.check_runs(pull)} check runs"

    def _deployments(self, served: str | None) -> Iterator[str]:
        team, pull = self.life.team, self.life.pull
        active = {sha: team.deployments(pull)[sha][-1:] for sha in team.active(pull)}
        if active != self._shown(served):
            yield f"has the deployments {active} while {served} serves"

    def _shown(self, served: str | None) -> dict[str, list[str]]:
        # Whose Service was taken away is still there, though nobody gets it.
        lacks = served is None and (self.life.past.maimed or self.life.past.down)
        there = self._running() if lacks else []
        commits = [served] if served else [each["metadata"]["annotations"][SHA] for each in there]
        return {sha: ["success"] for sha in commits}

    def _cluster(self, served: str | None) -> Iterator[str]:
        team, pull = self.life.team, self.life.pull
        name, left = team.namespace(pull), team.in_cluster(pull)
        if left and (self.life.known.state != "open" or not self.life.past.deployable_ever):
            yield f"has left {left}"
        if served is None:
            return
        wanted = {each["metadata"]["name"] for each in walls(name, "", "gateways") if each["kind"] in _WALLS}
        missing = wanted - {each["metadata"]["name"] for kind in _WALLS for each in self.admin.items(kind, name)}
        if missing:
            yield f"serves without {missing}"
        running = self._running()
        if len(running) != 1:
            yield f"runs {len(running)} releases"

    def _running(self) -> list[gateway.Object]:
        found = self.admin.items("Deployment", self.life.team.namespace(self.life.pull))
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]
