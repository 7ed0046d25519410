"""A lane: a GitHub, a repository, a receiver and one controller behind proxies, beside other lanes in one cluster."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from dev.bot.install import CONTROLLER, SYSTEM, Accounts, kubectl
from dev.bot.run import App, controller_secrets, free_port, settings
from dev.cluster import Cluster
from dev.demo.shown import Visitor, until
from dev.github import GitHub, RequiredCheck, new_private_key, serve
from reviewbot.gateways import cluster as gateway
from reviewbot.model import RepositoryId
from tests import canaries
from tests.faults.calls import CLUSTER, GITHUB, Call
from tests.faults.guard import Guard
from tests.faults.process import Controller
from tests.faults.proxy import Answer, Meddler, Moment, Proxy, passes, serving
from tests.faults.view import View
from tests.faults.ways import kubeconfig, to_cluster
from tests.stories.bot import controller, web
from tests.stories.team import TEST, Team, files

_OWNER = "acme"
# Whoever starts anew asks for everything again, and in a lane that happens a hundred times an hour.
_REQUESTS_AN_HOUR = 1_000_000
# Of a log, to see what a controller did last.
_LINES = 20


@dataclass
class Lane:
    """The team whose repository it is, both proxies, and the controller that runs now."""

    team: Team
    ways: tuple[Proxy, Proxy]
    environment: dict[str, str]
    home: str
    log: Path
    guard: Guard
    meddler: Meddler = passes
    controllers: list[Controller] = field(default_factory=list)
    # Whether a controller was told what was not so any more, so that it may see things only when it looks again.
    misled: bool = False
    # Held by whoever ends and starts controllers.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> Controller:
        """Start a controller beside those that run."""
        # One that is frozen keeps its port.
        started = Controller({**self.environment, "REVIEWBOT_OPS_PORT": str(free_port())}, self.log)
        self.controllers.append(started)
        return started

    def starts_anew(self) -> None:
        """End what runs, at once; start another that does not wait for the lease of the one before."""
        with self.lock:
            self.stop()
            self.start()

    def stays_up(self) -> None:
        """Start one if none runs, as the cluster does with one that ended because it could not renew its lease."""
        with self.lock:
            if not any(each.alive for each in self.controllers):
                self.starts_anew()

    def said(self) -> str:
        """The end of the controllers' log."""
        return "\n".join(line[:300] for line in self.log.read_text().splitlines()[-_LINES:])

    def stop(self) -> None:
        """Kill what runs and give its lease back."""
        for each in self.controllers:
            each.dies()
        self.controllers.clear()
        self.team.admin.patch(self.home, "Lease", CONTROLLER, {"spec": {"holderIdentity": ""}})

    def is_led_by_another(self) -> None:
        """Wait until somebody holds the lease who did not hold it."""
        before = self.holder()
        until(lambda: self.holder() not in ("", before), "another controller to lead")

    def holder(self) -> str:
        """The identity that holds the lease; empty if nobody does."""
        return str(self.team.admin.get(self.home, "lease", CONTROLLER)["spec"].get("holderIdentity", ""))

    def meddles(self, meddler: Meddler = passes) -> None:
        """From now on every request is met so."""
        self.meddler = meddler

    def meets(self, call: Call, moment: Moment, answer: Answer | None) -> Answer | None:
        """Whatever else happens to a request, it has to be one that may be made."""
        if moment is Moment.ASKED:
            self.guard.hold(call)
            _learn(call)
        return self.meddler(call, moment, answer)


