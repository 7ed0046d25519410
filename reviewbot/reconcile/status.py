"""What a pass leaves on record: a merge patch of the status, in which None removes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from reviewbot.decide import RESETTING, Apply, Facts, Plan, Switch
from reviewbot.model import REDEPLOY, RESET, Answer, Approval, Deployed, Phase, PullState, Record, Section, Sha
from reviewbot.reconcile.apps import known
from reviewbot.reconcile.rest import inventory
from reviewbot.render.names import Address
from reviewbot.scope import outline


def status(record: Record, facts: Facts, plan: Plan, address: Address) -> dict[str, Any]:
    """The record's status after a pass."""
    wanted = facts.wanted
    state = facts.preview.release(wanted.id) if wanted else None
    closed_at = (record.closed_at or facts.now) if plan.phase is Phase.CLOSED else None
    found = {
        "phase": plan.phase,
        "reason": plan.reason,
        "message": plan.sentence[:4096],
        "release": _release(record, facts, plan),
        "serving": _serving(record, facts, plan),
        "unreadySince": text(_unready_since(record, facts, plan)),
        "failed": _failed(record, facts, plan),
        "addons": [addon.name for addon in wanted.addons] if wanted else None,
        "releaseLog": _logged(record, facts, plan),
        "images": dict(state.images) if state else None,
        "objects": inventory(state) if state else None,
        "pullSecret": _pull_secret(record, facts, plan),
        "again": text(plan.again),
        "closedAt": text(closed_at),
        "approvals": _approvals(facts),
        "missingSince": text(record.missing_since) if facts.pull.state is PullState.GONE else None,
        "observedPoke": record.poke,
        "apps": known(facts),
    }
    answers = _answers(record, facts, plan)
    return found | _names(facts, plan, address) | ({"requests": answers} if answers else {})


def begun(record: Record, facts: Facts, plan: Plan) -> dict[str, Any] | None:
    """What has to be on record before the plan is carried out, if anything: that a reset or what serves begins anew.

    Whoever is cut off after that would go on as if no data were gone, or as if it had answered.
    """
    if plan.reason == RESETTING and plan.steps and record.reason != RESETTING:
        return {"phase": plan.phase, "reason": plan.reason, "message": plan.sentence[:4096]}
    release, known = _release(record, facts, plan), record.release.at if record.release else None
    puts = any(isinstance(step, Apply | Switch) for step in plan.steps)
    if release is None or not puts or not record.has_served(release["id"]) or release["at"] == text(known):
        return None
    return {"release": release}


def _names(facts: Facts, plan: Plan, address: Address) -> dict[str, Any]:
    pull = facts.pull
    if pull.state is PullState.GONE:
        # What was known last is all there is to know.
        return {}
    head = {
        "sha": pull.head,
        "ref": pull.head_ref[:255],
        "base": pull.base_ref[:255],
        "merge": _merge(facts, plan),
    }
    return {
        "repository": pull.full_name,
        "head": head,
        "seen": outline(pull),
        "url": address.url,
        "host": address.host,
    }


def _merge(facts: Facts, plan: Plan) -> Sha | None:
    held, serving, head = facts.record.merge, facts.record.serving, facts.pull.head
    if facts.wanted is not None:
        return facts.pull.merge_sha
    # The image of what serves is named after it, whatever its head waits for.
    stays = serving is not None and serving.sha == head and not plan.ends
    return held.sha if held and held.head == head and stays else None


def _approvals(facts: Facts) -> dict[str, Any] | None:
    held = {"trusted": facts.approvals.trusted, "created": facts.approvals.created}
    told = {name: _approval(approval) for name, approval in held.items() if approval is not None}
    return told or None


def _approval(approval: Approval) -> dict[str, Any]:
    sha = {"sha": approval.sha} if approval.sha else {}
    return {"by": approval.by, "at": text(approval.at), **sha}


def _answers(record: Record, facts: Facts, plan: Plan) -> dict[str, Any]:
    # A look is what was asked for; whether something was there to be tried again is told apart for people only.
    looked = Answer("Retried" if plan.reason == "Retrying" else "Looked")
    answers = {each.key: looked for each in record.requests if each.verb == REDEPLOY}
    passed_on = Answer("PassedOn") if any(app.record for app in facts.apps) else None
    reset = passed_on or _reset(plan)
    if reset is not None:
        answers |= {each.key: reset for each in record.requests if each.verb == RESET}
    answers |= facts.answers
    return {
        key: {"outcome": answer.outcome, "message": answer.message, "at": text(facts.now)}
        for key, answer in answers.items()
    }


