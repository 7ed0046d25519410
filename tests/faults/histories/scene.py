"""A repository in which histories happen: its pull requests, whoever looks on, and what must be so at rest."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from dev.demo.shown import until
from reviewbot.gateways import cluster as gateway
from tests.faults.histories.ledger import Life
from tests.faults.histories.mail import Mail
from tests.faults.histories.rest import Rest
from tests.faults.histories.watch import Watch
from tests.stories.team import Team

# Those of the second name are a stranger's.
OURS, THEIRS = "ours", "theirs"
NAMES = (OURS, THEIRS)
# Longer than it takes until every repository is listed, and every preview looked at, once.
ROUND = timedelta(minutes=13)


@dataclass
class Scene:
    """`lives` has the newest pull request of each name. `unseen` is set when something happens that no event tells."""

    team: Team
    admin: gateway.Cluster
    watch: Watch
    mail: Mail
    lives: dict[str, Life] = field(default_factory=dict)
    unseen: bool = False

    @property
    def is_asleep(self) -> bool:
        """The installation is suspended."""
        return self.team.installed.model.suspended_at is not None

    def opens(self, name: str) -> None:
        """Somebody opens a pull request."""
        branch, stranger = f"{name}-{secrets.token_hex(4)}", name == THEIRS
        pull = self.team.opens(branch, fork=stranger, author="mallory" if stranger else "alice")
        self.lives[name] = self.watch.lives[pull.number] = Life(self.team, pull)

    def goes_on(self) -> None:
        """After whatever happened: it is noted, and nothing was done that must not be."""
        for life in self.watch.lives.values():
            life.goes_on()
        assert self.watch.breaches == [], self.watch.breaches

    def rests(self) -> None:
        """Let everything come to its end, and compare it with the model."""
        if self.is_asleep:
            self.team.settles()
            return
        while self.mail.arrives():
            self.team.settles()
        self.team.settles()
        if self.unseen or self.mail.lost:
            self.team.waits(ROUND)
        until(lambda: not any(map(self._is_leaving, self.watch.lives.values())), "namespaces to be gone")
        self.team.settles()
        looks = {number: Rest(life, self.admin) for number, life in self.watch.lives.items()}
        until(lambda: all(look.is_heard_of for look in looks.values()), "the gateway to have heard of every route")
        for number, life in self.watch.lives.items():
            look = looks[number]
            served = look.served()
            problems = list(look.problems(served))
            assert problems == [], f"#{number} {problems}: {life.known}, {life.past}"
            life.rests(served)
        self.unseen = self.mail.lost = False

    def _is_leaving(self, life: Life) -> bool:
        # What an administrator deletes goes by itself.
        space = self.admin.get("Namespace", self.team.namespace(life.pull))
        return space is not None and "deletionTimestamp" in space["metadata"]

    def ends(self) -> None:
        """Everything is closed, nothing is left, and nothing more happens."""
        self.mail.meets("at once", "")
        if self.is_asleep:
            self.team.installed.unsuspend()
        self.rests()
        for life in self.lives.values():
            if life.pull.model.state == "open":
                life.pull.close()
        self.goes_on()
        self.rests()
        said = self.team.writes()
        self.team.waits(ROUND)
        assert self.team.writes() == said
