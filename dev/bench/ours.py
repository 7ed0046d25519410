"""The same through reviewbot: from the last green check to the page, through a push, to nothing left."""

import threading
import time
from dataclasses import dataclass

from dev.bot.install import kubectl
from dev.demo.shown import Visitor, until
from dev.demo.stage import Stage
from dev.demo.watch import exists, namespace_of, url_of
from dev.github import Pull

# How often the page is asked for where nothing else happens, in seconds.
CLOSELY = 0.02
_PROBE_SECONDS = 0.05
# The shell is the container's first process, and goes on whatever it is asked.
_STUBBORN = "web: trap '' TERM; bin/shop & wait\n"


@dataclass(frozen=True)
class Life:
    """What one pull request's people waited for, in seconds; `wrong` counts answers that were neither page."""

    green_to_answer: float
    push_to_answer: float
    probes: int
    wrong: int
    close_to_gone: float


def live(stage: Stage, visitor: Visitor, number: int) -> Life:
    """One pull request from opened to gone."""
    pull, url = opens(stage, number)
    first = until_answer(stage, visitor, pull, url)
    push, probes, wrong = _push(stage, visitor, pull, url)
    namespace = until(lambda: namespace_of(stage, pull), "the namespace")
    # Once a container is asked to end, nobody can shorten the time that it was given.
    until(lambda: _pods(stage, namespace) == 1, "the end of the release before")
    began = time.monotonic()
    pull.close()
    until(lambda: not exists(stage, namespace), "the end of the namespace")
    return Life(first, push, probes, wrong, time.monotonic() - began)


def opens(stage: Stage, number: int) -> tuple[Pull, str]:
    """A pull request whose checks have begun, and its address."""
    files = {f"{number}.txt": "1", "Procfile": _STUBBORN}
    pull = stage.repo.open_pull_request(f"bench-{number}", files, title=f"Bench {number}")
    stage.ci.start(pull.head)
    return pull, until(lambda: url_of(stage, pull), "an address")


def until_answer(stage: Stage, visitor: Visitor, pull: Pull, url: str, every: float = CLOSELY) -> float:
    """From its last check turning green to the page of its head, asked for every so many seconds."""
    sha = pull.head
    began = time.monotonic()
    stage.ci.passes(sha)
    until(lambda: visitor.get(url).sha == sha, "the page", every=every)
    return time.monotonic() - began


def _pods(stage: Stage, namespace: str) -> int:
    return len(kubectl(stage.cluster, "get", "pods", "-n", namespace, "-o", "name").splitlines())


def _push(stage: Stage, visitor: Visitor, pull: Pull, url: str) -> tuple[float, int, int]:
    old = pull.head
    new = pull.push({"more.txt": "2"})
    stage.ci.start(new)
    with Prober(stage, url, {old, new}) as prober:
        took = until_answer(stage, visitor, pull, url)
        # The old release goes a while after the switch; that must not be seen either.
        until(lambda: prober.probes > took / _PROBE_SECONDS + 7 / _PROBE_SECONDS, "the probes")
    return took, prober.probes, prober.wrong


class Prober:
    """Asks the address every 50 ms, as long as the context lasts."""

    def __init__(self, stage: Stage, url: str, right: set[str]) -> None:
        self._visitor = Visitor(stage.cluster)
        self._url = url
        self._right = right
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._probe, daemon=True)
        self.probes = 0
        self.wrong = 0

    def __enter__(self) -> "Prober":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._visitor.close()

    def _probe(self) -> None:
        while not self._stopping.wait(_PROBE_SECONDS):
            page = self._visitor.get(self._url)
            self.probes += 1
            self.wrong += not (page.status == 200 and page.sha in self._right)
