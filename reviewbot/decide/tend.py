"""What serves is looked after: a route that leads nowhere goes, and now and then everything is checked."""

from dataclasses import replace
from datetime import datetime, timedelta

from reviewbot.decide.plan import Arm, Facts, Plan, Prune, Restore, Step, Switch, Unroute
from reviewbot.decide.progress import DRAIN, armed, ever_later
from reviewbot.model import Phase, PullRequestRef, Record

UNREADY = timedelta(seconds=30)
# What somebody deleted or changed by hand is put right within this time, give or take a fifth.
CHECK = timedelta(minutes=10)
_PROBE = timedelta(milliseconds=200)
# Why it failed, where the cluster took a step for forbidden.
REFUSED = "Refused"
# In the others the next look is soon, and for something else.
_AT_REST = {Phase.RUNNING, Phase.WAITING, Phase.SKIPPED, Phase.FAILED}


def tend(facts: Facts, plan: Plan) -> Plan:
    """The plan for an open pull request, and what its route and its walls need besides."""
    if plan.ends:
        return plan
    return _check(facts, _finish(facts, _restore(facts, _unroute(facts, plan))))


def _unroute(facts: Facts, plan: Plan) -> Plan:
    # Without its route the address tells how things are.
    if facts.preview.routed is None or facts.preview.leads or any(isinstance(step, Switch) for step in plan.steps):
        return plan
    until = (facts.record.unready_since or facts.now) + UNREADY
    if facts.now >= until:
        return _with(facts, plan, Unroute())
    return replace(plan, again=min(plan.again or until, until))


def _restore(facts: Facts, plan: Plan) -> Plan:
    # The head's own release is switched to like any other; this is for the one before it.
    serving = facts.record.serving
    state = facts.preview.release(serving.id) if serving else None
    own = state is not None and facts.wanted is not None and state.id == facts.wanted.id
    taken = facts.preview.routed is not None or any(isinstance(step, Switch) for step in plan.steps)
    if state is None or own or taken or not state.ready or Prune(state) in plan.steps:
        return plan
    return _with(facts, plan, Restore(state))


def _finish(facts: Facts, plan: Plan) -> Plan:
    # The head's own switch is finished with its deploy; this is for one that a head overtook which waits itself.
    routed, serving = facts.preview.release(facts.preview.routed), facts.record.serving
    if routed is None or not routed.ready or facts.wanted is not None or plan.in_flight:
        return plan
    if serving is None or not facts.record.has_served(routed.id):
        again = facts.now if facts.answered == routed.id else ever_later(facts.now, routed.since, _PROBE)
        return replace(plan, again=min(plan.again or again, again))
    failed = facts.record.failed.id if facts.record.failed else None
    former = [each for each in facts.preview.releases if each.since < routed.since and each.id != failed]
    drained = serving.at + DRAIN
    if not former:
        return plan
    if facts.now < drained:
        return replace(plan, again=min(plan.again or drained, drained))
    return _with(facts, plan, *map(Prune, former))


def _with(facts: Facts, plan: Plan, *steps: Step) -> Plan:
    # Looked at again at once, so that what is told is true of it.
    return replace(plan, steps=(*plan.steps, *steps), again=facts.now)


def _check(facts: Facts, plan: Plan) -> Plan:
    waits = facts.preview.namespace == "active" and facts.record.serving is not None and not plan.in_flight
    if plan.phase is not Phase.RUNNING and not waits:
        return plan
    return checked(facts.record, facts.now, plan, armed(facts.wanted) if facts.wanted else _walls(facts))


def _walls(facts: Facts) -> Arm:
    # Of the commit before the head, which serves on.
    serving = facts.record.serving
    state = facts.preview.release(serving.id) if serving else None
    return Arm(facts.record.pull_secret, state.served.target if state and state.served else None)


def checked(record: Record, now: datetime, plan: Plan, walls: Arm) -> Plan:
    """The plan for a preview that runs, and the check of its walls where that is due."""
    due = record.again if record.phase in _AT_REST else None
    # Walls that could not be put right are not well again because nobody looked.
    if record.reason == REFUSED or (due is not None and now >= due):
        plan = replace(plan, steps=(walls, *plan.steps))
    at = due if due is not None and due > now else _next_check(record.ref, now)
    return replace(plan, again=min(plan.again or at, at))


def _next_check(ref: PullRequestRef, now: datetime) -> datetime:
    # Spread evenly, and for each preview the same every time.
    share = (ref.repository * 31 + ref.number * 7) % 101 / 100
    return now + CHECK * (0.8 + 0.4 * share)
