"""A teller in memory: what it writes to, what it remembers, its clock, and what is there of deployments in the end."""

from datetime import datetime

import pytest

from reviewbot.decide import Plan
from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import NotYet, Unseen
from reviewbot.model import Announced, Phase, PullRequestRef, Record, Sha
from reviewbot.reconcile.tell import Teller
from reviewbot.reconcile.tell.pace import PACE
from reviewbot.report import Place, Report, report
from tests.unit.boards import Board
from tests.unit.builders import HEAD, NOW, PREVIEW_URL, REF, a_pull
from tests.unit.stores import Store


class World:
    """One pull request on record, and whoever tells how it fares."""

    def __init__(self, store: Store | None = None) -> None:
        self.now = NOW
        self.board = Board()
        self.store = store or Store()
        self.records = Mailbox(self.store)
        self.teller = self.a_teller()
        self.records.poke(REF)

    def a_teller(self) -> Teller:
        return Teller(self.board, self.records, self.clock)

    def clock(self) -> datetime:
        return self.now

    def record(self) -> Record:
        found = self.records.record(REF.name)
        assert found is not None
        return found

    def tries(self, name: str) -> datetime | None:
        """When to come back, whoever's turn it is."""
        try:
            return self.teller.tell(name)
        except NotYet as turn:
            return turn.until

    def step(self, ref: PullRequestRef = REF) -> datetime | None:
        again = self.tries(ref.name)
        if again is not None:
            self.now = max(self.now, again)
        return again

    def loses_the_reply(self, restarts: bool = False) -> None:
        """What is written next is made, and nobody hears of it, though another process may go on."""
        self.board.loses_next_reply = True
        with pytest.raises(Unseen):
            self.step()
        self.now += PACE
        if restarts:
            self.teller = self.a_teller()

    def writes(self, told: Report, ref: PullRequestRef = REF) -> list[str]:
        """Tell it all; what was written for it."""
        before = len(self.board.writes)
        self.teller.put(ref.name, told)
        while self.step(ref) is not None:
            pass
        return self.board.writes[before:]

    def tell(self, told: Report, ref: PullRequestRef = REF) -> list[str]:
        """The same, deployments aside."""
        return [write for write in self.writes(told, ref) if "deployment" not in write]


def a_report(
    phase: Phase = Phase.DEPLOYING,
    sentence: str = "A sentence.",
    head: Sha = HEAD,
    serving: Sha | None = None,
    reason: str = "Reason",
    answering: Sha | None = None,
) -> Report:
    plan = Plan(phase, reason, sentence, ends=phase in {Phase.CLOSING, Phase.CLOSED})
    serves = head if phase is Phase.RUNNING else serving or answering
    return report(REF, a_pull(head=head), plan, Place(PREVIEW_URL, serves, answering=answering))


def known(world: World) -> tuple[Announced, ...]:
    """What is on record as maybe active."""
    found = world.record().deployments
    assert found is not None
    return tuple(each for each in found if each.digest != "over")


def ended(world: World) -> list[Announced]:
    """What is on record as over."""
    return [each for each in world.record().deployments or () if each.digest == "over"]


def written(world: World, told: Report) -> list[str]:
    """Tell it all; what was written about deployments."""
    return [write for write in world.writes(told) if "deployment" in write]


def states(world: World) -> dict[Sha, list[str]]:
    """Every state that each commit's deployment has had."""
    return {sha: [text.state for text in said] for sha, said in world.board.deployments.values()}
