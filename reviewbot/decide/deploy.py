"""An open pull request whose commit is green: its release is brought up, switched to, and looked after."""

from dataclasses import replace
from datetime import datetime, timedelta

from reviewbot.decide.closing import leaving
from reviewbot.decide.plan import Apply, Arm, Facts, Plan, Prune, Step, Switch
from reviewbot.decide.retry import remembered
from reviewbot.decide.tend import UNREADY
from reviewbot.model import Cause, Failure, Phase, Release, ReleaseState, Sha, Trouble

IMAGE_DEADLINE = timedelta(minutes=15)
READY_DEADLINE = timedelta(minutes=10)
# What was just removed may still fill the quota.
QUOTA_DEADLINE = timedelta(minutes=1)
# An app that takes longer to start is told what it is waited for.
PATIENCE = timedelta(seconds=45)
# Gateway replicas learn of a new route one after the other, and requests on their way need their old pods.
DRAIN = timedelta(seconds=5)
# Success is seen by a watch, failures by looking again.
_LOOK = timedelta(seconds=2)
# What failed may mend itself: an image is pushed late, a node gets room.
_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=1)
_PROBE = timedelta(milliseconds=100)
_DEADLINES = {Cause.IMAGE: IMAGE_DEADLINE, Cause.QUOTA: QUOTA_DEADLINE}


def deploy(facts: Facts, wanted: Release) -> Plan:
    """What should be done to have the release serve."""
    return remembered(facts, wanted) or _deploy(facts, wanted)


def _deploy(facts: Facts, wanted: Release) -> Plan:
    preview, now = facts.preview, facts.now
    if preview.namespace == "terminating":
        sentence = "Waiting for the previous preview to be gone."
        return leaving(facts, Plan(Phase.DEPLOYING, "NamespaceTerminating", sentence))
    state = preview.release(wanted.id)
    if state is None or not state.complete(wanted):
        kept = {wanted.id, preview.routed, facts.record.serving.id if facts.record.serving else None}
        stale = tuple(Prune(each) for each in preview.releases if each.id not in kept)
        return _under_way(wanted.sha, "Applying", (Arm(wanted.pull_secret), Apply(wanted), *stale), now + _LOOK)
    if not state.ready:
        return _unready(facts, state)
    if preview.routed != wanted.id:
        return _under_way(wanted.sha, "Switching", (Switch(state),), now)
    if _serving(facts) != wanted.id:
        return _probe(facts, state)
    return _run(facts, wanted)


def _under_way(sha: Sha, reason: str, steps: tuple[Step, ...], again: datetime) -> Plan:
    return Plan(Phase.DEPLOYING, reason, f"Deploying `{sha[:7]}`.", steps, again, in_flight=True)


def _probe(facts: Facts, state: ReleaseState) -> Plan:
    if _waited(facts, state) < READY_DEADLINE:
        return _under_way(state.sha, "Probing", (), facts.now + _PROBE)
    sentence = f"`{state.sha[:7]}` is ready, but its address does not answer through the gateway."
    return Plan(Phase.FAILED, "AddressSilent", sentence, again=facts.now + _RETRY)


def _waited(facts: Facts, state: ReleaseState) -> timedelta:
    # Counted by our own clock alone: the cluster's may be another.
    started = facts.record.release
    return facts.now - started.at if started and started.id == state.id else timedelta()


def _serving(facts: Facts) -> str | None:
    return facts.answered or (facts.record.serving.id if facts.record.serving else None)


def _run(facts: Facts, wanted: Release) -> Plan:
    stale = tuple(Prune(each) for each in facts.preview.releases if each.id != wanted.id)
    since = facts.record.serving.at if facts.record.serving and facts.record.serving.id == wanted.id else facts.now
    sentence = f"`{wanted.sha[:7]}` is running."
    if stale and facts.now < since + DRAIN:
        return Plan(Phase.RUNNING, "Ready", sentence, again=since + DRAIN)
    return Plan(Phase.RUNNING, "Ready", sentence, stale)


