"""One reconcile for everything: look at GitHub and the cluster, decide, act, remember, tell.

The same pass serves create, push, close, restart, resync and repair; nothing here knows which event came.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reviewbot.decide import REFUSED, Arm, Facts, Forget, Plan, decide
from reviewbot.decide.progress import ever_later
from reviewbot.errors import Conflict, Denied, GiveUp, Wait
from reviewbot.model import Logged, Phase, PullRequest, PullState, Record, Stage
from reviewbot.reconcile.act import Actor
from reviewbot.reconcile.apps import Apps
from reviewbot.reconcile.missing import Absent, Moved
from reviewbot.reconcile.observe import LockedOut, Observer
from reviewbot.reconcile.ports import Decisions, Records
from reviewbot.reconcile.requests import outdated
from reviewbot.reconcile.shown import patience, section_of, told_of
from reviewbot.reconcile.status import begun, status, stored, text
from reviewbot.render.names import Address
from reviewbot.report import Report, digest

_AFTER_REFUSAL = timedelta(minutes=1)
# Rights that were just given take a moment to be in effect everywhere.
_RIGHTS = timedelta(seconds=15)


@dataclass(frozen=True)
class Outcome:
    """What a pass leaves: when to look again, and what GitHub should show.

    `patience` is for how long that may wait, because it is likely to be out of date by then. `wakes` is the record that
    has to be looked at now, as what it tells is made of this one.
    """

    again: datetime | None = None
    report: Report | None = None
    patience: timedelta = timedelta()
    wakes: str | None = None


class Reconciler:
    """Moves one pull request, or one app of it, towards what should be, a step at a time."""

    def __init__(self, records: Records, observer: Observer, actor: Actor, decisions: Decisions) -> None:
        self._records = records
        self._observer = observer
        self._actor = actor
        self._decisions = decisions
        self._apps = Apps(records)
        self._written: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, datetime] = {}
        # Apps that said something since their pull request was woken.
        self._unheard: set[str] = set()

    def reconcile(self, name: str) -> Outcome:
        """One pass over the record of that name; Wait and GiveUp go to the caller."""
        record = self._records.record(name)
        if record is None:
            return Outcome()
        resting = self._rest(record)
        if resting is not None:
            return resting
        whole = self._whole(record)
        facts = self._apps.gathered(record, self._observe(record, whole))
        address = self._address(record, whole, facts.pull)
        # A poke that comes from here on is a reason for another pass: its value is not the one noted below.
        if facts.pull.state is not PullState.GONE:
            self._records.label(record, facts.pull.head, address.label)
        plan = self._explain(record, facts, self._carry_out(record, facts, decide(facts), address))
        # Before it is remembered: one that is told and not remembered is told under the same name again.
        self._decisions.tell(record, facts.pull, plan)
        if any(isinstance(step, Forget) for step in plan.steps):
            self._observer.forget(record)
            self._records.forget(record)
            return Outcome()
        self._apps.ask(record, facts)
        if facts.pull.live and not plan.in_flight and whole is None:
            # Without it the pull request would be seen only as long as every event arrives.
            self._records.know_repository(record.ref.repository, record.ref.installation, facts.pull.full_name)
        keys = outdated(record, facts.now)
        if keys:
            self._records.drop_requests(record, keys)
        return self._leave(record, facts, plan, address)

    def _leave(self, record: Record, facts: Facts, plan: Plan, address: Address) -> Outcome:
        found = status(record, facts, plan, address)
        if record.ref.app:
            said = section_of(facts, plan, address)
            shown = {"section": stored(said), "report": digest(said), "told": digest(said)}
            if said != record.section:
                # Before it is written: if the answer to that is lost, the next pass finds nothing new.
                self._unheard.add(record.ref.name)
            self._remember(record, found | shown, plan.in_flight)
            return Outcome(plan.again, wakes=self._woken(record))
        told = told_of(record, facts, plan, address)
        self._remember(record, found | {"report": digest(told) if told else record.told}, plan.in_flight)
        return Outcome(plan.again, told, patience(record, facts, plan))

    def _woken(self, record: Record) -> str | None:
        if record.ref.name not in self._unheard:
            return None
        self._unheard.discard(record.ref.name)
        return record.ref.whole.name

    def _whole(self, record: Record) -> Record | None:
        """For one of several apps the pull request's own record, as it would be if it is lost."""
        ref = record.ref.whole
        return (self._records.record(ref.name) or Record(ref, "", "")) if record.ref.app else None

    def _address(self, record: Record, whole: Record | None, pull: PullRequest) -> Address:
        if whole is None:
            return self._observer.address(record, pull)
        return self._observer.app_address(whole, record.ref.app, pull)

    def _rest(self, record: Record) -> Outcome | None:
        try:
            plan = self._observer.rest(record)
            for step in plan.steps if plan else ():
                if isinstance(step, Arm):
                    self._actor.arm(record.ref, step)
        except (GiveUp, LockedOut):
            # That has to be told, or mended first.
            return None
        if plan is None:
            return None
        self._records.write_status(record.ref.name, {"again": text(plan.again)})
        return Outcome(plan.again, wakes=self._woken(record))

    def _observe(self, record: Record, whole: Record | None) -> Facts:
        asked = whole or record
        try:
            return self._observer.observe_app(record, whole) if whole else self._observer.observe(record)
        except LockedOut:
            self._actor.restore_rights(record.ref)
            raise
        except Moved as moved:
            self._records.move(asked, moved.installation)
            raise
        except Absent as absent:
            if whole is None:
                self._note_absence(record, absent)
            elif whole.missing_since is None:
                # Whoever notes it has to take it back, and this app may be at rest by the time of its next look.
                self._records.poke(whole.ref)
            raise

    def _note_absence(self, record: Record, absent: Absent) -> None:
        # Whatever is found next has to be noted, even if it is what was found before.
        self._written.pop(record.ref.name, None)
        if record.missing_since is None:
            self._records.write_status(record.ref.name, {"missingSince": text(absent.at)})

    def _carry_out(self, record: Record, facts: Facts, plan: Plan, address: Address) -> Plan:
        first = begun(record, facts, plan)
        if first is not None:
            self._records.write_status(record.ref.name, first)
        return self._act(record, facts, plan, address)

    def _act(self, record: Record, facts: Facts, plan: Plan, address: Address) -> Plan:
        try:
            for step in plan.steps:
                self._actor.act(step, record.ref, address)
        except GiveUp as refusal:
            since = facts.preview.since
            if isinstance(refusal, Denied) and (since is None or facts.now - since < _RIGHTS):
                raise Wait(refusal.sentence) from None
            first = self._refused.setdefault(record.ref.name, facts.now)
            again = ever_later(facts.now, first, _AFTER_REFUSAL)
            return Plan(Phase.FAILED, REFUSED, refusal.sentence, again=again)
        except Conflict:
            self._observer.distrust(record)
            raise
        finally:
            shared = facts.several and facts.pull.live
            self._observer.settle(record, keep=plan.in_flight or plan.phase is Phase.RUNNING or shared)
        self._refused.pop(record.ref.name, None)
        return plan

    def _explain(self, record: Record, facts: Facts, plan: Plan) -> Plan:
        plan, failure = self._with_release_log(record, facts, plan), plan.failure
        if failure is None or failure.log is not None or not (plan.output and facts.wanted and facts.logs):
            return plan
        return replace(plan, failure=replace(failure, log=self._observer.log(record, facts.wanted, plan.output)))

    def _with_release_log(self, record: Record, facts: Facts, plan: Plan) -> Plan:
        wanted = facts.wanted
        state = facts.preview.release(wanted.id) if wanted else None
        job = state.phase if state else None
        if wanted is None or job is None or job.output is None or job.stage is not Stage.SUCCEEDED or not facts.logs:
            return plan
        if record.logged is not None and record.logged.id == wanted.id:
            return plan
        log = self._observer.log(record, wanted, job.output)
        return plan if log is None else replace(plan, logged=Logged(wanted.id, log))

    def _remember(self, record: Record, found: dict[str, Any], in_flight: bool) -> None:
        # While something is in flight passes are frequent, and only the time of the next one changes.
        lasting = {key: value for key, value in found.items() if key != "again"}
        if not (in_flight and self._written.get(record.ref.name) == lasting):
            self._records.write_status(record.ref.name, found)
        if in_flight:
            self._written[record.ref.name] = lasting
        else:
            self._written.pop(record.ref.name, None)
