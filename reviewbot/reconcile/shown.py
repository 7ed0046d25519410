"""What GitHub should show after a pass: everything that the texts are made of, gathered from facts and plan."""

from dataclasses import replace
from datetime import timedelta

from reviewbot.decide import AppFacts, Facts, Plan, phase_of, said_of
from reviewbot.model import Phase, Record, Section, Sha
from reviewbot.render.names import Address
from reviewbot.report import AppPlace, Place, Report, report, section

_PATIENCE = {
    Phase.WAITING: timedelta(seconds=5),
    Phase.DEPLOYING: timedelta(seconds=2),
    Phase.CLOSING: timedelta(seconds=15),
}


def patience(record: Record, facts: Facts, plan: Plan) -> timedelta:
    """For how long it may wait to be told, because it is likely to be out of date by then."""
    # An app that starts fast is told of once, when it runs; checks of a commit come in bursts.
    if plan.phase is Phase.WAITING and not (record.check_run and record.check_run.sha == facts.pull.head):
        return timedelta()
    return _PATIENCE.get(plan.phase, timedelta())


def told_of(record: Record, facts: Facts, plan: Plan, address: Address) -> Report | None:
    """The texts after a pass; None where nothing can be told."""
    if facts.pull.silent:
        return None
    return report(record.ref, facts.pull, plan, _place(facts, plan, address), facts.comment)


def section_of(facts: Facts, plan: Plan, address: Address) -> Section:
    """What one of several apps has its pull request tell after a pass."""
    return section(facts.pull, plan, _place(facts, plan, address))


def _place(facts: Facts, plan: Plan, address: Address) -> Place:
    preview, last = facts.preview, facts.record.serving
    routed = preview.release(preview.routed)
    # Of what was updated in place since, nothing is left but the route.
    stays = last is not None and last.id == preview.routed and preview.leads
    serving = routed.sha if routed else last.sha if last and stays else None
    place = Place(
        address.url,
        None if plan.ends else serving,
        deployed=last.sha if last and (stays or preview.release(last.id)) else None,
        answering=last.sha if last and stays else None,
        changes=facts.changes,
        about=facts.about,
    )
    if facts.several:
        apps = tuple(_app(app, facts.pull.head) for app in facts.apps)
        url = next((app.url for app in apps if app.url and not app.excluded), address.url)
        return replace(place, url=url, apps=apps)
    if facts.wanted is None:
        return place
    landing = facts.wanted.landing if facts.wanted.landing != "/" else ""
    log = plan.failure.log if plan.failure and facts.logs else None
    logged = plan.logged or facts.record.logged
    release_log = logged.log if logged and logged.id == facts.wanted.id and facts.logs else ""
    notes = (*facts.wanted.notes, *_kept_data(facts), *_second_thoughts(facts))
    return replace(place, url=address.url + landing, notes=notes, log=log or "", release_log=release_log)


def _app(app: AppFacts, head: Sha) -> AppPlace:
    record, why = app.record, app.excluded.sentence if app.excluded else ""
    place = AppPlace(app.name, phase_of(app, head), said_of(app, head), excluded=why)
    if record is None or record.section is None:
        return place
    deployed, serving = record.serving.sha if record.serving else None, record.section.serving
    answering = serving if serving == deployed and record.unready_since is None else None
    return replace(place, url=record.section.url, serving=serving, deployed=deployed, answering=answering)


def _kept_data(facts: Facts) -> tuple[str, ...]:
    wanted = {addon.name for addon in facts.wanted.addons} if facts.wanted else set()
    gone = [addon.name for addon in facts.preview.addons if addon.name not in wanted]
    return tuple(f"The add-on {name} is no longer asked for; its data is kept until the preview goes." for name in gone)


def _second_thoughts(facts: Facts) -> tuple[str, ...]:
    # What was green once stays; only that its checks say something else by now is told.
    verdict = facts.verdict
    if verdict is None or not verdict.holds:
        return ()
    return (f"It was deployed when its checks had passed. By now: {verdict.sentence}",)
