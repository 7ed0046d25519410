"""An open pull request whose commit is green: its release is brought up, switched to, and looked after."""

from dataclasses import replace
from datetime import timedelta

from reviewbot.decide.closing import leaving
from reviewbot.decide.plan import Apply, Facts, Plan, Prune, Step, Switch
from reviewbot.decide.prepare import IMAGE_DEADLINE, prepare, set_up
from reviewbot.decide.progress import DRAIN, LOOK, armed, failed, minutes, stale, under_way, without
from reviewbot.decide.reset import reset
from reviewbot.decide.retry import remembered
from reviewbot.decide.tend import UNREADY
from reviewbot.model import Cause, Limits, Phase, Release, ReleaseState, Trouble

# What was just removed may still fill the quota.
QUOTA_DEADLINE = timedelta(minutes=1)
# An app that takes longer to start is told what it is waited for.
PATIENCE = timedelta(seconds=45)
# The gateway is asked again when somebody may have mended it.
_RETRY = timedelta(minutes=5)
_PROBE = timedelta(milliseconds=100)
_DEADLINES = {Cause.IMAGE: IMAGE_DEADLINE, Cause.QUOTA: QUOTA_DEADLINE}


def deploy(facts: Facts, wanted: Release) -> Plan:
    """What should be done to have the release serve."""
    if facts.preview.namespace == "terminating":
        sentence = "Waiting for the previous preview to be gone."
        return leaving(facts, Plan(Phase.DEPLOYING, "NamespaceTerminating", sentence))
    if facts.reset:
        return reset(facts, wanted)
    return remembered(facts, wanted) or prepare(facts, wanted) or _deploy(facts, wanted)


def _deploy(facts: Facts, wanted: Release) -> Plan:
    preview, now = facts.preview, facts.now
    state = preview.release(wanted.id)
    if state is None or not state.complete(wanted):
        steps: tuple[Step, ...] = (armed(wanted), Apply(wanted), *stale(facts, wanted))
        return under_way(wanted.sha, "Applying", steps, now + LOOK)
    setup = set_up(facts, wanted)
    if setup is not None and (setup.steps or setup.phase is Phase.FAILED):
        return setup
    if not state.ready:
        return _unready(facts, state)
    if setup is not None:
        return setup
    if preview.routed != wanted.id:
        return under_way(wanted.sha, "Switching", (Switch(state),), now)
    if facts.answered != wanted.id and not facts.record.has_served(wanted.id):
        return _probe(facts, state)
    return _run(facts, wanted, state)


def _probe(facts: Facts, state: ReleaseState) -> Plan:
    if _waited(facts, state) < _limit(facts):
        return under_way(state.sha, "Probing", (), facts.now + _PROBE)
    sentence = f"`{state.sha[:7]}` is ready, but its address does not answer through the gateway."
    return Plan(Phase.FAILED, "AddressSilent", sentence, again=facts.now + _RETRY)


def _waited(facts: Facts, state: ReleaseState) -> timedelta:
    # Counted by our own clock alone: the cluster's may be another.
    started = facts.record.release
    return facts.now - started.at if started and started.id == state.id else timedelta()


def _limit(facts: Facts) -> timedelta:
    return (facts.wanted.limits if facts.wanted else Limits()).ready


def _run(facts: Facts, wanted: Release, state: ReleaseState) -> Plan:
    stale = tuple(Prune(without(each, wanted)) for each in facts.preview.releases if each.id != wanted.id)
    since = facts.record.serving.at if facts.record.serving and facts.record.has_served(wanted.id) else facts.now
    # A process beside the one that answers may not keep up: a worker that ends again and again.
    ailing = state.trouble.sentence if state.trouble and state.trouble.final else ""
    reason = "Ailing" if ailing else "ChecksChanged" if facts.verdict and facts.verdict.holds else "Ready"
    sentence = f"`{wanted.sha[:7]}` is running. {ailing}".rstrip()
    if stale and facts.now < since + DRAIN:
        return Plan(Phase.RUNNING, reason, sentence, again=since + DRAIN)
    return Plan(Phase.RUNNING, reason, sentence, stale)


def _unready(facts: Facts, state: ReleaseState) -> Plan:
    trouble, waited = state.trouble, _waited(facts, state)
    again = facts.now + LOOK
    # Applying writes the config again if that is what is missing, and changes nothing else.
    steps = (Apply(facts.wanted),) if facts.wanted and trouble and trouble.cause is Cause.CONFIG else ()
    if facts.record.has_served(state.id):
        return _lost(facts, state, steps)
    if trouble is None or trouble.cause is Cause.NEVER_READY:
        return _starting(facts, state)
    if trouble.final or waited >= _DEADLINES.get(trouble.cause, _limit(facts)):
        return failed(facts, state.id, trouble, steps or _rearm(facts, trouble))
    if trouble.cause is Cause.IMAGE:
        return Plan(Phase.WAITING, "Image", f"Waiting for the image. {trouble.sentence}", (), again, in_flight=True)
    sentence = f"Deploying `{state.sha[:7]}`. {trouble.sentence}"
    return Plan(Phase.DEPLOYING, trouble.cause, sentence, steps, again, in_flight=True)


def _rearm(facts: Facts, trouble: Trouble) -> tuple[Step, ...]:
    # The registry's password may have been mended; the kubelet asks again by itself.
    wanted = facts.wanted
    return (armed(wanted),) if wanted and wanted.pull_secret and trouble.cause is Cause.IMAGE else ()


def _lost(facts: Facts, state: ReleaseState, steps: tuple[Step, ...]) -> Plan:
    trouble, since = state.trouble, facts.record.unready_since or facts.now
    if trouble and trouble.final:
        return failed(facts, state.id, trouble, steps)
    if facts.now - since < UNREADY:
        # What comes back while it still has its route is not worth a word on the pull request.
        return Plan(Phase.RUNNING, "Ready", f"`{state.sha[:7]}` is running.", steps, again=since + UNREADY)
    why, what = f" {trouble.sentence}" if trouble else "", f"`{state.sha[:7]}` was running and"
    if facts.now - since >= _limit(facts):
        sentence = f"{what} has not been ready for {minutes(_limit(facts))} minutes.{why}"
        cause, output = (trouble.cause, trouble.output) if trouble else (Cause.NEVER_READY, None)
        return failed(facts, state.id, Trouble(cause, sentence, final=True, output=output), steps)
    sentence = f"{what} is not ready at the moment.{why}"
    return Plan(Phase.DEPLOYING, "NotReady", sentence, steps, facts.now + LOOK, in_flight=True)


def _starting(facts: Facts, state: ReleaseState) -> Plan:
    waited, why = _waited(facts, state), f" {state.trouble.sentence}" if state.trouble else ""
    if waited >= _limit(facts):
        sentence = f"It did not get ready within {minutes(_limit(facts))} minutes.{why}"
        output = state.trouble.output if state.trouble else None
        return failed(facts, state.id, Trouble(Cause.NEVER_READY, sentence, final=True, output=output))
    plan = under_way(state.sha, "Starting", (), facts.now + LOOK)
    return replace(plan, sentence=plan.sentence + why) if waited >= PATIENCE else plan
