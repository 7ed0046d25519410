"""What a release needs besides its processes: add-ons and the release phase before, the first setup beside them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from reviewbot.decide.plan import Drop, Facts, Plan, Provide, Render, Run, Step
from reviewbot.decide.progress import LOOK, armed, failed, kept, minutes, next_look, stale, under_way
from reviewbot.model import Addon, AddonState, Cause, JobState, Phase, Release, Stage, Trouble
from reviewbot.render.addons import definition
from reviewbot.render.jobs import POSTDEPLOY, RELEASE_PHASE

IMAGE_DEADLINE = timedelta(minutes=15)
_REASONS = {Cause.RENDER: "Rendering", Cause.RELEASE: "ReleasePhase", Cause.POSTDEPLOY: "Postdeploy"}
_NO_POD = "The cluster has not started it; what is running may use up the preview's quota."


def prepare(facts: Facts, wanted: Release) -> Plan | None:
    """What the release's processes wait for; None once they may start."""
    return (
        _render(facts, wanted)
        or _provide(facts, wanted)
        or _await_addons(facts, wanted)
        or _release_phase(facts, wanted)
    )


def set_up(facts: Facts, wanted: Release) -> Plan | None:
    """What the address waits for besides the processes: the preview's first setup; None once it is done."""
    job = facts.preview.postdeploy
    if wanted.postdeploy is None or (job and job.stage is Stage.SUCCEEDED):
        return None
    if job is None:
        return _start(facts, wanted, POSTDEPLOY, "The script postdeploy runs.", ())
    if job.release != wanted.id and (job.stage is Stage.FAILED or job.trouble):
        # This commit may have mended it; what never started needs what is gone with its release.
        return under_way(wanted.sha, "Postdeploy", (Drop(job),), facts.now)
    return _await(facts, wanted, job, Cause.POSTDEPLOY, "The script postdeploy")


def _render(facts: Facts, wanted: Release) -> Plan | None:
    if wanted.unrendered is None:
        return None
    state, what = facts.preview.release(wanted.id), "The kustomization is rendered."
    job = state.rendering if state else None
    if job is None:
        steps: tuple[Step, ...] = (armed(wanted), Render(wanted), *stale(facts, wanted))
        return under_way(wanted.sha, "Rendering", steps, facts.now, what)
    if job.stage is Stage.SUCCEEDED:
        # What it wrote went with its pod.
        return under_way(wanted.sha, "Rendering", (Drop(job),), next_look(facts.now, None), what)
    return _await(facts, wanted, job, Cause.RENDER, "Rendering the kustomization")


def _provide(facts: Facts, wanted: Release) -> Plan | None:
    found = {addon.name: facts.preview.addon(addon.name) for addon in wanted.addons}
    leaving = [state for state in found.values() if state and state.leaving]
    if leaving:
        return _await_end(facts, wanted, leaving)
    if all(_is_current(facts, addon, wanted) for addon in wanted.addons):
        return None
    steps: tuple[Step, ...] = (armed(wanted), Provide(wanted), *stale(facts, wanted))
    return under_way(wanted.sha, "Addons", steps, facts.now, _starting(wanted))


def _await_end(facts: Facts, wanted: Release, leaving: list[AddonState]) -> Plan:
    names, since = _listed(state.name for state in leaving), min(state.since or facts.now for state in leaving)
    if facts.now - since >= wanted.limits.ready:
        limit = minutes(wanted.limits.ready)
        sentence = f"The cluster has not removed the former {names} within {limit} minutes."
        return failed(facts, wanted.id, Trouble(Cause.ADDON, sentence, final=True))
    return under_way(wanted.sha, "Addons", (), next_look(facts.now, since), f"Removing the former {names} first.")


def _is_current(facts: Facts, addon: Addon, wanted: Release) -> bool:
    state = facts.preview.addon(addon.name)
    return state is not None and state.whole and state.definition == definition(addon, wanted)


def _starting(wanted: Release) -> str:
    return f"Starting {_listed(addon.name for addon in wanted.addons)}."


