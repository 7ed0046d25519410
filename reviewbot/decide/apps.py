"""A pull request that has several apps: each is decided on by itself, and what is said of all is the worst of them."""

from reviewbot.decide.closing import removing
from reviewbot.decide.plan import AppFacts, Facts, Plan
from reviewbot.model import Phase, Section, Sha

_WORST_FIRST = (Phase.FAILED, Phase.WAITING, Phase.DEPLOYING, Phase.RUNNING)


def several(facts: Facts, plan: Plan) -> Plan:
    """The plan for the pull request, and for what is left of a time when it had one app."""
    return plan if facts.preview.namespace in {"absent", "foreign"} else removing(facts, plan)


def together(facts: Facts) -> Plan:
    """What its apps come to, once its commit is green."""
    head = facts.pull.head
    wanted = [app for app in facts.apps if app.excluded is None]
    if not wanted:
        apps = ", ".join(app.name for app in facts.apps)
        return Plan(Phase.SKIPPED, "Untouched", f"None of the apps is changed: {apps}.", ends=True)
    phases = {app.name: phase_of(app, head) for app in wanted}
    worst = next(phase for phase in _WORST_FIRST if phase in phases.values())
    names = [name for name, phase in phases.items() if phase is worst]
    moving = Phase.DEPLOYING in phases.values()
    if worst is Phase.RUNNING:
        return Plan(worst, "AppsReady", f"`{head[:7]}` is running.")
    if worst is Phase.DEPLOYING:
        return Plan(worst, "Apps", f"Deploying `{head[:7]}`: {', '.join(names)}.", in_flight=True)
    said = [(app.name, section) for app in wanted if app.name in names and (section := said_of(app, head))]
    sentence = " ".join(f"{name}: {section.title}" for name, section in said)
    return Plan(worst, said[0][1].reason, sentence, in_flight=moving)


def phase_of(app: AppFacts, head: Sha) -> Phase:
    """How far the app is with the commit; one that has not looked at it yet has it before it."""
    section = said_of(app, head)
    return section.phase if section and section.phase in _WORST_FIRST else Phase.DEPLOYING


def said_of(app: AppFacts, head: Sha) -> Section | None:
    """What the app says of the commit, if it does yet."""
    section = app.record.section if app.record else None
    return section if section and section.sha == head else None


def has_deployed(app: AppFacts, head: Sha) -> bool:
    """The app has a release of the commit."""
    held = (app.record.release, app.record.serving) if app.record else ()
    return any(each is not None and each.sha == head for each in held)
