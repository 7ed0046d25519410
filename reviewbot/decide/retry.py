"""A release that failed: kept a day for whoever wants to see why, tried again only when somebody asks."""

from datetime import timedelta

from reviewbot.decide.plan import Drop, Facts, Plan, Step
from reviewbot.decide.progress import away
from reviewbot.model import REDEPLOY, Cause, Failure, Phase, Release, Stage

KEPT = timedelta(hours=24)


def remembered(facts: Facts, wanted: Release) -> Plan | None:
    """What is left to do about a release that failed before; None if it is to be looked at, or brought up."""
    held, state = facts.record.failed, facts.preview.release(wanted.id)
    if held is None or held.id != wanted.id or facts.preview.namespace == "terminating":
        return None
    if _asked(facts):
        return _again(facts, wanted)
    if held.reason == Cause.ADDON or (state and state.ready and held.reason != Cause.POSTDEPLOY):
        return None
    over = facts.now - held.at >= KEPT
    phase_goes_on = state is not None and state.phase is not None and state.phase.stage is not Stage.FAILED
    if state and (state.complete(wanted) or phase_goes_on) and not over:
        return None
    return _kept_down(facts, held, wanted, over)


def _asked(facts: Facts) -> bool:
    return any(each.verb == REDEPLOY and each.sha == facts.pull.head for each in facts.record.requests)


def _again(facts: Facts, wanted: Release) -> Plan:
    state, setup = facts.preview.release(wanted.id), facts.preview.postdeploy
    steps: tuple[Step, ...] = away(facts, state) if state and not state.ready else ()
    if setup and (setup.stage is Stage.FAILED or setup.idle):
        steps = (*steps, Drop(setup))
    return Plan(
        Phase.DEPLOYING, "Retrying", f"Deploying `{wanted.sha[:7]}` again.", steps, again=facts.now, in_flight=True
    )


def _kept_down(facts: Facts, held: Failure, wanted: Release, over: bool) -> Plan:
    state = facts.preview.release(wanted.id)
    # What serves does so whatever became of its setup.
    steps = away(facts, state) if state and over and state.id != facts.preview.routed else ()
    again = held.at + KEPT if state and not over else None
    # Its log may not have been there to be read at first.
    phase = state.phase if state and held.reason == Cause.RELEASE and held.log is None else None
    output = phase.output if phase else None
    return Plan(Phase.FAILED, held.reason, held.sentence, steps, again, failure=held, output=output)