def _unready(facts: Facts, state: ReleaseState) -> Plan:
    trouble, waited = state.trouble, _waited(facts, state)
    again = facts.now + _LOOK
    # Applying writes the config again if that is what is missing, and changes nothing else.
    steps = (Apply(facts.wanted),) if facts.wanted and trouble and trouble.cause is Cause.CONFIG else ()
    if _has_served(facts, state):
        return _lost(facts, state, steps)
    if trouble is None or trouble.cause is Cause.NEVER_READY:
        return _starting(facts, state)
    if trouble.final or waited >= _DEADLINES.get(trouble.cause, READY_DEADLINE):
        return _failed(facts, state, trouble, steps or _rearm(facts, trouble))
    if trouble.cause is Cause.IMAGE:
        return Plan(Phase.WAITING, "Image", f"Waiting for the image. {trouble.sentence}", (), again, in_flight=True)
    sentence = f"Deploying `{state.sha[:7]}`. {trouble.sentence}"
    return Plan(Phase.DEPLOYING, trouble.cause, sentence, steps, again, in_flight=True)


def _rearm(facts: Facts, trouble: Trouble) -> tuple[Step, ...]:
    # The registry's password may have been mended; the kubelet asks again by itself.
    secret = facts.wanted.pull_secret if facts.wanted and trouble.cause is Cause.IMAGE else None
    return (Arm(secret),) if secret else ()


def _has_served(facts: Facts, state: ReleaseState) -> bool:
    serving, started = facts.record.serving, facts.record.release
    if serving is None or serving.id != state.id:
        return False
    # What was deleted by hand and made again starts anew.
    return started is None or started.id != state.id or started.at <= serving.at


def _lost(facts: Facts, state: ReleaseState, steps: tuple[Step, ...]) -> Plan:
    trouble, since = state.trouble, facts.record.unready_since or facts.now
    if trouble and trouble.final:
        return _failed(facts, state, trouble, steps)
    if facts.now - since < UNREADY:
        # What comes back while it still has its route is not worth a word on the pull request.
        return Plan(Phase.RUNNING, "Ready", f"`{state.sha[:7]}` is running.", steps, again=since + UNREADY)
    why, what = f" {trouble.sentence}" if trouble else "", f"`{state.sha[:7]}` was running and"
    if facts.now - since >= READY_DEADLINE:
        sentence = f"{what} has not been ready for {_minutes(READY_DEADLINE)} minutes.{why}"
        cause, output = (trouble.cause, trouble.output) if trouble else (Cause.NEVER_READY, None)
        return _failed(facts, state, Trouble(cause, sentence, final=True, output=output), steps)
    sentence = f"{what} is not ready at the moment.{why}"
    return Plan(Phase.DEPLOYING, "NotReady", sentence, steps, facts.now + _LOOK, in_flight=True)


def _minutes(duration: timedelta) -> int:
    return int(duration.total_seconds() // 60)


def _starting(facts: Facts, state: ReleaseState) -> Plan:
    waited, why = _waited(facts, state), f" {state.trouble.sentence}" if state.trouble else ""
    if waited >= READY_DEADLINE:
        sentence = f"It did not get ready within {_minutes(READY_DEADLINE)} minutes.{why}"
        output = state.trouble.output if state.trouble else None
        return _failed(facts, state, Trouble(Cause.NEVER_READY, sentence, final=True, output=output))
    plan = _under_way(state.sha, "Starting", (), facts.now + _LOOK)
    return replace(plan, sentence=plan.sentence + why) if waited >= PATIENCE else plan


def _failed(facts: Facts, state: ReleaseState, trouble: Trouble, steps: tuple[Step, ...] = ()) -> Plan:
    failure, held = Failure(state.id, facts.now, trouble.cause, trouble.sentence), facts.record.failed
    if held and held.id == state.id:
        # The same log is not read again.
        failure = replace(failure, at=held.at, log=held.log if held.reason == trouble.cause else None)
    # The longer it has failed, the less often it is looked at.
    again = facts.now + min(max(_RETRY, (facts.now - failure.at) / 4), _LAST_RETRY)
    return Plan(Phase.FAILED, trouble.cause, trouble.sentence, steps, again, failure=failure, output=trouble.output)
