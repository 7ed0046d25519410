"""Facts for one pull request: GitHub's side, the cluster's side, and what its public address answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from reviewbot import preview as previews
from reviewbot.decide import Facts, Plan, checked
from reviewbot.errors import Denied, GiveUp, Wait
from reviewbot.gate import judge, needs_suites
from reviewbot.model import (
    AppId,
    AppSpec,
    Checks,
    Exclusion,
    Output,
    Phase,
    Preview,
    PullRequest,
    Record,
    Release,
    RepositoryConfig,
    ScopePolicy,
    Verdict,
)
from reviewbot.reconcile import provided
from reviewbot.reconcile.logs import last_lines
from reviewbot.reconcile.missing import Moved, find
from reviewbot.reconcile.ports import Cluster, Source
from reviewbot.reconcile.requests import Decisions, decisions
from reviewbot.reconcile.rest import is_as_recorded, is_settled
from reviewbot.render.names import VARS_NAMESPACE, Address, host_label, namespace
from reviewbot.render.release import Surroundings, release
from reviewbot.scope import changes_nothing, is_trusted, left_out
from reviewbot.spec import NoMergeCommit, gaps, image_for, parse_app, parse_config, with_config_vars

CONFIG_PATH = ".github/reviewbot.yml"
_READ_KINDS = ("Deployment", "Service", "EndpointSlice", "Pod", "HTTPRoute")
_FILES_KEPT = 200
# While something is in flight GitHub is read again only when poked, or when this much time has passed.
_SNAPSHOT_LIFE = timedelta(seconds=60)


class Probe(Protocol):
    """Ask the public address: the id of the release that answers, or None."""

    def __call__(self, address: Address, health: str) -> str | None: ...


class LockedOut(Wait):
    """A preview of ours, in which our rights are not in effect: not yet, or somebody took them away."""


@dataclass(frozen=True)
class Site:
    """What is the same for every preview of this installation."""

    app_id: AppId
    host_key: str
    previews_url: str
    gateway: str
    image: str | None
    pull_secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Snapshot:
    """GitHub's side, as read at a moment and for a poke."""

    poke: str | None
    at: datetime
    pull: PullRequest
    decisions: Decisions
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    excluded: Exclusion | None = None
    verdict: Verdict | None = None
    wanted: Release | None = None
    problem: str | None = None
    pending: str | None = None
    blocked: str | None = None


