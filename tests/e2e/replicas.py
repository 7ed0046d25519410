"""Two of each process, as an installation that must not stop runs them, and what is seen of them from outside."""

import json
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from dev.bot.install import SYSTEM, Accounts, kubectl
from dev.bot.run import App, controller_secrets, free_port, settings, started
from dev.cluster import Cluster
from dev.demo.ci import CHECK, Ci
from dev.demo.shown import Visitor, our_check, until
from dev.demo.stage import sample_files
from dev.github import GitHub, Pull, Repo, RequiredCheck, new_private_key, serve
from dev.github.state import App as Registered
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.names import namespace
from tests import canaries
from tests.e2e.relay import Front, Relay, front

OWNER = "acme"


@dataclass
class Replica:
    """A process of ours and how it is."""

    process: "subprocess.Popen[bytes]"
    ops: str

    @property
    def ready(self) -> bool:
        """Whether it does its work; of two controllers only one does."""
        return self._answers("/readyz", 200)

    @property
    def well(self) -> bool:
        """Whether it says that nothing is wrong with it."""
        return self._answers("/healthz", 200)

    def gets(self, what: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(what)

    def ends(self) -> int:
        """Its exit code, soon."""
        return self.process.wait(30)

    def _answers(self, path: str, status: int) -> bool:
        try:
            return urllib3.request("GET", self.ops + path, retries=False, timeout=2).status == status
        except urllib3.exceptions.HTTPError:
            return False


@dataclass
class Controller(Replica):
    """A controller with a way of its own to GitHub and to the cluster."""

    github: Front
    api: Relay


@dataclass(frozen=True)
class Town:
    """A team's repository on GitHub and two receivers for its webhooks."""

    cluster: Cluster
    github: GitHub
    app: Registered
    repo: Repo
    ci: Ci
    installation: int
    webs: list[tuple[Replica, str]]
    environment: Mapping[str, str]
    accounts: Accounts
    visitor: Visitor

    def delivers_to(self, number: int) -> None:
        """Webhooks go to that receiver from now on."""
        self.app.webhook_url = f"{self.webs[number][1]}/webhook"

    def opens(self, branch: str) -> Pull:
        """Somebody opens a pull request, and the bot answers."""
        return self.repo.open_pull_request(branch, {f"{branch}.txt": "1"})

    def ci_passes(self, pull: Pull) -> None:
        """CI has built the image and is green."""
        self.ci.start(pull.head)
        self.ci.passes(pull.head)

    def says(self, pull: Pull) -> str:
        """The title of the bot's check run on the head; empty if there is none."""
        run = our_check(pull)
        return str(run.output["title"]) if run else ""

    def is_told_ready(self, pull: Pull) -> bool:
        """The whole end of a deploy: check run, comment, deployment."""
        return (
            self.says(pull) == f"{pull.head[:7]} is running."
            and [each.body for each in pull.comments if "**Preview of Shop: ready**" in each.body] != []
            and [each.statuses[-1].state for each in pull.deployments if each.statuses] == ["success"]
        )

    def is_told_once(self, pull: Pull) -> bool:
        """One comment, one check run and one deployment in all."""
        runs = [run for run in self.repo.model.runs if run.name == "reviewbot" and run.suite.head_sha == pull.head]
        return (len(pull.comments), len(runs), len(pull.deployments)) == (1, 1, 1)

    def serves(self, pull: Pull) -> bool:
        """Whether the preview's address answers with the head."""
        name = f"pr-{self.repo.id}-{pull.number}"
        url = kubectl(self.cluster, "get", "reviewapp", name, "-n", SYSTEM, "-o", "jsonpath={.status.url}")
        return self.visitor.get(url).sha == pull.head

    def in_cluster(self, pull: Pull) -> str:
        """What a preview has, so that whatever is written shows; empty if there is no namespace."""
        name = namespace(PullRequestRef(RepositoryId(self.repo.id), InstallationId(self.installation), pull.number))
        if not kubectl(self.cluster, "get", "namespace", name, "--ignore-not-found", "-o", "name"):
            return ""
        kinds = "deployments,services,httproutes,secrets,networkpolicies"
        columns = "custom-columns=:kind,:metadata.name,:metadata.uid,:metadata.generation"
        return kubectl(self.cluster, "get", kinds, "-n", name, "-o", columns)


@contextmanager
def town(cluster: Cluster, accounts: Accounts, folder: Path) -> Iterator[Town]:
    """GitHub, a repository with one required check, and two receivers."""
    github = GitHub(first_id=secrets.randbelow(10**12) * 1000 + 1)
    key, secret = new_private_key(), secrets.token_hex(20)
    registered = github.create_app("reviewbot", private_key=key, webhook_secret=secret)
    ci_app = github.create_app("ci")
    with serve(github) as url, ExitStack() as stack:
        app = App(url, registered.id, key, secret, OWNER)
        environment = settings(cluster, app, "http://127.0.0.1")
        webs = [stack.enter_context(_web(environment, accounts, secret, folder, number)) for number in range(2)]
        for replica, _ in webs:
            until(lambda replica=replica: replica.ready, "a receiver")  # type: ignore[misc]
        repo = github.create_repository(f"{OWNER}/shop", files=sample_files(cluster), private=True)
        repo.require_checks([RequiredCheck(CHECK)])
        installation = github.install(registered, OWNER)
        visitor = Visitor(cluster)
        stack.callback(visitor.close)
        environment |= controller_secrets(app)
        ci = Ci(repo, ci_app, cluster)
        made = Town(cluster, github, registered, repo, ci, installation.id, webs, environment, accounts, visitor)
        made.delivers_to(0)
        try:
            yield made
        finally:
            canaries.hear_github(github)
            _remove_all(made)


@contextmanager
def controllers(here: Town, folder: Path) -> Iterator[tuple[Controller, Controller]]:
    """Two controllers, the first of which leads."""
    with ExitStack() as stack:
        leader = stack.enter_context(_controller(here, folder, "first"))
        until(lambda: leader.ready, "a leader")
        other = stack.enter_context(_controller(here, folder, "second"))
        until(lambda: other.well, "another controller")
        yield leader, other


@contextmanager
def _web(
    environment: Mapping[str, str], accounts: Accounts, secret: str, folder: Path, number: int
) -> Iterator[tuple[Replica, str]]:
    port, ops = free_port(), free_port()
    more = {
        "KUBECONFIG": str(accounts.web),
        "GITHUB_WEBHOOK_SECRET": secret,
        "PORT": str(port),
        "REVIEWBOT_OPS_PORT": str(ops),
    }
    with _running("web", {**environment, **more}, folder / f"web-{number}.log") as process:
        yield Replica(process, f"http://127.0.0.1:{ops}"), f"http://127.0.0.1:{port}"


@contextmanager
def _controller(here: Town, folder: Path, name: str) -> Iterator[Controller]:
    ops = free_port()
    config = json.loads(here.accounts.controller.read_text())
    server = urlsplit(config["clusters"][0]["cluster"]["server"])
    api = Relay(server.hostname or "", server.port or 443)
    config["clusters"][0]["cluster"] |= {
        "server": f"https://127.0.0.1:{api.port}",
        "tls-server-name": server.hostname,
    }
    kubeconfig = folder / f"{name}.kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    with front(here.github) as (own, url):
        more = {"KUBECONFIG": str(kubeconfig), "REVIEWBOT_OPS_PORT": str(ops), "GITHUB_API_URL": url}
        with _running("controller", {**here.environment, **more}, folder / f"{name}.log") as process:
            try:
                yield Controller(process, f"http://127.0.0.1:{ops}", own, api)
            finally:
                own.release()
                api.close()
        _let_go(here.cluster, process.pid)


@contextmanager
def _running(command: str, environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with started(command, environment, log) as process:
        try:
            yield process
        finally:
            # One that is frozen would not hear that it is to end.
            process.send_signal(signal.SIGCONT)
    canaries.know_environment(environment)
    canaries.hear(log.name, log.read_text())
    print(f"--- {log.name}\n{log.read_text()[-6000:]}")


def _let_go(cluster: Cluster, pid: int) -> None:
    # Whoever comes next need not wait for the lease of a process that was killed.
    holder = kubectl(cluster, "get", "lease", "reviewbot", "-n", SYSTEM, "-o", "jsonpath={.spec.holderIdentity}")
    if holder.endswith(f"-{pid}"):
        kubectl(cluster, "delete", "lease", "reviewbot", "-n", SYSTEM)


def _remove_all(here: Town) -> None:
    mine = f"reviewbot.dev/repository-id={here.repo.id}"
    kubectl(here.cluster, "delete", "reviewapps", "-n", SYSTEM, "-l", mine, "--wait=false")
    kubectl(here.cluster, "delete", "repository", f"repo-{here.repo.id}", "-n", SYSTEM, "--ignore-not-found")
    refs = [
        PullRequestRef(RepositoryId(here.repo.id), InstallationId(here.installation), number)
        for number in here.repo.model.pulls
    ]
    previews = [namespace(ref) for ref in refs]
    if previews:
        kubectl(here.cluster, "delete", "namespace", *previews, "--ignore-not-found", "--wait=false")


def seconds_until(look: Callable[[], bool], what: str) -> float:
    """How long it took, also printed."""
    began = time.monotonic()
    until(look, what)
    took = time.monotonic() - began
    print(f"{what}: {took:.1f} s")
    return took
