"""What is to be gone: the preview of a closed pull request, whose record stays for a while, or of one left out."""

from dataclasses import replace
from datetime import datetime, timedelta

from reviewbot.decide.plan import Facts, Forget, Plan, Remove, Step
from reviewbot.model import Exclusion, Phase, PullState

TOMBSTONE = timedelta(days=7)
# A namespace goes in seconds, unless somebody's finalizer holds it.
STUCK = timedelta(minutes=3)
_POLL = timedelta(milliseconds=500)
_LAST_POLL = timedelta(minutes=5)
_REASONS = {
    PullState.OPEN: ("Archived", "The repository is archived"),
    PullState.CLOSED: ("Closed", "The pull request was closed"),
    PullState.MERGED: ("Closed", "The pull request was merged"),
    PullState.GONE: ("Gone", "GitHub no longer shows the pull request to the App"),
}


def close(facts: Facts) -> Plan:
    """What should be done about what is left of a preview that nobody may have any more."""
    reason, why = _REASONS[facts.pull.state]
    if facts.preview.namespace in {"absent", "foreign"}:
        return _closed(facts, reason, why)
    return _removing(facts, Plan(Phase.CLOSING, "Removing", f"{why}; the preview is being removed.", ends=True))


def leave_out(facts: Facts, why: Exclusion) -> Plan:
    """What should be done about an open pull request that shall have no preview."""
    if why.waits:
        return Plan(Phase.WAITING, why.reason, why.sentence)
    plan = Plan(Phase.SKIPPED, why.reason, why.sentence, ends=True)
    return plan if facts.preview.namespace == "absent" else _removing(facts, plan)


def _removing(facts: Facts, plan: Plan) -> Plan:
    preview = facts.preview
    if preview.namespace == "terminating":
        return leaving(facts, plan)
    steps: tuple[Step, ...] = (Remove(preview.uid),) if preview.uid else ()
    return replace(plan, steps=steps, again=facts.now + _POLL, in_flight=True)


def leaving(facts: Facts, plan: Plan) -> Plan:
    """The plan while a namespace is on its way out: looked at closely, and less so the longer it takes."""
    waited = facts.now - (facts.preview.since or facts.now)
    again = facts.now + min(max(_POLL, waited / 10), _LAST_POLL)
    stuck = waited >= STUCK
    why = f" The cluster does not finish removing it: {facts.preview.stuck}" if stuck and facts.preview.stuck else ""
    return replace(plan, sentence=plan.sentence + why, again=again, in_flight=not stuck)


def _closed(facts: Facts, reason: str, why: str) -> Plan:
    sentence = f"{why}; nothing of its preview is left."
    if facts.pull.state is PullState.OPEN:
        # It is still listed, and may come back.
        return Plan(Phase.CLOSED, reason, sentence, ends=True)
    forget_at: datetime = (facts.record.closed_at or facts.now) + TOMBSTONE
    steps: tuple[Step, ...] = (Forget(),) if facts.now >= forget_at else ()
    return Plan(Phase.CLOSED, reason, sentence, steps, None if steps else forget_at, ends=True)
