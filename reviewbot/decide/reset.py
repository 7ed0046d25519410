"""Data that is made anew: everything that has data or came of it goes, until a look finds nothing left.

The plan's reason is on record before anything is deleted, and stays there until then: a reset that has begun is
finished, because half of the data is of no use to anybody.
"""

from datetime import datetime

from reviewbot.decide.plan import Facts, Plan, Prune, Step, Unroute, Wipe
from reviewbot.decide.progress import LOOK, under_way
from reviewbot.model import Phase, Release

RESETTING = "Resetting"
_WORDS = "All its data is made anew."


def reset(facts: Facts, wanted: Release) -> Plan:
    """Away with all of it before the release is brought up again; a plan without steps once nothing is left."""
    steps = _steps(facts)
    return under_way(wanted.sha, RESETTING, steps, _again(facts, steps), _WORDS)


def go_on(facts: Facts, plan: Plan) -> Plan:
    """The plan; or the rest of a reset that has begun, whatever the head has come to wait for since."""
    if not facts.reset or not _has_begun(facts) or plan.ends or plan.reason == RESETTING:
        return plan
    steps = _steps(facts)
    return Plan(
        Phase.WAITING, RESETTING, f"{plan.sentence} {_WORDS}", steps, again=_again(facts, steps), in_flight=True
    )


def _steps(facts: Facts) -> tuple[Step, ...]:
    preview = facts.preview
    # A deletion that was cut leaves a volume behind a server that goes.
    addons = tuple(addon for addon in preview.addons if addon.undeleted)
    # In a namespace that is not there nobody has the right to delete.
    if preview.namespace == "absent" or not (preview.releases or preview.routed or addons or preview.postdeploy):
        return ()
    return (Unroute(), *(Prune(each) for each in preview.releases), Wipe(addons, preview.postdeploy))


def _again(facts: Facts, steps: tuple[Step, ...]) -> datetime:
    return facts.now + LOOK if steps and _has_begun(facts) else facts.now


def _has_begun(facts: Facts) -> bool:
    return facts.record.reason == RESETTING