def _reset(plan: Plan) -> Answer | None:
    if plan.reason == RESETTING:
        # With steps it is not done yet: a look has to find that nothing is left.
        return None if plan.steps else Answer("Reset")
    return Answer("NotNow", f"Only a preview of the newest commit can be reset. {plan.sentence}"[:1024])


def _release(record: Record, facts: Facts, plan: Plan) -> dict[str, Any] | None:
    wanted = facts.wanted
    state = facts.preview.release(wanted.id) if wanted else None
    there = state is not None and state.started
    applied = any(isinstance(step, Apply) for step in plan.steps)
    if plan.ends or wanted is None or not (there or applied):
        # How long its processes take is counted from when they are there.
        return None
    # What is put at its address, again maybe, is not known to answer there.
    put = any(isinstance(step, Switch) for step in plan.steps)
    held = _held(record, wanted.id, applied=applied)
    started = held.at if held and held.id == wanted.id and there and not put else facts.now
    return {"id": wanted.id, "sha": wanted.sha, "at": text(started)}


def _held(record: Record, wanted: str, *, applied: bool) -> Deployed | None:
    """What is known of its start; where nothing was wanted for a while, what serves began before it served."""
    again = record.release is None and not applied and record.has_served(wanted)
    return record.serving if again else record.release


def _serving(record: Record, facts: Facts, plan: Plan) -> dict[str, Any] | None:
    if plan.ends or facts.several:
        return None
    routed = facts.preview.release(facts.preview.routed)
    # Before a gateway has heard of a switch, what was to serve before that may answer.
    if routed and facts.answered == routed.id and not record.has_served(routed.id):
        return {"id": routed.id, "sha": routed.sha, "since": text(facts.now)}
    held = record.serving or _routed(facts)
    return {"id": held.id, "sha": held.sha, "since": text(held.at)} if held else None


def _routed(facts: Facts) -> Deployed | None:
    """Where that is not on record: what the route leads to, unless that is still to be probed."""
    state, wanted = facts.preview.release(facts.preview.routed), facts.wanted
    if state is None or wanted is None or state.id == wanted.id:
        return None
    return Deployed(state.id, state.sha, facts.now)


def _unready_since(record: Record, facts: Facts, plan: Plan) -> datetime | None:
    shown = facts.preview.routed or (record.serving.id if record.serving else None)
    state = facts.preview.release(shown)
    up = facts.preview.leads if facts.preview.routed else state is not None and state.ready
    if shown is None or plan.ends or up:
        return None
    return record.unready_since or facts.now


def _failed(record: Record, facts: Facts, plan: Plan) -> dict[str, Any] | None:
    failure, held = plan.failure, record.failed
    if failure is None and held and not plan.ends and plan.phase not in {Phase.RUNNING, Phase.DEPLOYING}:
        # While the pull request waits for something else, it is not known whether the same is wanted again.
        failure = held if facts.wanted is None or facts.wanted.id == held.id else None
    if failure is None:
        return None
    shown = {"id": failure.id, "at": text(failure.at), "reason": failure.reason, "message": failure.sentence[:4096]}
    return {**shown, "log": failure.log}


def _pull_secret(record: Record, facts: Facts, plan: Plan) -> str | None:
    # What serves needs it on, whatever its head waits for.
    held = None if plan.ends else record.pull_secret
    return facts.wanted.pull_secret if facts.wanted else held


def _logged(record: Record, facts: Facts, plan: Plan) -> dict[str, Any] | None:
    logged = plan.logged or record.logged
    kept = logged and facts.preview.release(logged.id) and not plan.ends
    return {"id": logged.id, "log": logged.log} if logged and kept else None


def stored(section: Section) -> dict[str, Any]:
    """A section as it is stored."""
    annotations = [{"level": level, **asdict(problem)} for level, problem in section.annotations]
    return {**asdict(section), "annotations": annotations or None}


def text(time: datetime | None) -> str | None:
    """A time as it is stored."""
    return None if time is None else time.isoformat()
