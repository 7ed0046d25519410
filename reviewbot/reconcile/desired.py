"""GitHub's side of a pull request: what it is, whether it shall have a preview, is green, and what should run."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from reviewbot.errors import GiveUp
from reviewbot.gate import judge, needs_suites
from reviewbot.model import (
    About,
    Checks,
    Exclusion,
    Preview,
    Problem,
    PullRequest,
    Record,
    Release,
    RepositoryConfig,
    ScopePolicy,
    Stage,
    Verdict,
)
from reviewbot.reconcile.missing import find
from reviewbot.reconcile.ports import Source
from reviewbot.reconcile.requests import Decisions, decisions
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.wanted import CONFIG_PATH, Releases, Unprovided
from reviewbot.scope import changes_nothing, is_trusted, left_out
from reviewbot.spec import NoMergeCommit, SpecError, parse_config

_LISTS_KEPT = 200


@dataclass(frozen=True)
class Desired:
    """As read at a moment and for a poke. What each means is told where decisions are made of them."""

    poke: str | None
    at: datetime
    pull: PullRequest
    decisions: Decisions
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    excluded: Exclusion | None = None
    verdict: Verdict | None = None
    wanted: Release | None = None
    problem: str | None = None
    problems: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    about: About = field(default_factory=About)
    pending: str | None = None
    blocked: str | None = None


class DesiredStates:
    """Reads them, as little of GitHub as each needs."""

    def __init__(self, source: Source, releases: Releases, site: Site, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._releases = releases
        self._site = site
        self._clock = clock
        self._changed_at = lru_cache(_LISTS_KEPT)(lambda ref, _head, _base: source.changed_paths(ref))

    def read(self, record: Record, preview: Preview) -> Desired:
        """GitHub's side now. Raises Unseen where it cannot be read, Absent and Moved where there is nothing to read."""
        now, pull = self._clock(), _pinned(find(self._source, record, self._clock), record)
        decided = decisions(record, pull, self._source, now) if pull.live else Decisions(record.approvals)
        desired = Desired(record.poke, now, pull, decided)
        if not pull.live or not is_trusted(pull, decided.approvals):
            return desired
        try:
            config = parse_config(self._source.file(record.ref, CONFIG_PATH, pull.base_ref))
        except GiveUp as unreadable:
            # Nobody is left out by rules that cannot be read. Their places are not the head's.
            return self._judged(record, preview, replace(desired, problem=unreadable.sentence))
        desired = replace(desired, config=config)
        if decided.approvals.created is None:
            desired = replace(desired, excluded=self._excluded(record, pull, config.scope))
        return desired if desired.excluded else self._judged(record, preview, desired)

    def _excluded(self, record: Record, pull: PullRequest, policy: ScopePolicy) -> Exclusion | None:
        excluded = left_out(pull, policy)
        if excluded is not None or not policy.ignore_paths:
            return excluded
        paths = self._changed_at(record.ref, pull.head, pull.base_ref)
        return None if paths is None else changes_nothing(paths, policy)

    def _judged(self, record: Record, preview: Preview, desired: Desired) -> Desired:
        verdict = self._verdict(record, desired)
        desired = replace(desired, verdict=verdict)
        wanted = verdict.green or _deployed(record, preview, desired.pull)
        return self._defined(record, desired) if wanted else desired

    def _defined(self, record: Record, desired: Desired) -> Desired:
        pull = desired.pull
        try:
            touched = self._changed_at(record.ref, pull.head, pull.base_ref)
            found = self._releases.definition(record, pull, desired.config, touched)
            desired = replace(desired, changes=found.changes, about=found.app.about)
            if desired.problem:
                return desired
            return replace(desired, wanted=self._releases.wanted(record, pull, desired.config, found))
        except NoMergeCommit as missing:
            return replace(desired, pending=missing.sentence)
        except Unprovided as unusable:
            return desired if desired.problem else replace(desired, blocked=unusable.sentence)
        except GiveUp as undefined:
            # Whatever is wrong is told at once, the base branch's settings first.
            sentences = filter(None, (desired.problem, undefined.sentence))
            problems = undefined.problems if isinstance(undefined, SpecError) else ()
            return replace(desired, problem="\n".join(sentences), problems=problems)

    def rendered(self, record: Record, preview: Preview, desired: Desired) -> Desired:
        """The same, with the objects of a kustomization as soon as they are rendered."""
        wanted = desired.wanted
        state = preview.release(wanted.id) if wanted and wanted.unrendered else None
        job = state.rendering if state else None
        if wanted is None or job is None or job.stage is not Stage.SUCCEEDED:
            return desired
        try:
            made = self._releases.rendered(record, desired.pull, wanted, job, desired.config.serve)
            return replace(desired, wanted=made)
        except GiveUp as unusable:
            # The places are in what was rendered, and in no file of the head.
            return replace(desired, wanted=None, problem=unusable.sentence)

    def _verdict(self, record: Record, desired: Desired) -> Verdict:
        pull, policy, own = desired.pull, desired.config.checks, self._site.app_id
        required = () if policy.require else self._source.required(record.ref, pull.base_ref)
        checks = Checks(self._source.reported(record.ref, pull.head), (), required)
        if needs_suites(checks, policy, own):
            checks = replace(checks, suites=self._source.suites(record.ref, pull.head))
        return judge(checks, policy, own, desired.at)


def _pinned(pull: PullRequest, record: Record) -> PullRequest:
    # GitHub makes another merge commit whenever the base moves, but nobody builds an image of that.
    merge = record.merge
    return replace(pull, merge_sha=merge.sha) if merge and merge.head == pull.head else pull


def _deployed(record: Record, preview: Preview, pull: PullRequest) -> bool:
    # It was green once; a check that is run again does not take it back.
    serving = (record.serving,) if record.serving else ()
    return any(each.sha == pull.head for each in (*preview.releases, *serving))