class Observer:
    """Reads, and remembers nothing but what is in flight."""

    def __init__(
        self, source: Source, cluster: Cluster, site: Site, probe: Probe, clock: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._cluster = cluster
        self._site = site
        self._probe = probe
        self._clock = clock
        self._snapshots: dict[str, _Snapshot] = {}
        # Namespaces on their way out, and since when.
        self._going: dict[str, datetime] = {}
        # What a commit holds never changes, so it is read once.
        self._file_at_commit = lru_cache(_FILES_KEPT)(source.file)
        self._changed_at = lru_cache(_FILES_KEPT)(lambda ref, _head, _base: source.changed_paths(ref))

    def observe(self, record: Record) -> Facts:
        """The facts of this moment. Raises Unseen where something could not be read."""
        preview = self._preview(record)
        snapshot = self._snapshot(record, preview)
        facts = Facts(
            now=self._clock(),
            record=record,
            pull=snapshot.pull,
            preview=preview,
            approvals=snapshot.decisions.approvals,
            answers=snapshot.decisions.answers,
            excluded=snapshot.excluded,
            verdict=snapshot.verdict,
            wanted=snapshot.wanted,
            problem=snapshot.problem,
            pending=snapshot.pending,
            logs=snapshot.pull.private or snapshot.config.public_logs,
            comment=snapshot.config.comment,
            blocked=snapshot.blocked,
        )
        return replace(facts, answered=self._answered(facts))

    def rest(self, record: Record) -> Plan | None:
        """What is due of a preview that is as its record says, for which GitHub is not asked; None for any other."""
        if not is_settled(record) or not is_as_recorded(record, self._preview(record)):
            return None
        return checked(record, self._clock(), Plan(Phase.RUNNING, "Ready", ""), record.pull_secret)

    def address(self, record: Record, pull: PullRequest) -> Address:
        """Where the preview answers; once given, a rename does not move it."""
        label = record.host or host_label(record.ref, pull.full_name, self._site.host_key)
        return Address(label, self._site.previews_url)

    def settle(self, record: Record, keep: bool) -> None:
        """After a pass: GitHub's side is kept where passes follow that nobody asked for."""
        if not keep:
            self._snapshots.pop(record.ref.name, None)

    def log(self, record: Record, release: Release, output: Output) -> str | None:
        """What a process of the release wrote last, fit to be shown; None if that cannot be seen now."""
        return last_lines(self._cluster, namespace(record.ref), output, release)

    def forget(self, record: Record) -> None:
        """The record is gone."""
        self._snapshots.pop(record.ref.name, None)
        self._going.pop(record.ref.name, None)

    def _preview(self, record: Record) -> Preview:
        name = namespace(record.ref)
        found = self._cluster.get("Namespace", name)
        objects = {}
        if previews.read(record.ref, found, {}).namespace == "active":
            try:
                objects = {kind: self._cluster.items(kind, name) for kind in _READ_KINDS}
            except Denied as refusal:
                raise LockedOut(refusal.sentence) from None
        return self._since_when(record, previews.read(record.ref, found, objects))

    def _since_when(self, record: Record, preview: Preview) -> Preview:
        # How long a namespace takes to go is counted by our own clock: the cluster's may be another.
        if preview.namespace != "terminating":
            self._going.pop(record.ref.name, None)
            return preview
        return replace(preview, since=self._going.setdefault(record.ref.name, self._clock()))

    def _snapshot(self, record: Record, preview: Preview) -> _Snapshot:
        held = self._snapshots.get(record.ref.name)
        settled = record.phase is Phase.RUNNING and not record.due
        if held and held.poke == record.poke and (settled or self._clock() < held.at + _SNAPSHOT_LIFE):
            return held
        try:
            fresh = self._look_at_github(record, preview)
        except Moved:
            raise
        except Wait:
            if held is None or held.poke != record.poke:
                raise
            # What is under way goes on while GitHub cannot be asked; nobody has said that anything changed.
            fresh = replace(held, at=self._clock())
        self._snapshots[record.ref.name] = fresh
        return fresh

    def _look_at_github(self, record: Record, preview: Preview) -> _Snapshot:
        now, pull = self._clock(), _pinned(find(self._source, record, self._clock), record)
        decided = decisions(record, pull, self._source, now)
        snapshot = _Snapshot(record.poke, now, pull, decided)
        if not pull.live or not is_trusted(pull, decided.approvals):
            return snapshot
        try:
            config = parse_config(self._source.file(record.ref, CONFIG_PATH, pull.base_ref))
        except GiveUp as unreadable:
            # Nobody is left out by rules that cannot be read.
            return self._judged(record, preview, replace(snapshot, problem=unreadable.sentence))
        snapshot = replace(snapshot, config=config)
        if decided.approvals.created is None:
            snapshot = replace(snapshot, excluded=self._excluded(record, pull, config.scope))
        return snapshot if snapshot.excluded else self._judged(record, preview, snapshot)

    def _excluded(self, record: Record, pull: PullRequest, policy: ScopePolicy) -> Exclusion | None:
        excluded = left_out(pull, policy)
        if excluded is not None or not policy.ignore_paths:
            return excluded
        paths = self._changed_at(record.ref, pull.head, pull.base_ref)
        return None if paths is None else changes_nothing(paths, policy)

    def _judged(self, record: Record, preview: Preview, snapshot: _Snapshot) -> _Snapshot:
        pull, verdict = snapshot.pull, self._verdict(record, snapshot)
        snapshot = replace(snapshot, verdict=verdict)
        if snapshot.problem or not (verdict.green or _deployed(record, preview, pull)):
            return snapshot
        try:
            around = self._surroundings(record, pull)
        except GiveUp as unusable:
            return replace(snapshot, blocked=unusable.sentence)
        try:
            return replace(snapshot, wanted=self._wanted(record, pull, snapshot.config, around))
        except NoMergeCommit as missing:
            return replace(snapshot, pending=missing.sentence)
        except GiveUp as undefined:
            return replace(snapshot, problem=undefined.sentence)

    def _verdict(self, record: Record, snapshot: _Snapshot) -> Verdict:
        pull, policy, own = snapshot.pull, snapshot.config.checks, self._site.app_id
        required = () if policy.require else self._source.required(record.ref, pull.base_ref)
        checks = Checks(self._source.reported(record.ref, pull.head), (), required)
        if needs_suites(checks, policy, own):
            checks = replace(checks, suites=self._source.suites(record.ref, pull.head))
        return judge(checks, policy, own, snapshot.at)

    def _surroundings(self, record: Record, pull: PullRequest) -> Surroundings:
        secret = provided.pull_secret_for(pull, self._site.pull_secrets)
        placement = provided.placement(self._cluster)
        return Surroundings(self.address(record, pull), self._site.host_key, placement, secret)

    def _wanted(self, record: Record, pull: PullRequest, config: RepositoryConfig, around: Surroundings) -> Release:
        procfile, app_json = (self._file_at_commit(record.ref, path, pull.head) for path in ("Procfile", "app.json"))
        app = self._with_config_vars(parse_app(procfile, app_json, around.placement.sizes), pull)
        template = config.image or self._site.image
        if template is None:
            raise GiveUp(f"No image is named: add `image:` to `{CONFIG_PATH}` on `{pull.base_ref}`.")
        return release(app, pull, _image(template, pull), config, around)

    def _with_config_vars(self, app: AppSpec, pull: PullRequest) -> AppSpec:
        where = f"Secret {provided.vars_name(pull.repository)} in {VARS_NAMESPACE}"
        app = with_config_vars(app, provided.config_vars(self._cluster, pull), where)
        missing = gaps(app)
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            elsewhere = "" if pull.from_fork else f" Whoever runs the cluster can give one in the {where}."
            raise GiveUp(f"app.json requires {names} without a value.{elsewhere}")
        return app

    def _answered(self, facts: Facts) -> str | None:
        wanted = facts.wanted
        if wanted is None or facts.preview.routed != wanted.id:
            return None
        state = facts.preview.release(wanted.id)
        known = facts.record.serving is not None and facts.record.serving.id == wanted.id
        if known or state is None or not state.ready:
            return None
        return self._probe(self.address(facts.record, facts.pull), wanted.health or "/")


def _pinned(pull: PullRequest, record: Record) -> PullRequest:
    # GitHub makes another merge commit whenever the base moves, but nobody builds an image of that.
    merge = record.merge
    return replace(pull, merge_sha=merge.sha) if merge and merge.head == pull.head else pull


def _deployed(record: Record, preview: Preview, pull: PullRequest) -> bool:
    # It was green once; a check that is run again does not take it back.
    serving = (record.serving,) if record.serving else ()
    return any(each.sha == pull.head for each in (*preview.releases, *serving))


def _image(template: str, pull: PullRequest) -> str:
    owner, _, repository = pull.full_name.partition("/")
    values = {
        "sha": pull.head,
        "short_sha": pull.head[:7],
        "pr": str(pull.number),
        "branch": pull.head_ref,
        "owner": owner,
        "repo": repository,
    }
    return image_for(template, values | ({"merge_sha": pull.merge_sha} if pull.merge_sha else {}))
