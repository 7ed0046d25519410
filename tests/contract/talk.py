"""Whoever tells how pull requests fare, with our client, the stand-in GitHub and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dev.github import Pull
from reviewbot.decide import Plan
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.work import Work
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, Phase, PullRequestRef, RepositoryId, Sha
from reviewbot.reconcile.tell import Teller
from reviewbot.report import Place, Report, report
from tests.contract.github_standin import KEY, Scene, standin
from tests.unit.builders import PREVIEW_URL, a_pull
from tests.unit.stores import Store


@dataclass
class Talk:
    """A teller at work: what it is given to tell is told with the engine's patience."""

    scene: Scene
    mailbox: Mailbox = field(default_factory=lambda: Mailbox(Store()))
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.scene.github.clock = self.clock
        self.restart()

    def restart(self) -> None:
        """Everything that is not on record is forgotten."""
        client = Client(self.scene.url, AppId(self.scene.app.id), KEY, self.clock, lambda: None)
        self.github = GitHub(client, ["acme"])
        self.teller = Teller(self.github, self.mailbox, self.clock)
        self.work = Work("tell", self.teller.tell, self.clock)

    def clock(self) -> datetime:
        """The machine's, and what was skipped."""
        return datetime.now(UTC) + self.ahead

    def skip_to(self, timestamp: float) -> None:
        """Jump there, unless it is over."""
        self.ahead += max(timedelta(), datetime.fromtimestamp(timestamp, UTC) - self.clock())

    def ref(self, number: int = 1) -> PullRequestRef:
        """A pull request of the scene's repository."""
        return PullRequestRef(RepositoryId(self.scene.repo.id), InstallationId(self.scene.installed.id), number)

    def put(self, phase: Phase, pull: Pull | None = None, sentence: str = "A sentence.") -> None:
        """Have this told of the pull request."""
        pull = pull or self.scene.pull
        ref = self.ref(pull.number)
        if self.mailbox.record(ref.name) is None:
            self.mailbox.poke(ref)
        self.teller.put(ref.name, a_report(ref, Sha(pull.head), phase, sentence))
        self.work.add(ref.name)

    def tells(self, phase: Phase, pull: Pull | None = None, sentence: str = "A sentence.") -> None:
        """Tell all of it, whatever comes in the way."""
        self.put(phase, pull, sentence)
        self.goes_on(timedelta(minutes=20))

    def goes_on(self, longest: timedelta) -> None:
        """Work until nothing is due in that time."""
        end = (self.clock() + longest).timestamp()
        while (at := self.work.next_at()) is not None and at < end:
            self.skip_to(at)
            self.work.step()

    def writes(self) -> list[str]:
        """Every write that reached GitHub, as far as it says what was meant."""
        made = [each for each in self.scene.github.calls("", "^/repositories/") if each.method != "GET"]
        return [f"{each.method} {each.path.split('/', 3)[3]}" for each in made]

    def shown(self) -> tuple[list[str], list[str], list[list[str]]]:
        """What GitHub shows of us: titles of check runs, comments, and the states of each deployment."""
        model, app = self.scene.repo.model, self.scene.app
        return (
            [str(run.output["title"]) for run in model.runs if run.suite.app is app],
            [each.body for each in model.comments.values() if each.app is app],
            [[status.state for status in each.statuses] for each in model.deployments.values()],
        )


def a_report(ref: PullRequestRef, head: Sha, phase: Phase, sentence: str) -> Report:
    """What is to be told of a pull request in that phase."""
    plan = Plan(phase, "Reason", sentence, ends=phase in {Phase.CLOSING, Phase.CLOSED})
    place = Place(PREVIEW_URL, head if phase is Phase.RUNNING else None)
    return report(ref, a_pull(head=head, number=ref.number), plan, place)


@contextmanager
def talking() -> Iterator[Talk]:
    """A teller and its scene."""
    with standin() as scene:
        yield Talk(scene)
