"""What should be, for every pull request, always. Pure and total: facts in, a plan out; the time is a fact.

Nothing here acts. The plan says the desired state as steps, the sentence a person will read, and when to look
again even if nobody pokes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.model import (
    Cause,
    Phase,
    Preview,
    PullRequest,
    PullState,
    Record,
    Release,
    ReleaseState,
    Sha,
    Trouble,
    Verdict,
)

IMAGE_DEADLINE = timedelta(minutes=15)
READY_DEADLINE = timedelta(minutes=10)
TOMBSTONE = timedelta(days=7)
# Gateway replicas learn of a new route one after the other, and requests on their way need their old pods.
DRAIN = timedelta(seconds=5)
# Success is seen by a watch, failures by looking again.
_LOOK = timedelta(seconds=2)
# What failed may mend itself: an image is pushed late, a node gets room.
_RETRY = timedelta(minutes=5)
_POLL = timedelta(milliseconds=500)
_PROBE = timedelta(milliseconds=100)


@dataclass(frozen=True)
class Facts:
    """All that a decision rests on. `verdict` is None where checks do not matter (closed, skipped).

    `wanted` is the release of the head, or `problem` says why none can be made of it. `answered` is the release
    that answered at the public address, where it was asked.
    """

    now: datetime
    record: Record
    pull: PullRequest
    preview: Preview
    verdict: Verdict | None = None
    wanted: Release | None = None
    problem: str | None = None
    answered: str | None = None


@dataclass(frozen=True)
class Arm:
    """Make the namespace and its walls, or complete them."""


@dataclass(frozen=True)
class Apply:
    """Bring up the release's objects beside whatever runs."""

    release: Release


@dataclass(frozen=True)
class Switch:
    """Point the public address at a release that is ready."""

    release: ReleaseState


@dataclass(frozen=True)
class Prune:
    """Remove a release that no longer serves."""

    release: ReleaseState


@dataclass(frozen=True)
class Remove:
    """Remove the route, then the namespace of that uid with all that is in it."""

    uid: str


@dataclass(frozen=True)
class Forget:
    """Delete the record of a pull request closed long ago."""


Step = Arm | Apply | Switch | Prune | Remove | Forget


@dataclass(frozen=True)
class Plan:
    """The decision: `phase` and `reason` for machines, `sentence` for people, `steps` in order.

    `in_flight` says that the cluster is on its way somewhere, so that it is watched more closely.
    """

    phase: Phase
    reason: str
    sentence: str
    steps: tuple[Step, ...] = ()
    again: datetime | None = None
    in_flight: bool = False


def decide(facts: Facts) -> Plan:
    """What should be done about one pull request now."""
    if facts.pull.state is not PullState.OPEN:
        return _close(facts)
    if facts.preview.namespace == "foreign":
        return Plan(Phase.FAILED, "NameTaken", "The preview's namespace exists and is not ours; nothing was touched.")
    if facts.pull.from_fork:
        return Plan(Phase.SKIPPED, "Fork", "Pull requests from forks get no preview.")
    if facts.pull.draft:
        return Plan(Phase.WAITING, "Draft", "Waiting for the pull request to be ready for review.")
    if not _approved(facts):
        return _hold(facts)
    if facts.wanted is None:
        sentence = facts.problem or "The commit's definition could not be read."
        return Plan(Phase.FAILED, "Definition", sentence)
    return _deploy(facts, facts.wanted)


def _approved(facts: Facts) -> bool:
    # A commit whose release is there was green once; a check that is run again does not take it back.
    deployed = any(release.sha == facts.pull.head for release in facts.preview.releases)
    return deployed or (facts.verdict is not None and facts.verdict.green)


def _hold(facts: Facts) -> Plan:
    verdict = facts.verdict or Verdict(False, "Waiting for checks.")
    return Plan(Phase.WAITING, "Checks", verdict.sentence, again=verdict.until)


def _deploy(facts: Facts, wanted: Release) -> Plan:
    preview, now = facts.preview, facts.now
    if preview.namespace == "terminating":
        sentence = "Waiting for the previous preview to be gone."
        return Plan(Phase.DEPLOYING, "NamespaceTerminating", sentence, again=now + _POLL, in_flight=True)
    state = preview.release(wanted.id)
    if state is None or not state.complete(wanted):
        stale = tuple(Prune(each) for each in preview.releases if each.id not in {wanted.id, preview.routed})
        return _under_way(wanted.sha, "Applying", (Arm(), Apply(wanted), *stale), now + _LOOK)
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
    if facts.now - state.since < READY_DEADLINE:
        return _under_way(state.sha, "Probing", (), facts.now + _PROBE)
    sentence = f"`{state.sha[:7]}` is ready, but its address does not answer through the gateway."
    return Plan(Phase.FAILED, "AddressSilent", sentence, again=facts.now + _RETRY)


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
    trouble, waited = state.trouble, facts.now - state.since
    again = facts.now + _LOOK
    if facts.record.serving and facts.record.serving.id == state.id and not (trouble and trouble.final):
        sentence = (
            f"`{state.sha[:7]}` was running and is not ready at the moment. {trouble.sentence if trouble else ''}"
        )
        return Plan(Phase.DEPLOYING, "NotReady", sentence.strip(), again=again, in_flight=True)
    if trouble is None:
        if waited < READY_DEADLINE:
            return _under_way(state.sha, "Starting", (), again)
        minutes = int(READY_DEADLINE.total_seconds() // 60)
        trouble = Trouble(Cause.NEVER_READY, f"It did not get ready within {minutes} minutes.", final=True)
    if not trouble.final and trouble.cause is Cause.IMAGE and waited < IMAGE_DEADLINE:
        return Plan(Phase.WAITING, "Image", f"Waiting for the image. {trouble.sentence}", (), again, in_flight=True)
    deadline = IMAGE_DEADLINE if trouble.cause is Cause.IMAGE else READY_DEADLINE
    if trouble.final or waited >= deadline:
        return Plan(Phase.FAILED, trouble.cause, trouble.sentence, again=facts.now + _RETRY)
    return Plan(Phase.DEPLOYING, trouble.cause, f"Deploying `{state.sha[:7]}`. {trouble.sentence}", (), again, True)


def _close(facts: Facts) -> Plan:
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
