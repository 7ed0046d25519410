"""No preview may be there any more: everything goes, and the record is kept for a while to answer late events."""

from datetime import datetime, timedelta

from reviewbot.decide.plan import Facts, Forget, Plan, Remove, Step
from reviewbot.model import Phase, PullState

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
    preview = facts.preview
    if preview.namespace in {"absent", "foreign"}:
        return _closed(facts, reason, why)
    sentence = f"{why}; the preview is being removed."
    if preview.namespace == "terminating":
        return leaving(facts, Plan(Phase.CLOSING, "Removing", sentence))
    steps: tuple[Step, ...] = (Remove(preview.uid),) if preview.uid else ()
    return Plan(Phase.CLOSING, "Removing", sentence, steps, facts.now + _POLL, in_flight=True)


def leaving(facts: Facts, plan: Plan) -> Plan:
    """The plan while a namespace is on its way out: looked at closely, and less so the longer it takes."""
    waited = facts.now - (facts.preview.since or facts.now)
    again = facts.now + min(max(_POLL, waited / 10), _LAST_POLL)
    stuck = waited >= STUCK
    why = f" The cluster does not finish removing it: {facts.preview.stuck}" if stuck and facts.preview.stuck else ""
    return Plan(plan.phase, plan.reason, plan.sentence + why, (), again, in_flight=not stuck)


def _closed(facts: Facts, reason: str, why: str) -> Plan:
    sentence = f"{why}; nothing of its preview is left."
    if facts.pull.state is PullState.OPEN:
        # It is still listed, and may come back.
        return Plan(Phase.CLOSED, reason, sentence)
    forget_at: datetime = (facts.record.closed_at or facts.now) + TOMBSTONE
    steps: tuple[Step, ...] = (Forget(),) if facts.now >= forget_at else ()
    return Plan(Phase.CLOSED, reason, sentence, steps, None if steps else forget_at)