def _await_addons(facts: Facts, wanted: Release) -> Plan | None:
    state = facts.preview.release(wanted.id)
    if state is not None and state.started:
        # What runs already copes with a server that is away for a moment, or says itself that it does not.
        return None
    servers = (facts.preview.addon(addon.name) for addon in wanted.addons)
    return next((_await_addon(facts, wanted, each) for each in servers if each and not each.ready), None)


def _await_addon(facts: Facts, wanted: Release, server: AddonState) -> Plan:
    trouble, waited = server.trouble, facts.now - (server.since or facts.now)
    if (trouble and trouble.final) or waited >= wanted.limits.ready:
        sentence = f"The add-on {server.name} does not get ready. {trouble.sentence if trouble else _NO_POD}"
        output = trouble.output if trouble else None
        return failed(facts, wanted.id, Trouble(Cause.ADDON, sentence, final=True, output=output))
    why = f" {trouble.sentence}" if trouble and trouble.cause is not Cause.NEVER_READY else ""
    return under_way(wanted.sha, "Addons", (), next_look(facts.now, server.since), _starting(wanted) + why)


def _release_phase(facts: Facts, wanted: Release) -> Plan | None:
    state = facts.preview.release(wanted.id)
    if wanted.command is None or (state and state.started):
        return None
    job = state.phase if state else None
    others = stale(facts, wanted)
    older = [each for each in facts.preview.releases if each.id != wanted.id]
    running = {each.id: each.phase for each in older if each.phase and each.phase.stage is Stage.RUNNING}
    if job is None and running:
        # Of what stays, such as the last that served before a reset, no more than that.
        stopped = (Drop(phase) for release, phase in running.items() if release in kept(facts, wanted))
        sentence = "The release phase of an older commit is stopped first."
        return under_way(wanted.sha, "ReleasePhase", (*stopped, *others), facts.now, sentence)
    if job is None:
        return _start(facts, wanted, RELEASE_PHASE, "The release phase runs.", others)
    if job.stage is Stage.SUCCEEDED:
        return None
    return _await(facts, wanted, job, Cause.RELEASE, "The release phase")


def _start(facts: Facts, wanted: Release, kind: str, what: str, more: tuple[Step, ...]) -> Plan:
    reason = "ReleasePhase" if kind == RELEASE_PHASE else "Postdeploy"
    if facts.preview.stopping:
        # Two at once would be at the same data.
        return under_way(wanted.sha, reason, more, facts.now + LOOK, "What was stopped has not ended yet.")
    steps: tuple[Step, ...] = (armed(wanted), Run(wanted, kind), *more)
    return under_way(wanted.sha, reason, steps, facts.now, what)


def _await(facts: Facts, wanted: Release, job: JobState, cause: Cause, what: str) -> Plan:
    trouble, waited = job.trouble, facts.now - (job.since or facts.now)
    if job.stage is Stage.FAILED:
        why = trouble.sentence if trouble else "The cluster does not say why."
        sentence = f"{what} failed. {why}"
        return failed(facts, wanted.id, Trouble(cause, sentence, final=True, output=job.output))
    if trouble is not None and (trouble.final or waited >= _patience(wanted, trouble)):
        return failed(facts, wanted.id, replace(trouble, sentence=f"{what} cannot start. {trouble.sentence}"))
    if job.output is None and waited >= wanted.limits.ready:
        sentence = f"{what} did not start within {minutes(wanted.limits.ready)} minutes. {_NO_POD}"
        return failed(facts, wanted.id, Trouble(cause, sentence, final=True))
    again = next_look(facts.now, job.since)
    if trouble is not None and trouble.cause is Cause.IMAGE:
        return Plan(Phase.WAITING, "Image", f"Waiting for the image. {trouble.sentence}", (), again, in_flight=True)
    return under_way(wanted.sha, _REASONS[cause], (), again, trouble.sentence if trouble else f"{what} runs.")


def _patience(wanted: Release, trouble: Trouble) -> timedelta:
    return IMAGE_DEADLINE if trouble.cause is Cause.IMAGE else wanted.limits.ready


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
