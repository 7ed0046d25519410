"""The door: how many deliveries it acknowledges, beside the least that a receiver can do durably."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from dev.bench.figures import Figure, milliseconds
from dev.bench.load import listens, paced, together
from dev.bench.plane import Plane, plane
from dev.bench.usage import processor
from dev.bot.run import App, free_port, settings, started
from dev.demo.shown import until
from dev.github import GitHub
from dev.github.log import Delivery
from reviewbot.engine.mailbox import Mailbox
from reviewbot.gateways.cluster import connect
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId, Sha

_OWNER, _SECRET = "acme", "a secret of the bench alone"
_PULLS = 100
_SECONDS, _ROUNDS, _AT_ONCE = 2.0, 3, (1, 8, 32)
_PER_SECOND, _PACED = 100, 200
_GOALS = {"synchronize": "0.8", "check": "0.5"}


@dataclass(frozen=True)
class Receiver:
    """Where deliveries go, and the process that takes them."""

    url: str
    pid: int


@dataclass(frozen=True)
class Mail:
    """Deliveries about pull requests that are on record."""

    app: int
    repository: int
    synchronize: Sequence[Delivery]
    check: Sequence[Delivery]


# Who takes which deliveries.
Subjects = Mapping[str, tuple[Receiver, Sequence[Delivery]]]


class Throughput:
    """What was acknowledged in several rounds."""

    def __init__(self) -> None:
        self._rates: list[float] = []
        self._took: list[float] = []
        self._spent = 0.0

    def measure(self, receiver: Receiver, deliveries: Sequence[Delivery], at_once: int) -> None:
        """One more round."""
        before = processor(receiver.pid)
        rate, took = together(receiver.url, deliveries, at_once, _SECONDS)
        self._rates.append(rate)
        self._took += took
        self._spent += processor(receiver.pid) - before

    @property
    def rate(self) -> float:
        """Acknowledgements per second, the middle of the rounds."""
        return median(self._rates)

    @property
    def cost(self) -> float:
        """Processor time of the receiver for each, which holds on a busy machine too."""
        return self._spent / len(self._took)

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, {milliseconds(self._took)}, {self.cost * 1000:.1f} ms of processor each"


def figures() -> Iterator[Figure]:
    """Both receivers in turn, so that the ratios hold on a busy machine."""
    with plane(pods=False) as here:
        mail = _mail(here)
        with _doors(here, mail) as (bare, ours):
            subjects = {
                "bare": (bare, mail.synchronize),
                "synchronize": (ours, mail.synchronize),
                "check": (ours, mail.check),
            }
            yield from _side_by_side(subjects)
            yield from _at_a_pace(subjects)


def _side_by_side(subjects: Subjects) -> Iterator[Figure]:
    for receiver, deliveries in subjects.values():
        # The first of each kind pays for connections.
        together(receiver.url, deliveries, max(_AT_ONCE), 1.0)
    for at_once in _AT_ONCE:
        found = {name: Throughput() for name in subjects}
        for _, (name, (receiver, deliveries)) in itertools.product(range(_ROUNDS), subjects.items()):
            found[name].measure(receiver, deliveries, at_once)
        for name, goal in _GOALS.items():
            mine, plain = found[name], found["bare"]
            ratios = f"{mine.rate / plain.rate:.2f} (goal >= {goal}), by processor {plain.cost / mine.cost:.2f}"
            yield Figure(f"door, {name}, {at_once} at once", str(mine), f"bare {plain}; ratio {ratios}")


def _at_a_pace(subjects: Subjects) -> Iterator[Figure]:
    took: dict[str, list[float]] = {name: [] for name in subjects}
    for _, (name, (receiver, deliveries)) in itertools.product(range(_ROUNDS), subjects.items()):
        took[name] += paced(receiver.url, list(itertools.islice(itertools.cycle(deliveries), _PACED)), _PER_SECOND)
    for name in _GOALS:
        beside = f"bare {milliseconds(took['bare'])} (goal: p99 < 100 ms)"
        yield Figure(f"door, {name}, {_PER_SECOND} a second", milliseconds(took[name]), beside)


def _mail(here: Plane) -> Mail:
    github = GitHub()
    app = github.create_app("reviewbot", webhook_secret=_SECRET)
    ci, repo = github.create_app("ci"), github.create_repository(f"{_OWNER}/shop")
    installation = github.install(app, _OWNER)
    mailbox = Mailbox(connect(here.cluster.kubeconfig))
    for number in range(1, _PULLS + 1):
        pull = repo.open_pull_request(f"topic-{number}")
        sha = pull.push({"pushed.txt": "1"})
        repo.check_run(sha, ci, "test")
        ref = PullRequestRef(RepositoryId(repo.id), InstallationId(installation.id), pull.number)
        mailbox.poke(ref)
        record = mailbox.record(ref.name)
        if record is not None:
            mailbox.label(record, Sha(sha), f"host-{number}")
    told = [each for each in github.deliveries if each.app is app]
    pushes = [each for each in told if each.action == "synchronize"]
    runs = [each for each in told if each.event == "check_run" and each.action == "completed"]
    return Mail(app.id, repo.id, pushes, runs)


@contextmanager
def _doors(here: Plane, mail: Mail) -> Iterator[tuple[Receiver, Receiver]]:
    ports = free_port(), free_port()
    bare, ours = (f"http://127.0.0.1:{port}" for port in ports)
    app = App("https://api.github.invalid", mail.app, "", _SECRET, _OWNER)
    kubeconfig = {"KUBECONFIG": str(here.accounts.web)}
    plain = {"SECRET": _SECRET, "PORT": str(ports[0]), "REPOSITORY": str(mail.repository)}
    more = {"GITHUB_WEBHOOK_SECRET": _SECRET, "PORT": str(ports[1]), "REVIEWBOT_OPS_PORT": str(free_port())}
    with ExitStack() as stack:
        plain_one = stack.enter_context(_bare({"PATH": os.environ["PATH"], **kubeconfig, **plain}))
        environment = {**settings(here.cluster, app, ours), **kubeconfig, **more}
        own = stack.enter_context(started("web", environment, here.folder / "web.log"))
        for url in (bare, ours):
            until(lambda url=url: listens(url), f"an answer of {url}")  # type: ignore[misc]
        yield Receiver(bare, plain_one.pid), Receiver(ours, own.pid)


@contextmanager
def _bare(environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", "dev.bench.bare"], env=dict(environment))
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
