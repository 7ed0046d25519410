"""The histories: rules for all that may happen to a repository, and between them the bot's work, a few steps at a time.

At every moment the writes are watched; whenever all is at rest, everything is compared with the model.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from reviewbot.gateways import cluster as gateway
from tests.faults.histories import hands
from tests.faults.histories.expected import MAIN, NEXT, OLD, WIP
from tests.faults.histories.ledger import BROKEN, Life
from tests.faults.histories.mail import EVENTS, FATES, Mail
from tests.faults.histories.rest import Rest
from tests.faults.histories.watch import Watch
from tests.stories.team import TEST, Team

LINT = "lint"
# The second one is a stranger's.
NAMES = ("ours", "theirs")
# Longer than it takes until every repository is listed, and every preview looked at, once.
ROUND = timedelta(minutes=13)

which = st.sampled_from(NAMES)


@dataclass
class Scene:
    """A repository, whoever works in it, and who looks on."""

    team: Team
    admin: gateway.Cluster
    watch: Watch
    mail: Mail


class History(RuleBasedStateMachine):
    """One history of one repository, from the first pull request until all are closed."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        self.team, self.mail = self.scene.team, self.scene.mail
        self.lives: dict[str, Life] = {}
        self.unseen = False
        self.sound = False

    @contextmanager
    def happens(self) -> Iterator[None]:
        """Whatever happens is noted, and must have broken nothing."""
        self.sound = False
        yield
        for life in self.lives.values():
            life.goes_on()
        assert self.scene.watch.breaches == []
        self.sound = True

    def life(self, name: str) -> Life:
        """The newest pull request of that name."""
        return self.lives[name]

    # --- people -----------------------------------------------------------------------------------

    @initialize(fate=st.sampled_from(FATES), event=st.sampled_from(EVENTS))
    def begins(self, fate: str, event: str) -> None:
        with self.happens():
            self.mail.meets(fate, event)
            for name in NAMES:
                self.opens(name)

    def opens(self, name: str) -> None:
        branch, stranger = f"{name}-{secrets.token_hex(4)}", name == "theirs"
        pull = self.team.opens(branch, fork=stranger, author="mallory" if stranger else "alice")
        self.lives[name] = self.scene.watch.lives[pull.number] = Life(self.team, pull)

    @rule(name=which, broken=st.sampled_from((False, False, False, True)))
    def pushes(self, name: str, broken: bool) -> None:
        with self.happens():
            files = self.team.repo.model.commits[self.team.repo.head()].files
            app = BROKEN if broken else files["app.json"]
            self.life(name).pull.push({"app.json": app, "more.txt": secrets.token_hex(8)})

    @rule(name=which)
    def pushes_back(self, name: str) -> None:
        with self.happens():
            life = self.life(name)
            life.pull.force_push(life.commits[-2:][0])

    @rule(name=which)
    def closes_or_reopens(self, name: str) -> None:
        with self.happens():
            pull = self.life(name).pull
            if pull.model.state == "open":
                pull.close()
            elif pull.model.merged_at is None:
                pull.reopen()

    @rule()
    def merges(self) -> None:
        with self.happens():
            pull = self.life("ours").pull
            if pull.model.state == "open" and not self.life("ours").known.broken:
                pull.merge()
            elif pull.model.merged_at:
                self.opens("ours")

    @rule(name=which, base=st.sampled_from((MAIN, NEXT, OLD)))
    def retargets(self, name: str, base: str) -> None:
        with self.happens():
            if self.life(name).pull.model.state == "open":
                self.life(name).pull.edit(base=base)

    @rule(name=which)
    def drafts_or_undrafts(self, name: str) -> None:
        with self.happens():
            pull = self.life(name).pull
            pull.set_draft(not pull.model.draft)

    @rule(name=which)
    def labels_or_unlabels(self, name: str) -> None:
        with self.happens():
            pull = self.life(name).pull
            (pull.unlabel if WIP in pull.model.labels else pull.label)(WIP)

    @rule(by=st.sampled_from(("alice", "alice", "mallory")))
    def trusts(self, by: str) -> None:
        with self.happens():
            life = self.life("theirs")
            if Rest(life, self.scene.admin).record:
                self.team.asks(life.pull, "trust", by)
                if by == "alice":
                    life.is_trusted()

    @rule(name=which)
    def deletes_the_comment(self, name: str) -> None:
        with self.happens():
            for comment in list(self.life(name).pull.comments):
                self.life(name).pull.delete_comment(comment.id)

    @rule(name=which)
    def presses_rerun(self, name: str) -> None:
        with self.happens():
            own = [run for run in self.team.repo.model.runs if run.suite.app is self.team.app]
            for run in [run for run in own if run.suite.head_sha == self.life(name).pull.head][-1:]:
                self.team.repo.rerequest(run)

    @rule()
    def renames_the_repository(self) -> None:
        with self.happens():
            self.team.repo.rename(f"shop-{secrets.token_hex(4)}")

    @rule()
    def suspends_or_wakes_the_app(self) -> None:
        with self.happens():
            self.suspends_or_wakes()

    def suspends_or_wakes(self) -> None:
        # Of what happens meanwhile no event tells.
        self.unseen = True
        if self.is_asleep:
            self.team.installed.unsuspend()
        else:
            self.team.installed.suspend()

    @property
    def is_asleep(self) -> bool:
        """The installation is suspended."""
        return self.team.installed.model.suspended_at is not None

    # --- CI ---------------------------------------------------------------------------------------

    @rule(name=which)
    def ci_passes(self, name: str) -> None:
        with self.happens():
            pull = self.life(name).pull
            self.team.ci_passes(pull)
            self.team.repo.check_run(pull.head, self.team.ci, LINT)

    @rule(
        name=which, check=st.sampled_from((TEST, LINT, "scan")), conclusion=st.sampled_from(("", "failure", "success"))
    )
    def ci_reports(self, name: str, check: str, conclusion: str) -> None:
        with self.happens():
            head = self.life(name).pull.head
            self.team.cluster.sample_image(head)
            options = {"conclusion": conclusion} if conclusion else {"status": "in_progress"}
            self.team.repo.check_run(head, self.team.ci, check, **options)  # type: ignore[arg-type]

    @rule(name=which)
    def ci_is_late(self, name: str) -> None:
        with self.happens():
            self.team.repo.check_run(self.life(name).commits[-2:][0], self.team.ci, TEST, conclusion="failure")

    # --- what goes wrong --------------------------------------------------------------------------

    @rule(fate=st.sampled_from(FATES), event=st.sampled_from(EVENTS))
    def webhooks_are(self, fate: str, event: str) -> None:
        with self.happens():
            self.mail.meets(fate, event)

    @rule(backwards=st.booleans(), most=st.integers(1, 3))
    def late_webhooks_arrive(self, backwards: bool, most: int) -> None:
        with self.happens():
            self.mail.arrives(backwards, most)

    @rule(name=which, kind=st.sampled_from(hands.KINDS))
    def an_administrator_deletes(self, kind: str, name: str) -> None:
        with self.happens():
            life = self.life(name)
            if hands.take(self.scene.admin, kind, self.team.namespace(life.pull)):
                self.unseen = True
                if kind in hands.VITAL:
                    life.is_maimed()

    @rule()
    def the_bot_starts_anew(self) -> None:
        with self.happens():
            self.team.restarts()

    # --- the bot ----------------------------------------------------------------------------------

    @rule(steps=st.integers(1, 12))
    def the_bot_works(self, steps: int) -> None:
        with self.happens():
            self.team.repo.github.settle()
            for _ in range(steps):
                self.team.bot.advance()

    @precondition(lambda self: not self.is_asleep)
    @rule()
    def all_comes_to_rest(self) -> None:
        with self.happens():
            self.rests()

    def rests(self) -> None:
        """Let everything come to its end, and compare."""
        while self.mail.arrives():
            self.team.settles()
        self.team.settles()
        if self.unseen or self.mail.lost:
            self.team.waits(ROUND)
        for name, life in self.lives.items():
            look = Rest(life, self.scene.admin)
            served = look.served()
            assert list(look.problems(served)) == [], name
            life.rests(served)
        self.unseen = self.mail.lost = False

    def teardown(self) -> None:
        """The end, unless something was wrong before: all is at rest, then closed, and nothing more happens."""
        if not (self.sound and self.lives):
            return
        with self.happens():
            self.mail.meets("at once", "")
            if self.is_asleep:
                self.suspends_or_wakes()
            self.rests()
        with self.happens():
            for life in self.scene.watch.lives.values():
                if life.pull.model.state == "open":
                    life.pull.close()
                life.goes_on()
            self.rests()
            said = self.team.writes()
            self.team.waits(ROUND)
            assert self.team.writes() == said
