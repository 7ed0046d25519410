"""A team with a repository: what its people and its CI do, and what they see. Stories are told in these words."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dev.bot.install import SYSTEM
from dev.cluster import Cluster
from dev.demo.shown import Page, Visitor, our_check
from dev.demo.stage import sample_files
from dev.github import Installed, Pull, Repo
from dev.github.log import Exchange
from dev.github.reports import Deployment
from dev.github.state import App
from reviewbot.engine.records import POKE
from reviewbot.model import InstallationId, PullRequestRef, Record, RepositoryId
from reviewbot.render.names import TENANTS_NAMESPACE, namespace
from tests.contract.kube import until
from tests.stories.administrator import Administrator, administrator
from tests.stories.bot import Bot

TEST = "test"
# How the comment begins when the sample app runs; its app.json has the name and the description.
READY = "**Preview of Shop: ready**\n\nA small web app that shows which commit and which settings it runs with."

# The same of an app.json that has neither.
NAMELESS = "**Preview: ready**"


@dataclass
class Team:
    """One repository of the shared world, and the bot that serves it."""

    cluster: Cluster
    repo: Repo
    installation: int
    app: App
    ci: App
    bot: Bot
    visitor: Visitor
    another_bot: Callable[..., Bot]
    # Which of several apps of a repository is looked at; "" is the pull request itself.
    part: str = ""

    def of(self, app: str) -> "Team":
        """The same team, looking at one of several apps."""
        return replace(self, part=app)

    @property
    def admin(self) -> Administrator:
        """Whoever runs the cluster."""
        return administrator(self.cluster)

    # --- what people and CI do --------------------------------------------------------------------

    def opens(self, branch: str = "topic", files: Mapping[str, str] | None = None, **options: object) -> Pull:
        """Somebody opens a pull request."""
        changes = dict(files or {f"{branch}.txt": "1"})
        return self.repo.open_pull_request(branch, changes, **options)  # type: ignore[arg-type]

    def ci_passes(self, pull: Pull, image: bool = True) -> None:
        """CI has built the image and its one required check is green."""
        if image:
            self.cluster.sample_image(pull.head)
        self.repo.check_run(pull.head, self.ci, TEST, conclusion="success")

    def is_running(self, **options: object) -> Pull:
        """A pull request that was opened, passed, and whose preview runs."""
        pull = self.opens(**options)  # type: ignore[arg-type]
        self.ci_passes(pull)
        self.settles()
        assert self.says(pull) == f"{pull.head[:7]} is running.", self.says(pull)
        return pull

    def asks(self, pull: Pull, verb: str, by: str = "alice", sha: str | None = None) -> str:
        """Somebody asks for something, of the commit that they see; the request's key."""
        key, who = secrets.token_hex(8), self.repo.github.account(by)
        at = self.bot.clock().isoformat()
        asked = {"verb": verb, "sha": sha or pull.head, "sender": {"id": who.id, "login": who.login}, "at": at}
        self.pokes(pull, key, {"requests": {key: asked}})
        return key

    def pokes(self, pull: Pull, key: str = "", spec: Mapping[str, object] | None = None) -> None:
        """Somebody who may write records wants the pull request looked at."""
        change = {"metadata": {"annotations": {POKE: key or secrets.token_hex(8)}}, "spec": spec or {}}
        self.admin.patch(SYSTEM, "ReviewApp", self._ref(pull).name, change)

    def settles(self, until: Callable[[], bool] | None = None) -> None:
        """Every webhook is delivered and the bot has nothing more to do, or the condition holds."""
        self.repo.github.settle()
        self.bot.settle(until)

    def waits(self, duration: timedelta) -> None:
        """Time passes, and the bot does what is due then."""
        self.bot.clock.skip(duration)
        self.settles()

    def restarts(self, **environment: str) -> None:
        """The controller is gone at once, and another one goes on with what is on record."""
        clock = self.bot.clock
        self.bot = self.another_bot(**environment)
        self.bot.clock.skip_to(clock().timestamp())
        self.bot.resume()

    def forgets(self) -> None:
        """Every record of the repository is lost, and the controller starts anew."""
        self.admin.delete(SYSTEM, "reviewapps", "-l", f"reviewbot.dev/repository-id={self.repo.id}")
        self.admin.delete_soon(SYSTEM, "Repository", f"repo-{self.repo.id}")
        self.restarts()

    @property
    def installed(self) -> Installed:
        """The App on the team's account."""
        return Installed(self.repo.github, self.repo.github.installations[self.installation])

    # --- what they see ----------------------------------------------------------------------------

    def check(self, pull: Pull) -> tuple[str, str | None, str]:
        """The bot's check run on the head: status, conclusion, title."""
        run = our_check(pull)
        assert run is not None, "there is no check run of the bot"
        return run.status, run.conclusion, str(run.output["title"])

    def says(self, pull: Pull) -> str | None:
        """The title of the bot's check run on the head, if there is one yet."""
        run = our_check(pull)
        return None if run is None else str(run.output["title"])

    def summary(self, pull: Pull) -> str:
        """The long text of the bot's check run on the head."""
        run = our_check(pull)
        assert run is not None, "there is no check run of the bot"
        return str(run.output["summary"])

    def annotations(self, pull: Pull) -> list[str]:
        """What is shown on lines of the head's files: level, place and message."""
        run = our_check(pull)
        assert run is not None, "there is no check run of the bot"
        return [
            f"{each.annotation_level} {each.path}:{each.start_line}:{each.start_column} {each.message}"
            for each in run.annotations
        ]

    def check_runs(self, pull: Pull) -> int:
        """How many check runs of the bot the head has: the one that is shown, and what was left unfinished besides."""
        runs = self.repo.model.runs
        own = [run for run in runs if run.suite.app is self.app and run.suite.head_sha == pull.head]
        return len([run for run in own if run is own[-1] or run.status != "completed"])

    def comment(self, pull: Pull) -> str:
        """The one comment of the bot, without its marker."""
        bodies = [comment.body for comment in pull.comments if comment.app is self.app]
        assert len(bodies) == 1, f"{len(bodies)} comments"
        return re.sub(r"<!--.*?-->\s*", "", bodies[0])

    def record(self, pull: Pull) -> Record:
        """The pull request's record."""
        found = self.bot.mailbox.record(self._ref(pull).name)
        assert found is not None, "there is no record"
        return found

    def status(self, pull: Pull) -> dict[str, Any]:
        """The status of the record, as the cluster shows it."""
        found: dict[str, Any] = self.admin.get(SYSTEM, "reviewapp", self._ref(pull).name).get("status", {})
        return found

    def events(self, pull: Pull) -> list[str]:
        """The story of the record as its Events tell it, in order: the reason of each."""
        selector = f"--field-selector=involvedObject.name={self._ref(pull).name}"
        shown = self.admin.get(SYSTEM, "events", selector)["items"]
        return [str(each["reason"]) for each in sorted(shown, key=lambda each: str(each["eventTime"]))]

    def url(self, pull: Pull) -> str:
        """The preview's address as the record tells it."""
        return str(self.status(pull).get("url", ""))

    def page(self, pull: Pull) -> Page:
        """What the preview's address answers now."""
        return self.visitor.get(self.url(pull))

    def is_dark(self, pull: Pull) -> bool:
        """No route leads there any more, and the address answers nothing once the gateway has heard of it."""
        until("an address that answers nothing", lambda: self.page(pull).status != 200)
        return self.objects(pull, "httproutes") == []

    def namespace(self, pull: Pull) -> str:
        """The name of the preview's namespace, whether it is there or not."""
        return namespace(self._ref(pull))

    def in_cluster(self, pull: Pull) -> list[str]:
        """What the cluster holds for the pull request, its record aside: namespace and tenant account."""
        name = self.namespace(pull)
        places = {"Namespace": "", "ServiceAccount": TENANTS_NAMESPACE}
        return [f"{kind.lower()}/{name}" for kind, where in places.items() if self.admin.find(where, kind, name)]

    def objects(self, pull: Pull, *kinds: str) -> list[str]:
        """Names of the preview's objects of these kinds."""
        return self.admin.names(self.namespace(pull), *kinds)

    def look(self, pull: Pull, *what: str) -> Any:
        """What kubectl gets in the preview's namespace, as the cluster's administrator."""
        return self.admin.get(self.namespace(pull), *what)

    def take(self, pull: Pull, *what: str) -> None:
        """An administrator deletes something in the preview's namespace."""
        self.admin.delete(self.namespace(pull), *what)

    def writes(self) -> list[str]:
        """Every write of the bot to this repository on GitHub so far."""
        return [f"{call.method} {call.path.split('/', 3)[3]}" for call in self._written()]

    def changes(self, pull: Pull) -> list[str]:
        """Those of them that changed something that the pull request shows."""
        shown = self._shown(pull)
        return [write for write in self.writes() if not shown.isdisjoint(write.split("/"))]

    def told(self, pull: Pull | None = None) -> list[str]:
        """What each of those writes said: a comment's body, a check run's title, or a deployment's description.

        Of one pull request, what changed what it shows, and its comment when that was made.
        """
        bodies = [call.body for call in self._written() if pull is None or self._is_about(pull, call.path)]
        return [
            str(body["output"]["title"] if "output" in body else body.get("body") or body["description"])
            for body in bodies
        ]

    def _written(self) -> list[Exchange]:
        found = self.repo.github.calls("", rf"^/repositories/{self.repo.id}/")
        return [call for call in found if call.method != "GET"]

    def _is_about(self, pull: Pull, path: str) -> bool:
        return path.endswith(f"/issues/{pull.number}/comments") or not self._shown(pull).isdisjoint(path.split("/"))

    def _shown(self, pull: Pull) -> set[str]:
        return {str(each.id) for each in (our_check(pull), *pull.comments, *self._announced(pull)) if each}

    def deployments(self, pull: Pull) -> dict[str, list[str]]:
        """Every state that each commit's deployment has had; fails if a commit has two."""
        mine = self._announced(pull)
        found = {each.sha: [status.state for status in each.statuses] for each in mine}
        assert len(found) == len(mine), "a commit has two deployments"
        return found

    def active(self, pull: Pull) -> list[str]:
        """The commits whose deployments are not inactive."""
        return [sha for sha, states in self.deployments(pull).items() if states[-1:] != ["inactive"]]

    def asked(self) -> int:
        """How many requests the bot has made to GitHub about this repository and its installation."""
        return len(self.repo.github.calls("", rf"/({self.repo.id}|{self.installation})(/|$)"))

    def tokens_minted(self) -> int:
        """How many installation tokens GitHub was asked for."""
        return len(self.repo.github.calls("POST", rf"/installations/{self.installation}/access_tokens"))

    def runs(self, pull: Pull, ready: str = READY) -> None:
        """Its head runs, all that is shown says so, and nothing more happens; how the comment begins."""
        assert self.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
        assert self.comment(pull).startswith(ready)
        assert (self.check_runs(pull), self.page(pull).sha) == (1, pull.head)
        assert self.active(pull) == [pull.head]
        self.nothing_more_happens(pull)

    def nothing_more_happens(self, pull: Pull) -> None:
        """And nothing else was said or left: one comment at most, and another look writes nothing."""
        comments = [comment for comment in pull.comments if comment.app is self.app]
        assert len(comments) <= 1
        before = self.writes()
        self.bot.mailbox.poke(self._ref(pull))
        self.settles()
        assert self.writes() == before

    def _announced(self, pull: Pull) -> list[Deployment]:
        task = f"reviewbot:pr-{pull.number}"
        with self.repo.github.lock:
            return [each for each in self.repo.model.deployments.values() if each.task == task]

    def _ref(self, pull: Pull) -> PullRequestRef:
        return PullRequestRef(RepositoryId(self.repo.id), InstallationId(self.installation), pull.number, self.part)


def files(cluster: Cluster, **more: str) -> dict[str, str]:
    """The sample app's repository, with changes."""
    return {**sample_files(cluster), **more}
