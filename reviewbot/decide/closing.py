"""What is to be gone: the preview of a closed pull request, whose record stays for a while, or of one left out."""

from dataclasses import replace
from datetime import datetime, timedelta

from reviewbot.decide.plan import Facts, Forget, Plan, Remove, Resume, Step, Unroute
from reviewbot.decide.progress import next_look
from reviewbot.model import Exclusion, JobState, Phase, Preview, PullState, Stage

TOMBSTONE = timedelta(days=7)
# The reason on record of one that was merged, from the first moment: it is never open again.
MERGED = "Merged"
# A namespace goes in seconds, unless somebody's finalizer holds it.
STUCK = timedelta(minutes=3)
# Kubernetes ends the script at its own limit, which is shorter; this is for when it does not.
FAREWELL = timedelta(minutes=11)
_POLL = timedelta(milliseconds=500)
_LAST_POLL = timedelta(minutes=5)
# Of each the reason while its preview goes, the reason once that is gone, and the words.
_REASONS = {
    PullState.OPEN: ("Removing", "Archived", "The repository is archived"),
    PullState.CLOSED: ("Removing", "Closed", "The pull request was closed"),
    PullState.MERGED: (MERGED, MERGED, "The pull request was merged"),
    PullState.GONE: ("Removing", "Gone", "GitHub no longer shows the pull request to the App"),
}


def close(facts: Facts) -> Plan:
    """What should be done about what is left of a preview that nobody may have any more."""
    going, _, why = _REASONS[facts.pull.state]
    if facts.preview.namespace in {"absent", "foreign"}:
        return _closed(facts)
    return removing(facts, Plan(Phase.CLOSING, going, f"{why}; the preview is being removed.", ends=True))


def leave_out(facts: Facts, why: Exclusion) -> Plan:
    """What should be done about an open pull request that shall have no preview."""
    if why.waits:
        return Plan(Phase.WAITING, why.reason, why.sentence)
    plan = Plan(Phase.SKIPPED, why.reason, why.sentence, ends=True)
    return plan if facts.preview.namespace == "absent" else removing(facts, plan)


def finish(facts: Facts) -> Plan | None:
    """What has begun to leave leaves, even if the pull request was opened again meanwhile."""
    if facts.preview.namespace != "active" or not any(_has_begun(job) for job in _scripts(facts.preview)):
        return None
    return removing(facts, Plan(Phase.CLOSING, "Removing", "The former preview is being removed.", ends=True))


def removing(facts: Facts, plan: Plan) -> Plan:
    """The plan, and what has to be done to have nothing left of the preview."""
    preview = facts.preview
    if preview.namespace == "terminating":
        return leaving(facts, plan)
    job = _farewell(facts)
    if job is not None and job.stage is Stage.SUSPENDED:
        begin: tuple[Step, ...] = (Unroute(), Resume(job))
        return replace(plan, steps=begin, again=facts.now, in_flight=True)
    if job is not None and job.stage is Stage.RUNNING and facts.now - (job.since or facts.now) < FAREWELL:
        sentence = f"{plan.sentence} Its script pr-predestroy runs."
        return replace(plan, sentence=sentence, again=next_look(facts.now, job.since), in_flight=True)
    if job is not None and job.stage is Stage.FAILED:
        why = f" {job.trouble.sentence}" if job.trouble else ""
        plan = replace(plan, sentence=f"{plan.sentence} Its script pr-predestroy failed.{why}")
    steps: tuple[Step, ...] = (Remove(preview.uid),) if preview.uid else ()
    return replace(plan, steps=steps, again=facts.now + _POLL, in_flight=True)


def _farewell(facts: Facts) -> JobState | None:
    """The script of the release that serves, or else of the newest that has one."""
    preview, serving = facts.preview, facts.record.serving
    preferred = (preview.release(preview.routed), preview.release(serving.id if serving else None))
    found = [each.predestroy for each in preferred if each and each.predestroy]
    begun = [job for job in _scripts(preview) if _has_begun(job)]
    return next(iter([*begun, *found, *reversed(_scripts(preview))]), None)


def _scripts(preview: Preview) -> list[JobState]:
    return [each.predestroy for each in preview.releases if each.predestroy]


def _has_begun(job: JobState) -> bool:
    return job.stage is not Stage.SUSPENDED


def leaving(facts: Facts, plan: Plan) -> Plan:
    """The plan while a namespace is on its way out: looked at closely, and less so the longer it takes."""
    waited = facts.now - (facts.preview.since or facts.now)
    again = facts.now + min(max(_POLL, waited / 10), _LAST_POLL)
    stuck = waited >= STUCK
    why = f" The cluster does not finish removing it: {facts.preview.stuck}" if stuck and facts.preview.stuck else ""
    return replace(plan, sentence=plan.sentence + why, again=again, in_flight=not stuck)


def _closed(facts: Facts) -> Plan:
    going, reason, why = _REASONS[facts.pull.state]
    left = [app.name for app in facts.apps if app.record and app.record.phase is not Phase.CLOSED]
    if left:
        sentence = f"{why}; its previews are being removed: {', '.join(left)}."
        return Plan(Phase.CLOSING, going, sentence, ends=True, in_flight=True)
    sentence = f"{why}; nothing of its preview is left."
    if facts.pull.state is PullState.OPEN:
        # It is still listed, and may come back.
        return Plan(Phase.CLOSED, reason, sentence, ends=True)
    forget_at: datetime = (facts.record.closed_at or facts.now) + TOMBSTONE
    steps: tuple[Step, ...] = (Forget(),) if facts.now >= forget_at else ()
    return Plan(Phase.CLOSED, reason, sentence, steps, None if steps else forget_at, ends=True)