@contextmanager
def lane(cluster: Cluster, accounts: Accounts, folder: Path, admin: gateway.Cluster) -> Iterator[Lane]:
    """A lane with nothing running yet; whatever it leaves in the cluster is removed."""
    github = GitHub(first_id=secrets.randbelow(10**12) * 1000 + 1)
    key, secret = new_private_key(), secrets.token_hex(20)
    app = github.create_app("reviewbot", private_key=key, webhook_secret=secret)
    ci = github.create_app("ci")
    with ExitStack() as stack:
        url = stack.enter_context(serve(github))
        registered = App(url, app.id, key, secret, _OWNER)
        app.webhook_url = stack.enter_context(web(cluster, accounts, registered)) + "/webhook"
        repo = github.create_repository(f"{_OWNER}/shop", files=files(cluster), private=True)
        repo.require_checks([RequiredCheck(TEST)])
        installation = github.install(app, _OWNER)
        github.installations[installation.id].rate.limit = _REQUESTS_AN_HOUR
        home = f"faults-{repo.id}"
        stack.enter_context(_home(cluster, home))
        ways = _ways(accounts, url, View(repo.id, home))
        api, hub = (stack.enter_context(serving(way)) for way in ways)
        own = controller_secrets(registered)
        environment = {
            **settings(cluster, registered, "http://bot.localhost"),
            **own,
            "KUBECONFIG": str(kubeconfig(accounts.controller, api, folder)),
            "GITHUB_API_URL": hub,
        }
        another = partial(controller, cluster, accounts, registered, RepositoryId(repo.id))
        visitor = Visitor(cluster)
        stack.callback(visitor.close)
        team = Team(cluster, repo, installation.id, app, ci, another(), visitor, another)
        made = Lane(team, ways, environment, home, folder / "controller.log", Guard(team, admin))
        for way in ways:
            way.meddler = made.meets
        try:
            yield made
        finally:
            made.stop()
            made.meddles()
            canaries.know_environment({**environment, "GITHUB_WEBHOOK_SECRET": secret})
            _hear(made)
            _remove(made)


def _learn(call: Call) -> None:
    """What is made up for a preview is a secret from now on."""
    if call.method == "POST" and call.path.endswith("/secrets"):
        canaries.know_secret(json.loads(call.body))


def _hear(made: Lane) -> None:
    """All that its controllers have said, to whomever."""
    repo = made.team.repo
    if made.log.exists():
        canaries.hear(made.log.name, made.log.read_text())
    canaries.hear_github(repo.github)
    for kind in ("ReviewApp", "Repository", "Event"):
        listed = made.guard.admin.items(kind, SYSTEM)
        canaries.hear_objects({"kind": kind, **each} for each in listed if str(repo.id) in json.dumps(each))


def _ways(accounts: Accounts, github: str, view: View) -> tuple[Proxy, Proxy]:
    hub = urlsplit(github)
    to_github = partial(HTTPConnection, hub.hostname or "", hub.port, timeout=60)
    return Proxy(CLUSTER, to_cluster(accounts.controller), view.translate, view.sees), Proxy(GITHUB, to_github)


@contextmanager
def _home(cluster: Cluster, name: str) -> Iterator[None]:
    """A namespace for the lane's lease, with the right that a controller has to its own."""
    meta = {"name": CONTROLLER, "namespace": name}
    group = "rbac.authorization.k8s.io"
    rule = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "patch"]}
    subject = {"kind": "ServiceAccount", "name": CONTROLLER, "namespace": SYSTEM}
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": [rule]},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": CONTROLLER},
            "subjects": [subject],
        },
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta, "spec": {"holderIdentity": ""}},
    ]
    kubectl(cluster, "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    try:
        yield
    finally:
        kubectl(cluster, "delete", "namespace", name, "--wait=false")


def _remove(made: Lane) -> None:
    team = made.team
    mine = f"reviewbot.dev/repository-id={team.repo.id}"
    kubectl(team.cluster, "delete", "reviewapps", "-n", SYSTEM, "-l", mine, "--wait=false")
    kubectl(team.cluster, "delete", "repository", f"repo-{team.repo.id}", "-n", SYSTEM, "--ignore-not-found")
    previews = [team.namespace(team.repo.pull(number)) for number in team.repo.model.pulls]
    if previews:
        kubectl(team.cluster, "delete", "namespace", *previews, "--ignore-not-found", "--wait=false")
