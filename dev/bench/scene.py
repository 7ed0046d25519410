"""A team with many pull requests on a control plane of the bench's own, and the bot at work."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from prometheus_client.parser import text_string_to_metric_families

from dev.bench.load import Carrier
from dev.bench.plane import Plane, plane
from dev.bot.install import SYSTEM
from dev.bot.run import App, Bot, free_port, running, started
from dev.demo.stage import OWNER, sample_files, wait_until_ready
from dev.github import GitHub, Pull, Repo, RequiredCheck, new_private_key, serve
from dev.github.state import App as Registered
from reviewbot.gateways.cluster import Cluster, connect

REQUIRED = "test"
_PATIENCE_SECONDS, _LOOK_SECONDS = 1800, 0.5


@dataclass(frozen=True)
class Scene:
    """What the figures are taken of."""

    plane: Plane
    github: GitHub
    # One of each organisation, in which the App is installed.
    repos: Sequence[Repo]
    ci: Registered
    carrier: Carrier
    bot: Bot
    admin: Cluster

    def opens(self, number: int) -> Pull:
        """One more pull request, in one repository after the other."""
        repo = self.repos[number % len(self.repos)]
        return repo.open_pull_request(f"topic-{number}", {f"{number}.txt": "1"}, title=f"Topic {number}")

    def reports(self, pull: Pull, check: str = REQUIRED, status: str = "completed") -> None:
        """CI reports one check of its head, green when it is completed; one is required."""
        Repo(self.github, pull.model.repo).check_run(pull.head, self.ci, check, status=status)

    def records(self) -> list[dict[str, Any]]:
        """Every pull request's record."""
        return self.admin.items("ReviewApp", SYSTEM)

    def record(self, pull: Pull) -> dict[str, Any]:
        """The record of one."""
        return self.admin.get("ReviewApp", _name(pull), SYSTEM) or {}

    def all_run(self) -> bool:
        """Whether the heads of all pull requests run, as their records tell."""
        heads = {_name(pull): pull.head for repo in self.repos for pull in map(repo.pull, repo.model.pulls)}
        found = {each["metadata"]["name"]: each for each in self.records()}
        return found.keys() == heads.keys() and all(runs(found[name], head) for name, head in heads.items())

    def rests(self) -> None:
        """End the controller that has been at work from the beginning."""
        self.bot.processes["controller"].terminate()
        self.bot.processes["controller"].wait()

    @contextmanager
    def working(self) -> Iterator[tuple[int, str]]:
        """A new controller for a block of code: its process, and where it tells how it is."""
        self.rests()
        port = free_port()
        environment = {**self.bot.environment, "REVIEWBOT_OPS_PORT": str(port)}
        with started("controller", environment, self.plane.folder / f"controller-{port}.log") as process:
            yield process.pid, f"http://127.0.0.1:{port}"


@contextmanager
def scene(organisations: int = 1) -> Iterator[Scene]:
    """The plane, GitHub, a repository of each organisation with one required check, and the bot's two processes."""
    key, secret = new_private_key(), secrets.token_hex(20)
    github = GitHub()
    registered = github.create_app("reviewbot", private_key=key, webhook_secret=secret)
    ci = github.create_app("ci")
    owners = [OWNER, *(f"{OWNER}-{number}" for number in range(1, organisations))]
    with plane() as here, serve(github) as url:
        app = App(url, registered.id, key, secret, ",".join(owners))
        with running(here.cluster, here.accounts, app, here.folder) as bot:
            wait_until_ready(bot)
            carrier = Carrier(bot.url)
            github.outbox = carrier
            files = sample_files(here.cluster)
            repos = [github.create_repository(f"{owner}/shop", files=files, private=True) for owner in owners]
            for owner, repo in zip(owners, repos, strict=True):
                repo.require_checks([RequiredCheck(REQUIRED)])
                github.install(registered, owner)
            yield Scene(here, github, repos, ci, carrier, bot, connect(here.cluster.kubeconfig))


def _name(pull: Pull) -> str:
    return f"pr-{pull.model.repo.id}-{pull.number}"


def eventually(look: Callable[[], bool], what: str) -> None:
    """Wait until it is so, however long many of them take."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen in {_PATIENCE_SECONDS} s")
        time.sleep(_LOOK_SECONDS)


def runs(record: dict[str, Any], head: str) -> bool:
    """Whether the record tells that its head runs, and nobody waits for another look."""
    status = record.get("status") or {}
    seen = status.get("observedPoke") == (record["metadata"].get("annotations") or {}).get("reviewbot.dev/poke")
    return seen and status.get("phase") == "Running" and (status.get("head") or {}).get("sha") == head


def measured(ops: str) -> dict[str, float]:
    """A process's metrics by name and labels; empty while it does not answer."""
    try:
        answer = urllib3.request("GET", f"{ops}/metrics", retries=False, timeout=10)
    except urllib3.exceptions.HTTPError:
        return {}
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(answer.data.decode())
        for sample in family.samples
    }


def passes(ops: str) -> float:
    """How many times a record was looked at by that process."""
    found = measured(ops)
    return sum(
        value for name, value in found.items() if name.startswith("reviewbot_passes_total") and "reconcile" in name
    )
