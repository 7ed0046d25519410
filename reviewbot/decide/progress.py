"""What several decisions say alike: a release is under way, or it failed."""

from dataclasses import replace
from datetime import datetime, timedelta

from reviewbot.decide.plan import Arm, Drop, Facts, Plan, Prune, Step
from reviewbot.model import Failure, Phase, Release, ReleaseState, Sha, Trouble

# What failed may mend itself: an image is pushed late, a node gets room.
_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=1)
_CLOSELY = timedelta(milliseconds=200)
# Success is seen by a watch, failures by looking again.
LOOK = timedelta(seconds=2)
# Gateway replicas learn of a new route one after the other, and requests on their way need their old pods.
DRAIN = timedelta(seconds=5)


def under_way(sha: Sha, reason: str, steps: tuple[Step, ...], again: datetime, what: str = "") -> Plan:
    """The plan while a commit is deployed; `what` is a sentence on how far it is."""
    sentence = f"Deploying `{sha[:7]}`." + (f" {what}" if what else "")
    return Plan(Phase.DEPLOYING, reason, sentence, steps, again, in_flight=True)


def next_look(now: datetime, since: datetime | None) -> datetime:
    """When to look again at what ends by itself: closely at first, because most of it is quick."""
    waited = now - (since or now)
    return now + min(max(_CLOSELY, waited / 10), LOOK)


def ever_later(now: datetime, since: datetime, first: timedelta) -> datetime:
    """When to look again at what does not work: the longer it has not, the less often."""
    return now + min(max(first, (now - since) / 4), _LAST_RETRY)


def failed(facts: Facts, release_id: str, trouble: Trouble, steps: tuple[Step, ...] = ()) -> Plan:
    """The plan for a release that failed; what is known of the failure is kept."""
    failure, held = Failure(release_id, facts.now, trouble.cause, trouble.sentence), facts.record.failed
    if held and held.id == release_id:
        # The same log is not read again.
        failure = replace(failure, at=held.at, log=held.log if held.reason == trouble.cause else None)
    again = ever_later(facts.now, failure.at, _RETRY)
    return Plan(Phase.FAILED, trouble.cause, trouble.sentence, steps, again, failure=failure, output=trouble.output)


def armed(wanted: Release) -> Arm:
    """The walls that the release needs."""
    return Arm(wanted.pull_secret, wanted.own.served.target if wanted.own else None)


def stale(facts: Facts, wanted: Release) -> tuple[Step, ...]:
    """Away with every release but the wanted one and the one that serves."""
    left = (each for each in facts.preview.releases if each.id not in kept(facts, wanted))
    return tuple(step for each in left for step in away(facts, without(each, wanted)))


def kept(facts: Facts, wanted: Release) -> set[str | None]:
    """The wanted release and the one that serves, which may be no more than what served last."""
    return {wanted.id, facts.preview.routed, facts.record.serving.id if facts.record.serving else None}


def away(facts: Facts, state: ReleaseState) -> tuple[Step, ...]:
    """Away with the release; of what was updated in place only with what runs once, while that may still serve."""
    if state.objects and facts.preview.leads:
        commands = (state.phase, state.predestroy, state.rendering, *state.jobs)
        return tuple(Drop(job) for job in commands if job)
    return (Prune(state),)


def without(state: ReleaseState, wanted: Release) -> ReleaseState:
    """The release without what the wanted one takes over from it."""
    return replace(state, objects=state.objects - wanted.own.names) if wanted.own else state


def minutes(duration: timedelta) -> int:
    """A duration for a sentence."""
    return int(duration.total_seconds() // 60)
