"""What should be, for every pull request, always. Pure and total: facts in, a plan out; the time is a fact.

Nothing here acts. The plan says the desired state as steps, the sentence a person will read, and when to look
again even if nobody pokes.
"""

from datetime import timedelta

from reviewbot.decide.apps import has_deployed, phase_of, said_of, several, together
from reviewbot.decide.closing import MERGED, STUCK, TOMBSTONE, close, finish, leave_out
from reviewbot.decide.deploy import PATIENCE, QUOTA_DEADLINE, deploy
from reviewbot.decide.plan import (
    AppFacts,
    Apply,
    Arm,
    Drop,
    Facts,
    Forget,
    Plan,
    Provide,
    Prune,
    Remove,
    Render,
    Restore,
    Resume,
    Run,
    Step,
    Switch,
    Unroute,
    Wipe,
    described,
)
from reviewbot.decide.prepare import IMAGE_DEADLINE
from reviewbot.decide.progress import DRAIN
from reviewbot.decide.reset import RESETTING, go_on
from reviewbot.decide.retry import KEPT
from reviewbot.decide.tend import CHECK, REFUSED, UNREADY, checked, tend
from reviewbot.model import Phase, Verdict
from reviewbot.scope import is_trusted

__all__ = [
    "BLOCKED",
    "CHECK",
    "DRAIN",
    "IMAGE_DEADLINE",
    "KEPT",
    "MERGED",
    "NAME_TAKEN",
    "PATIENCE",
    "QUOTA_DEADLINE",
    "REFUSED",
    "RESETTING",
    "STUCK",
    "TOMBSTONE",
    "UNREADY",
    "AppFacts",
    "Apply",
    "Arm",
    "Drop",
    "Facts",
    "Forget",
    "Plan",
    "Provide",
    "Prune",
    "Remove",
    "Render",
    "Restore",
    "Resume",
    "Run",
    "Step",
    "Switch",
    "Unroute",
    "Wipe",
    "checked",
    "decide",
    "described",
    "phase_of",
    "said_of",
]

_UNTRUSTED = (
    "Pull requests from forks get no preview until somebody with write permission trusts the commit."
    " Each commit has to be trusted anew."
)

NAME_TAKEN = "The preview's namespace exists and is not ours; nothing was touched."

# No event tells of it.
_MERGE_LOOK = timedelta(minutes=2)
# Whoever runs the cluster mends it without a word to us.
BLOCKED = timedelta(minutes=5)


def decide(facts: Facts) -> Plan:
    """What should be done about one pull request now."""
    if not facts.pull.live:
        return close(facts)
    if facts.several:
        return several(facts, _open(facts))
    return tend(facts, finish(facts) or go_on(facts, _open(facts)))


def _open(facts: Facts) -> Plan:
    if facts.preview.namespace == "foreign":
        return Plan(Phase.FAILED, "NameTaken", NAME_TAKEN)
    if not is_trusted(facts.pull, facts.approvals):
        return Plan(Phase.SKIPPED, "Fork", _UNTRUSTED)
    if facts.excluded is not None:
        return leave_out(facts, facts.excluded)
    if not _approved(facts):
        return _hold(facts)
    if facts.several and facts.problem is None:
        return together(facts)
    if facts.wanted is None and facts.pending:
        sentence = f"{facts.pending} While the pull request has conflicts it makes none."
        return Plan(Phase.WAITING, "MergeCommit", sentence, again=facts.now + _MERGE_LOOK)
    if facts.blocked:
        return Plan(Phase.FAILED, "Installation", facts.blocked, again=facts.now + BLOCKED)
    if facts.wanted is None:
        sentence = facts.problem or "The commit's definition could not be read."
        return Plan(Phase.FAILED, "Definition", sentence, problems=facts.problems)
    return deploy(facts, facts.wanted)


def _approved(facts: Facts) -> bool:
    # A commit whose release is there was green once; a check that is run again does not take it back.
    serving = facts.record.serving is not None and facts.record.serving.sha == facts.pull.head
    deployed = any(release.sha == facts.pull.head for release in facts.preview.releases)
    deployed = deployed or any(has_deployed(app, facts.pull.head) for app in facts.apps)
    return serving or deployed or (facts.verdict is not None and facts.verdict.green)


def _hold(facts: Facts) -> Plan:
    verdict = facts.verdict or Verdict(False, "Waiting for checks.")
    return Plan(Phase.WAITING, "Checks", verdict.sentence, again=verdict.until)
