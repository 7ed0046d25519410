"""Plans of every kind, each with the commit that serves meanwhile, and the texts for one."""

from reviewbot.decide import Plan
from reviewbot.model import Phase, Sha
from reviewbot.report import Place, Report, report
from tests.unit.builders import HEAD, OLDER, PREVIEW_URL, REF, a_pull

PLANS = {
    "waiting for checks": (Plan(Phase.WAITING, "Checks", "Waiting for check “build”."), None),
    "waiting while another commit serves": (Plan(Phase.WAITING, "Checks", "Waiting for check “build”."), OLDER),
    "waiting as a draft": (
        Plan(Phase.WAITING, "Draft", "Waiting for the pull request to be ready for review."),
        None,
    ),
    "skipped": (Plan(Phase.SKIPPED, "Bot", "Pull requests of bots get no preview.", ends=True), None),
    "a fork that is not trusted": (Plan(Phase.SKIPPED, "Fork", "Pull requests from forks get no preview until…"), None),
    "a fork that was trusted": (Plan(Phase.SKIPPED, "Fork", "Pull requests from forks get no preview until…"), OLDER),
    "deploying the first": (Plan(Phase.DEPLOYING, "Applying", "Deploying `aaaaaaa`."), None),
    "deploying while another commit serves": (Plan(Phase.DEPLOYING, "Applying", "Deploying `aaaaaaa`."), OLDER),
    "running": (Plan(Phase.RUNNING, "Ready", "`aaaaaaa` is running."), HEAD),
    "failed with nothing serving": (
        Plan(Phase.FAILED, "Crashed", "Process `web` keeps ending (Error, exit code 1)."),
        None,
    ),
    "failed while another commit serves": (
        Plan(Phase.FAILED, "NeverReady", "It did not get ready within 10 minutes."),
        OLDER,
    ),
    "failed with several problems": (
        Plan(
            Phase.FAILED,
            "Definition",
            "Procfile:2:1: `web` is empty\napp.json:1:10: env.A_B: must be a *string*",
        ),
        None,
    ),
    "failed by the installation": (
        Plan(Phase.FAILED, "Installation", "The ConfigMap `reviewbot-placement` cannot be used:\nsizes:1:1: no"),
        None,
    ),
    "closing": (
        Plan(Phase.CLOSING, "Removing", "The pull request was merged; the preview is being removed.", ends=True),
        None,
    ),
    "closed": (
        Plan(Phase.CLOSED, "Closed", "The pull request was closed; nothing of its preview is left.", ends=True),
        None,
    ),
}


def told(plan: Plan, serving: Sha | None = None) -> Report:
    return report(REF, a_pull(), plan, Place(PREVIEW_URL, serving))
