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
from reviewbot.reconcile.look import Look
from reviewbot.reconcile.missing import Absent, Moved
from reviewbot.reconcile.ports import Cluster, Source
from reviewbot.reconcile.requests import resets
from reviewbot.reconcile.rest import is_as_recorded, is_settled, is_well
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
_LOOK_LIFE = timedelta(seconds=60)


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
        self._looks: dict[str, tuple[datetime, Look]] = {}
        self._desired: dict[str, Desired] = {}
        self._waiting = Waiting(clock)

    def observe(self, record: Record) -> Facts:
        """The facts of this moment. Raises Unseen where something could not be read."""
        preview, look = self._preview(record), self._look(record)
        desired = self._held(record, look) or self._states.read(record, preview, look)
        return self._facts(record, preview, desired, self.address(record, look.pull))

    def observe_app(self, record: Record, whole: Record) -> Facts:
        """The same of one of several apps; `whole` is the pull request's own record, and one look serves them all."""
        preview, look = self._preview(record), self._look(whole)
        desired = self._held(record, look) or self._states.read_app(record, preview, look, whole)
        return self._facts(record, preview, desired, self.app_address(whole, record.ref.app, look.pull))

    def _facts(self, record: Record, preview: Preview, desired: Desired, address: Address) -> Facts:
        desired = self._states.rendered(record, preview, desired, address)
        self._desired[record.ref.name] = desired
        facts = Facts(
            now=self._clock(),
            record=record,
            pull=desired.pull,
            preview=preview,
            verdict=desired.look.verdict,
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
            named=desired.look.apps if desired.look.config else None,
        )
        return replace(facts, answered=self._answered(facts, address))

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

    def app_address(self, whole: Record, app: str, pull: PullRequest) -> Address:
        """Where one of several apps answers."""
        return self._site.app_address(whole, app, pull)

    def settle(self, record: Record, keep: bool) -> None:
        """After a pass: GitHub's side is kept where passes follow that nobody asked for."""
        if not keep:
            self._drop(record)

    def log(self, record: Record, release: Release, output: Output) -> str | None:
        """What a process of the release wrote last, fit to be shown; None if that cannot be seen now."""
        return last_lines(self._cluster, namespace(record.ref), output, release)

    def distrust(self, record: Record) -> None:
        """What was seen of GitHub's side is out of date."""
        self._drop(record)
        self._looks.pop(record.ref.whole.name, None)

    def forget(self, record: Record) -> None:
        """The record is gone."""
        self.distrust(record)
        self._waiting.forget(record.ref.name)

    def _drop(self, record: Record) -> None:
        self._desired.pop(record.ref.name, None)
        self._looks.pop(record.ref.name, None)

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
                objects["Pod"] = self._waiting.recovered(record.ref.name, objects["Pod"], well=is_well(record))
                preview = previews.read(record.ref, found, objects)
                if previews.is_unexplained(preview):
                    events = self._cluster.items("Event", name)
                    preview = previews.read(record.ref, found, {**objects, "Event": events})
            except Denied as refusal:
                raise LockedOut(refusal.sentence) from None
        return self._waiting.timed(record.ref.name, preview)

    def _look(self, record: Record) -> Look:
        now = self._clock()
        at, held = self._looks.get(record.ref.name, (now, None))
        current = held is not None and held.poke == record.poke
        settled = record.phase is Phase.RUNNING and not record.due
        if held and current and (settled or now < _end(at, held)):
            return held
        try:
            fresh = self._states.look(record)
        except (Absent, Moved):
            raise
        except Wait:
            if held is None or not current:
                raise
            # What is under way goes on while GitHub cannot be asked; nobody has said that anything changed.
            fresh = held
        self._looks[record.ref.name] = now, fresh
        return fresh

    def _held(self, record: Record, look: Look) -> Desired | None:
        held = self._desired.get(record.ref.name)
        return held if held and held.look is look and held.poke == record.poke else None

    def _answered(self, facts: Facts, address: Address) -> str | None:
        # A head may come before its predecessor is known to answer; that one is asked all the same.
        routed, wanted = facts.preview.release(facts.preview.routed), facts.wanted
        if routed is None or not routed.ready or facts.record.has_served(routed.id):
            return None
        return self._probe(address, (wanted.health if wanted and wanted.id == routed.id else None) or "/")


def _end(at: datetime, look: Look) -> datetime:
    """Until when it counts: for a while, and not longer than time alone may make its commit green.

    One that counts on because GitHub could not be asked at that time does so for a while again.
    """
    until = look.verdict.until if look.verdict else None
    return min(until, at + _LOOK_LIFE) if until is not None and until > at else at + _LOOK_LIFE
