"""A closed pull request: everything goes, and its record is kept for a while to answer late events."""

from datetime import timedelta

from reviewbot.decide.plan import Facts, Forget, Plan, Remove, Step
from reviewbot.model import Phase, PullState

TOMBSTONE = timedelta(days=7)
_POLL = timedelta(milliseconds=500)


def close(facts: Facts) -> Plan:
    """What should be done about what is left of a closed pull request."""
    how = "merged" if facts.pull.state is PullState.MERGED else "closed"
    preview, again = facts.preview, facts.now + _POLL
    if preview.namespace in {"absent", "foreign"}:
        return _closed(facts, how)
    steps: tuple[Step, ...] = (Remove(preview.uid),) if preview.namespace == "active" and preview.uid else ()
    sentence = f"The pull request was {how}; the preview is being removed."
    return Plan(Phase.CLOSING, "Removing", sentence, steps, again, in_flight=True)


def _closed(facts: Facts, how: str) -> Plan:
    forget_at = (facts.record.closed_at or facts.now) + TOMBSTONE
    sentence = f"The pull request was {how}; nothing of its preview is left."
    steps: tuple[Step, ...] = (Forget(),) if facts.now >= forget_at else ()
    return Plan(Phase.CLOSED, "Closed", sentence, steps, None if steps else forget_at)
