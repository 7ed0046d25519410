"""What should run of a pull request, or of one of its apps, as GitHub's side and the commit's files have it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from reviewbot.errors import GiveUp
from reviewbot.model import About, Exclusion, Preview, Problem, PullRequest, Record, Release, RepositoryConfig, Stage
from reviewbot.reconcile.look import UNNAMED, Look, Looks
from reviewbot.reconcile.merge import Merges
from reviewbot.reconcile.ports import Source
from reviewbot.reconcile.requests import Decisions, decisions
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.wanted import Releases, Spot, Unprovided
from reviewbot.render.names import Address
from reviewbot.spec import NoMergeCommit, SpecError


@dataclass(frozen=True)
class Desired:
    """For a poke, what a look means. What each part means is told where decisions are made of them."""

    poke: str | None
    look: Look
    pull: PullRequest
    decisions: Decisions
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    excluded: Exclusion | None = None
    wanted: Release | None = None
    problem: str | None = None
    problems: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    about: About = field(default_factory=About)
    pending: str | None = None
    blocked: str | None = None


class DesiredStates:
    """Makes them of looks."""

    def __init__(self, source: Source, releases: Releases, site: Site, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._releases = releases
        self._site = site
        self._clock = clock
        self._merges = Merges(source, site.image)
        self._looks = Looks(source, site.app_id, clock)

    def look(self, record: Record) -> Look:
        """GitHub's side now. Raises Unseen where it cannot be read, Absent and Moved where there is nothing to read."""
        return self._looks.take(record)

    def read(self, record: Record, preview: Preview, look: Look) -> Desired:
        """What should run of the pull request itself: nothing where it has several apps."""
        config, pull = look.config or RepositoryConfig(), look.pull
        desired = Desired(record.poke, look, pull, look.decisions, config, look.excluded, problem=look.problem)
        if config.apps:
            return desired
        return self._judged(record, preview, desired, Spot(record.ref, self._site.address(record, pull)))

    def read_app(self, record: Record, preview: Preview, look: Look, whole: Record) -> Desired:
        """What should run of one of its apps."""
        pull, config = look.pull, look.config or RepositoryConfig()
        decided = decisions(replace(record, approvals=look.decisions.approvals), pull, self._source, self._clock())
        desired = Desired(record.poke, look, pull, decided, problem=look.problem)
        app = config.apps.get(record.ref.app)
        if app is None:
            # What cannot be read may name it still.
            return desired if look.config is None else replace(desired, excluded=UNNAMED)
        addresses = {name: self._site.app_address(whole, name, pull) for name in config.apps}
        urls = {name: address.url for name, address in addresses.items()}
        spot = Spot(record.ref.whole, addresses[record.ref.app], app.path, urls)
        desired = replace(desired, config=app.config, excluded=look.apps[record.ref.app])
        return self._judged(record, preview, desired, spot)

    def _judged(self, record: Record, preview: Preview, desired: Desired, spot: Spot) -> Desired:
        verdict = desired.look.verdict
        if verdict is None or desired.excluded:
            return desired
        wanted = verdict.green or _deployed(record, preview, desired.pull)
        return self._defined(record, desired, spot) if wanted else desired

    def _defined(self, record: Record, desired: Desired, spot: Spot) -> Desired:
        pull = desired.pull
        try:
            touched = self._looks.paths(record.ref, pull)
            found = self._releases.definition(pull, desired.config, touched, spot)
            desired = replace(desired, changes=found.changes, about=found.app.about)
            if desired.problem:
                return desired
            pull = self._merges.chosen(record, pull, desired.config)
            return replace(desired, pull=pull, wanted=self._releases.wanted(record.ref, pull, desired.config, found))
        except NoMergeCommit as missing:
            return replace(desired, pending=missing.sentence)
        except Unprovided as unusable:
            return desired if desired.problem else replace(desired, blocked=unusable.sentence)
        except GiveUp as undefined:
            # Whatever is wrong is told at once, the base branch's settings first.
            sentences = filter(None, (desired.problem, undefined.sentence))
            problems = undefined.problems if isinstance(undefined, SpecError) else ()
            return replace(desired, problem="\n".join(sentences), problems=problems)

    def rendered(self, record: Record, preview: Preview, desired: Desired, address: Address) -> Desired:
        """The same, with the objects of a kustomization as soon as they are rendered."""
        wanted = desired.wanted
        state = preview.release(wanted.id) if wanted and wanted.unrendered else None
        job = state.rendering if state else None
        if wanted is None or job is None or job.stage is not Stage.SUCCEEDED:
            return desired
        try:
            made = self._releases.rendered(record.ref, address, wanted, job, desired.config.serve)
            return replace(desired, wanted=made)
        except GiveUp as unusable:
            # The places are in what was rendered, and in no file of the head.
            return replace(desired, wanted=None, problem=unusable.sentence)


def _deployed(record: Record, preview: Preview, pull: PullRequest) -> bool:
    # It was green once; a check that is run again does not take it back.
    serving = (record.serving,) if record.serving else ()
    return any(each.sha == pull.head for each in (*preview.releases, *serving))
