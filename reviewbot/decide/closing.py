"""What is to be gone: the preview of a closed pull request, whose record stays for a while, or of one left out."""

from datetime import timedelta

from reviewbot.decide.plan import Facts, Forget, Plan, Remove, Step
from reviewbot.model import Exclusion, Phase, PullState

TOMBSTONE = timedelta(days=7)
_POLL = timedelta(milliseconds=500)


def close(facts: Facts) -> Plan:
    """What should be done about what is left of a closed pull request."""
    how = "merged" if facts.pull.state is PullState.MERGED else "closed"
    if facts.preview.namespace in {"absent", "foreign"}:
        return _closed(facts, how)
    sentence = f"The pull request was {how}; the preview is being removed."
    return _removing(facts, Phase.CLOSING, "Removing", sentence)


def leave_out(facts: Facts, why: Exclusion) -> Plan:
    """What should be done about an open pull request that shall have no preview."""
    if why.waits:
        return Plan(Phase.WAITING, why.reason, why.sentence)
    if facts.preview.namespace == "absent":
        return Plan(Phase.SKIPPED, why.reason, why.sentence, ends=True)
    return _removing(facts, Phase.SKIPPED, why.reason, why.sentence)


def _removing(facts: Facts, phase: Phase, reason: str, sentence: str) -> Plan:
    preview, again = facts.preview, facts.now + _POLL
    steps: tuple[Step, ...] = (Remove(preview.uid),) if preview.namespace == "active" and preview.uid else ()
    return Plan(phase, reason, sentence, steps, again, in_flight=True, ends=True)


def _closed(facts: Facts, how: str) -> Plan:
    forget_at = (facts.record.closed_at or facts.now) + TOMBSTONE
    sentence = f"The pull request was {how}; nothing of its preview is left."
    steps: tuple[Step, ...] = (Forget(),) if facts.now >= forget_at else ()
    return Plan(Phase.CLOSED, "Closed", sentence, steps, None if steps else forget_at, ends=True)
