"""What GitHub says of a pull request: what it is, whether it shall have a preview, and whether its commit is green.

One look serves the pull request and each of its apps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from reviewbot.decide import MERGED
from reviewbot.errors import GiveUp
from reviewbot.gate import judge, needs_suites
from reviewbot.model import (
    AppId,
    Checks,
    Exclusion,
    PullRequest,
    PullRequestRef,
    PullState,
    Record,
    RepositoryConfig,
    Requirements,
    ScopePolicy,
    Verdict,
)
from reviewbot.reconcile.missing import find
from reviewbot.reconcile.ports import Source
from reviewbot.reconcile.requests import Decisions, decisions
from reviewbot.scope import changes_nothing, is_trusted, left_out, untouched
from reviewbot.spec import parse_config

CONFIG_PATH = ".github/reviewbot.yml"
UNNAMED = Exclusion("NoSuchApp", f"`{CONFIG_PATH}` names no such app any more.")
_LISTS_KEPT = 200


@dataclass(frozen=True)
class Look:
    """As read for a poke. What each means is told where decisions are made of them.

    `config` is None where it was not read, because nothing is to run, or where `problem` says why it cannot be.
    `apps` are those that it names, each with why it shall not run, if it shall not.
    """

    poke: str | None
    pull: PullRequest
    decisions: Decisions
    config: RepositoryConfig | None = None
    problem: str | None = None
    excluded: Exclusion | None = None
    verdict: Verdict | None = None
    apps: Mapping[str, Exclusion | None] = field(default_factory=dict)


class Looks:
    """Takes them, asking as little of GitHub as each needs."""

    def __init__(self, source: Source, app_id: AppId, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._app_id = app_id
        self._clock = clock
        self._changed_at = lru_cache(_LISTS_KEPT)(lambda ref, _head, _base: source.changed_paths(ref))

    def take(self, record: Record) -> Look:
        """GitHub's side now. Raises Unseen where it cannot be read, Absent and Moved where there is nothing to read."""
        now, pull = self._clock(), self._pull(record)
        decided = decisions(record, pull, self._source, now) if pull.live else Decisions(record.approvals)
        look = Look(record.poke, pull, decided)
        if not pull.live or not is_trusted(pull, decided.approvals):
            return look
        try:
            config = parse_config(self._source.file(record.ref, CONFIG_PATH, pull.base_ref))
        except GiveUp as unreadable:
            # Nobody is left out by rules that cannot be read. Their places are not the head's.
            return replace(look, problem=unreadable.sentence, verdict=self._verdict(record.ref, pull, None, now))
        overruled = decided.approvals.created is not None
        excluded = None if overruled else self._excluded(record.ref, pull, config.scope)
        look = replace(look, config=config, excluded=excluded, apps=dict.fromkeys(config.apps, excluded))
        if excluded:
            return look
        if config.apps and not overruled:
            look = replace(look, apps=untouched(config, self.paths(record.ref, pull)))
        return replace(look, verdict=self._verdict(record.ref, pull, config, now))

    def _pull(self, record: Record) -> PullRequest:
        pull = find(self._source, record, self._clock)
        # GitHub may show one that was merged as open for a while yet, which it never is again.
        reopened = record.reason == MERGED and pull.state is PullState.OPEN
        return replace(pull, state=PullState.MERGED) if reopened else pull

    def paths(self, ref: PullRequestRef, pull: PullRequest) -> tuple[str, ...] | None:
        """Every path that the pull request touches; None if they are not known."""
        found: tuple[str, ...] | None = self._changed_at(ref.whole, pull.head, pull.base_ref)
        return found

    def _excluded(self, ref: PullRequestRef, pull: PullRequest, policy: ScopePolicy) -> Exclusion | None:
        excluded = left_out(pull, policy)
        if excluded is not None or not policy.ignore_paths:
            return excluded
        paths = self.paths(ref, pull)
        return None if paths is None else changes_nothing(paths, policy)

    def _verdict(
        self, ref: PullRequestRef, pull: PullRequest, config: RepositoryConfig | None, now: datetime
    ) -> Verdict:
        policy = (config or RepositoryConfig()).checks
        required = Requirements() if policy.require else self._source.required(ref, pull.base_ref)
        checks = Checks(self._source.reported(ref, pull.head), (), required)
        if needs_suites(checks, policy, self._app_id):
            checks = replace(checks, suites=self._source.suites(ref, pull.head))
        return judge(checks, policy, self._app_id, now)
