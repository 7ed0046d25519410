"""Of each pull request, what GitHub shows of it and what has happened to it: the facts of the model."""

from dataclasses import dataclass, field, replace

from dev.github import Pull
from dev.github.effects.checks import latest
from dev.github.reports import CheckRun
from tests.faults.histories import hands
from tests.faults.histories.expected import WIP, Known, Past
from tests.stories.team import Team

BROKEN = "{"
_PASSES = {"success", "neutral", "skipped"}


@dataclass
class Life:
    """One pull request. `commits` are all heads it has had; `trusted` those that somebody with the right to it trusted.

    `trusts_head` says that this was asked for since the head moved last.
    """

    team: Team
    pull: Pull
    past: Past = field(default_factory=Past)
    commits: list[str] = field(default_factory=list)
    trusted: set[str] = field(default_factory=set)
    trusts_head: bool = False

    @property
    def known(self) -> Known:
        """As GitHub shows it now."""
        model = self.pull.model
        return Known(
            head=self.pull.head,
            state="merged" if model.merged_at else model.state,
            base=model.base.ref,
            labelled=WIP in model.labels,
            draft=model.draft,
            broken=model.repo.commits[self.pull.head].files["app.json"] == BROKEN.encode(),
            green=self.is_green,
            trusted=self._trusted,
        )

    @property
    def is_green(self) -> bool:
        """Every required check passes; where none is required, all that there are."""
        repo = self.pull.model.repo
        required = {each.context for each in repo.rulesets.get(self.pull.model.base.ref, ())}
        runs = [run for run in self.runs if run.name in required or not required]
        return bool(runs) and required <= {run.name for run in runs} and not any(map(fails, runs))

    @property
    def runs(self) -> list[CheckRun]:
        """What CI says of the head."""
        every = latest(self.pull.model.repo.runs)
        return [run for run in every if run.suite.app is self.team.ci and run.suite.head_sha == self.pull.head]

    @property
    def _trusted(self) -> bool | None:
        if not self.pull.model.from_fork or self.trusts_head:
            return True
        return None if self.pull.head in self.trusted else False

    def is_trusted(self) -> None:
        """Somebody with the right to it asks for the head to be trusted."""
        self.trusted.add(self.pull.head)
        self.trusts_head = True

    def loses(self, kind: str) -> None:
        """An administrator took away what it has of the kind."""
        maimed, unrouted = kind in hands.VITAL, kind == "HTTPRoute"
        self.past = replace(self.past, maimed=self.past.maimed or maimed, unrouted=self.past.unrouted or unrouted)

    def goes_on(self) -> None:
        """To be told after everything that happens."""
        known, past = self.known, self.past
        if known.head not in self.commits[-1:]:
            self.commits.append(known.head)
            self.trusts_head = False
        new = {known.head} if known.may_be_deployed else set()
        self.past = replace(
            past,
            deployable_ever=past.deployable_ever | new,
            deployable_since=past.deployable_since | new,
            may_have_gone=past.may_have_gone or known.has_none,
        )

    def rests(self, served: str | None) -> None:
        """All is at rest, and this serves."""
        down = served is None and (self.past.maimed or self.past.down)
        self.past = Past(served, self.past.deployable_ever, down=down)
        self.goes_on()


def fails(run: CheckRun) -> bool:
    """Whether it does not pass, or not yet."""
    return run.conclusion not in _PASSES
