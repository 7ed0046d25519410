"""Facts for one pull request: GitHub's side, the cluster's side, and what its public address answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from reviewbot import preview as previews
from reviewbot.decide import Arm, Facts, Plan, checked
from reviewbot.errors import Denied, Wait
from reviewbot.model import Output, Phase, Preview, PullRequest, Record, Release
from reviewbot.reconcile.desired import Desired, DesiredStates
from reviewbot.reconcile.logs import last_lines
from reviewbot.reconcile.missing import Absent, Moved
from reviewbot.reconcile.ports import Cluster, Source
from reviewbot.reconcile.requests import resets
from reviewbot.reconcile.rest import is_as_recorded, is_settled
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.waiting import Waiting
from reviewbot.reconcile.wanted import Releases
from reviewbot.render.names import Address, namespace, tenant

_READ_KINDS = (
    "Deployment",
    "StatefulSet",
    "Job",
    "Service",
    "EndpointSlice",
    "PersistentVolumeClaim",
    "Pod",
    "HTTPRoute",
)
# Looked at as the tenant, where a repository brings objects of its own, which always have a Service among them.
_TENANTS_KINDS = ("ConfigMap", "CronJob")
# While something is in flight GitHub is read again only when poked, or when this much time has passed.
_DESIRED_LIFE = timedelta(seconds=60)


class Probe(Protocol):
    """Ask the public address: the id of the release that answers, or None."""

    def __call__(self, address: Address, health: str) -> str | None: ...


class LockedOut(Wait):
    """A preview of ours, in which our rights are not in effect: not yet, or somebody took them away."""


class Observer:
    """Reads, and remembers nothing but what is in flight."""

    def __init__(
        self, source: Source, cluster: Cluster, site: Site, probe: Probe, clock: Callable[[], datetime]
    ) -> None:
        self._states = DesiredStates(source, Releases(source, cluster, site), site, clock)
        self._cluster = cluster
        self._site = site
        self._probe = probe
        self._clock = clock
        self._desired: dict[str, Desired] = {}
        self._waiting = Waiting(clock)

    def observe(self, record: Record) -> Facts:
        """The facts of this moment. Raises Unseen where something could not be read."""
        preview = self._preview(record)
        desired = self._states.rendered(record, preview, self._now_desired(record, preview))
        self._desired[record.ref.name] = desired
        facts = Facts(
            now=self._clock(),
            record=record,
            pull=desired.pull,
            preview=preview,
            verdict=desired.verdict,
            wanted=desired.wanted,
            problem=desired.problem,
            problems=desired.problems,
            changes=desired.changes,
            about=desired.about,
            blocked=desired.blocked,
            logs=desired.pull.private or desired.config.public_logs,
            comment=desired.config.comment,
            pending=desired.pending,
            excluded=desired.excluded,
            approvals=desired.decisions.approvals,
            answers=desired.decisions.answers,
            reset=bool(resets(record, desired.decisions)),
        )
        return replace(facts, answered=self._answered(facts))

    def rest(self, record: Record) -> Plan | None:
        """What is due of a preview that is as its record says, for which GitHub is not asked; None for any other."""
        if not is_settled(record):
            return None
        preview = self._preview(record)
        if not is_as_recorded(record, preview):
            return None
        (release,) = preview.releases
        walls = Arm(record.pull_secret, release.served.target if release.served else None)
        return checked(record, self._clock(), Plan(Phase.RUNNING, "Ready", ""), walls)

    def address(self, record: Record, pull: PullRequest) -> Address:
        """Where the preview answers; once given, a rename does not move it."""
        return self._site.address(record, pull)

    def settle(self, record: Record, keep: bool) -> None:
        """After a pass: GitHub's side is kept where passes follow that nobody asked for."""
        if not keep:
            self._desired.pop(record.ref.name, None)

    def log(self, record: Record, release: Release, output: Output) -> str | None:
        """What a process of the release wrote last, fit to be shown; None if that cannot be seen now."""
        return last_lines(self._cluster, namespace(record.ref), output, release)

    def forget(self, record: Record) -> None:
        """The record is gone."""
        self._desired.pop(record.ref.name, None)
        self._waiting.forget(record.ref.name)

    def _preview(self, record: Record) -> Preview:
        name = namespace(record.ref)
        found = self._cluster.get("Namespace", name)
        preview = previews.read(record.ref, found, {})
        if preview.namespace == "active":
            try:
                objects = {kind: self._cluster.items(kind, name) for kind in _READ_KINDS}
                if any(map(previews.is_own, objects["Service"])):
                    account = tenant(name)
                    objects |= {kind: self._cluster.items_as(account, kind, name) for kind in _TENANTS_KINDS}
                preview = previews.read(record.ref, found, objects)
                if previews.is_unexplained(preview):
                    events = self._cluster.items("Event", name)
                    preview = previews.read(record.ref, found, {**objects, "Event": events})
            except Denied as refusal:
                raise LockedOut(refusal.sentence) from None
        return self._waiting.timed(record.ref.name, preview)

    def _now_desired(self, record: Record, preview: Preview) -> Desired:
        held = self._desired.get(record.ref.name)
        settled = record.phase is Phase.RUNNING and not record.due
        if held and held.poke == record.poke and (settled or self._clock() < held.at + _DESIRED_LIFE):
            return held
        try:
            fresh = self._states.read(record, preview)
        except (Absent, Moved):
            raise
        except Wait:
            if held is None or held.poke != record.poke:
                raise
            # What is under way goes on while GitHub cannot be asked; nobody has said that anything changed.
            fresh = replace(held, at=self._clock())
        self._desired[record.ref.name] = fresh
        return fresh

    def _answered(self, facts: Facts) -> str | None:
        wanted = facts.wanted
        if wanted is None or facts.preview.routed != wanted.id:
            return None
        state = facts.preview.release(wanted.id)
        known = facts.record.serving is not None and facts.record.serving.id == wanted.id
        if known or state is None or not state.ready:
            return None
        return self._probe(self.address(facts.record, facts.pull), wanted.health or "/")
