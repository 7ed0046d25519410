"""Every word people read on GitHub: pure functions from a decision to whole texts."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Literal

from reviewbot.decide import Plan
from reviewbot.model import CHECK_NAME, CommentPolicy, Phase, PullRequest, PullRequestRef, Sha

_TITLE_LIMIT = 140
# Far below GitHub's 65 536, so that nothing of ours around it is ever cut.
_SENTENCE_LIMIT = 8000
_CODE_SPAN = re.compile(r"((?<!`)`[^`]+`(?!`))")
# What would make a heading, a list or a rule of the line.
_LINE_START = re.compile(r"^(\s*\d*)([#+=.)-])")
_MEANINGFUL = re.compile(r"[@#](?=\w)|https?(?=:)|www(?=\.)|GH(?=-\d)", re.IGNORECASE)

_TITLES = {
    Phase.WAITING: "Waiting",
    Phase.SKIPPED: "Skipped",
    Phase.DEPLOYING: "Deploying",
    Phase.RUNNING: "Ready",
    Phase.FAILED: "Failed",
    Phase.CLOSING: "Being removed",
    Phase.CLOSED: "Removed",
}
_CONCLUSIONS: dict[Phase, Literal["success", "failure", "neutral"]] = {
    Phase.SKIPPED: "neutral",
    Phase.RUNNING: "success",
    Phase.FAILED: "failure",
    Phase.CLOSED: "neutral",
}
_DEPLOYMENTS: dict[Phase, Literal["in_progress", "success", "failure"]] = {
    Phase.DEPLOYING: "in_progress",
    Phase.RUNNING: "success",
    Phase.FAILED: "failure",
}
# No release was made, or it was and only rests: whoever waits for a deployment shall not start twice.
_NO_NEWS = {"Definition", "Installation", "NameTaken", "NotReady"}
_NO_DEPLOYMENTS = (
    "Note: The App may not write deployments here, so none is shown. It lacks the permission *deployments*."
)
_NO_COMMENT = "Note: GitHub does not let the App comment here, so the address is only told by this check."
_AWAITED = f"Waiting for the commit's checks; the check “{CHECK_NAME}” says for which."
# Before the first deploy there is no address to tell, and the check run says what is awaited.
_WORTH_A_COMMENT = {
    CommentPolicy.ON: {Phase.DEPLOYING, Phase.RUNNING, Phase.FAILED},
    CommentPolicy.ON_FAILURE: {Phase.FAILED},
    CommentPolicy.OFF: set[Phase](),
}
_RULED_OUT = {"Branch", "Label", "Bot", "Draft", "Paths"}


@dataclass(frozen=True)
class CheckRunText:
    """Our check run as it should read; `conclusion` is None until it is completed."""

    status: Literal["queued", "in_progress", "completed"]
    conclusion: Literal["success", "failure", "neutral"] | None
    title: str
    summary: str
    details_url: str


@dataclass(frozen=True)
class DeploymentText:
    """A deployment's latest status as it should be. Its words depend on the state alone, so each is written once.

    Only a success has an address: until then an older commit may answer there.
    """

    state: Literal["in_progress", "success", "failure", "inactive"]
    description: str
    url: str = ""
    log_url: str = ""


@dataclass(frozen=True)
class Report:
    """What GitHub should show. `comment` is the whole body; without `announce` it is edited, never created.

    `deployment` is the head's; without one nothing new is said of it. Deployments of commits other than those in
    `live` are over.
    """

    sha: Sha
    external_id: str
    check_run: CheckRunText
    comment: str
    announce: bool
    deployment: DeploymentText | None
    live: tuple[Sha, ...]


@dataclass(frozen=True)
class Place:
    """Where the preview is found, the commit that answers there now, if any, and notes on its definition.

    `deployed` is the commit that served last and is still there, whether it answers at the moment or not.
    `log` is the last lines of a process that failed, already without secrets.
    """

    url: str
    serving: Sha | None = None
    notes: tuple[str, ...] = ()
    log: str = ""
    deployed: Sha | None = None


def report(
    ref: PullRequestRef, pull: PullRequest, plan: Plan, place: Place, comments: CommentPolicy = CommentPolicy.ON
) -> Report:
    """The texts for one decision."""
    return Report(
        sha=pull.head,
        external_id=ref.name,
        check_run=_check_run(plan, place),
        comment=_comment(ref, pull, plan, place),
        announce=plan.phase in _WORTH_A_COMMENT[comments],
        deployment=_deployment(pull, plan, place),
        live=_live(pull, plan, place),
    )


def superseded(by: Sha, url: str) -> CheckRunText:
    """The last word on a commit that was never finished because another one came."""
    title = f"Superseded by {by[:7]}."
    return CheckRunText("completed", "neutral", title, title, url)


def without_deployments(told: Report) -> Report:
    """The same where deployments may not be written, which the check run says once one would have been."""
    return told if told.deployment is None else _noted(told, _NO_DEPLOYMENTS)


def without_comment(told: Report) -> Report:
    """The same where no comment may be made, which the check run says where there would be one."""
    return _noted(told, _NO_COMMENT) if told.announce else told


def _noted(told: Report, note: str) -> Report:
    run = told.check_run
    return replace(told, check_run=replace(run, summary=f"{run.summary}\n\n{note}"))


def purpose(ref: PullRequestRef) -> str:
    """What a deployment is of, as it is described when it is made."""
    return f"Preview of pull request {ref.number}"


def over(told: Report) -> DeploymentText:
    """The last status of a deployment that no longer serves."""
    return DeploymentText("inactive", f"Superseded by {told.sha[:7]}." if told.live else "The preview was removed.")


def marker(ref: PullRequestRef) -> str:
    """The invisible line by which our comment is found again, together with its author."""
    return f"<!-- reviewbot {ref.name} -->"


def digest(text: Report | CheckRunText | DeploymentText | str) -> str:
    """Tells whether what was written last is still what should be written."""
    content = text if isinstance(text, str) else json.dumps(asdict(text), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def inert(text: str) -> str:
    """Somebody else's text without power over ours: no mention, link, markup or invisible character.

    What stands in a code span of its own line stays one; every other backtick is only a character.
    """
    lines = ("".join(_span(part) for part in _CODE_SPAN.split(_printable(line))) for line in text.splitlines())
    return "  \n".join(_LINE_START.sub(r"\1\\\2", line) for line in lines if line.strip())


def _span(part: str) -> str:
    if _CODE_SPAN.fullmatch(part):
        return part
    escaped = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = re.sub(r"([\\`*_\[\]|~])", r"\\\1", escaped)
    # An invisible space keeps the words readable and takes GitHub's meaning away.
    return _MEANINGFUL.sub("\\g<0>\N{ZERO WIDTH SPACE}", marked)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _check_run(plan: Plan, place: Place) -> CheckRunText:
    conclusion = _CONCLUSIONS.get(plan.phase)
    status: Literal["queued", "in_progress", "completed"] = "in_progress"
    if conclusion is not None:
        status = "completed"
    elif plan.phase is Phase.WAITING:
        status = "queued"
    title = _plain(plan.sentence)
    summary = "\n\n".join([_sentence(plan), *_address(plan, place), *_log(place), *_advice(plan), *_notes(place)])
    return CheckRunText(status, conclusion, title, summary, place.url)


def _comment(ref: PullRequestRef, pull: PullRequest, plan: Plan, place: Place) -> str:
    lines = [
        marker(ref),
        f"**Preview: {_TITLES[plan.phase].lower()}**",
        # Checks report one after the other; the comment is not edited for each of them.
        _AWAITED if (plan.phase, plan.reason) == (Phase.WAITING, "Checks") else _sentence(plan),
        *_address(plan, place),
        f"Commit: `{pull.head[:7]}`",
        *_advice(plan),
    ]
    return "\n\n".join(lines)


def _deployment(pull: PullRequest, plan: Plan, place: Place) -> DeploymentText | None:
    state = _DEPLOYMENTS.get(plan.phase)
    if (plan.phase, plan.reason) == (Phase.WAITING, "Image"):
        # Its objects are there; only the image is not.
        state = "in_progress"
    if state is None or plan.reason in _NO_NEWS:
        return None
    short = pull.head[:7]
    words = {
        "in_progress": f"Deploying {short}.",
        "success": f"{short} is running.",
        "failure": f"{short} does not run; the check “{CHECK_NAME}” says why.",
    }
    url = place.url if state == "success" else ""
    return DeploymentText(state, words[state], url, f"{pull.url}/checks" if pull.url else "")


def _live(pull: PullRequest, plan: Plan, place: Place) -> tuple[Sha, ...]:
    if plan.ends:
        return ()
    deployed = place.serving or place.deployed or pull.head
    return (pull.head,) if deployed == pull.head else (pull.head, deployed)


def _address(plan: Plan, place: Place) -> list[str]:
    if plan.ends or (plan.phase is Phase.SKIPPED and place.serving is None):
        return []
    if place.serving is None:
        return [f"Address: {place.url} (it tells the state until the app answers)"]
    current = "" if plan.phase is Phase.RUNNING else f" (still serving `{place.serving[:7]}`)"
    return [f"Address: {place.url}{current}"]


def _log(place: Place) -> list[str]:
    if not place.log:
        return []
    # Nothing inside a fence means anything, and a longer one cannot be closed from inside.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", place.log)), default=0))
    return [f"The last lines of its log:\n\n{fence}text\n{place.log}\n{fence}"]


def _notes(place: Place) -> list[str]:
    return [f"Note: {inert(note)}" for note in place.notes]


def _advice(plan: Plan) -> list[str]:
    if (plan.phase, plan.reason) == (Phase.WAITING, "Checks"):
        return ["A check that need not hold the preview can be named under `checks.ignore` in `.github/reviewbot.yml`."]
    if plan.phase in {Phase.WAITING, Phase.SKIPPED} and plan.reason in _RULED_OUT:
        return ["Which pull requests get a preview is set under `pull_requests` in `.github/reviewbot.yml`."]
    if plan.phase is not Phase.FAILED:
        return []
    if plan.reason == "Installation":
        return ["No commit can mend it; whoever runs the cluster can, and a few minutes later it is tried again."]
    return ["Push a commit that mends it, or choose “Re-run” on this check to try the same commit again."]


def _sentence(plan: Plan) -> str:
    long = len(plan.sentence) > _SENTENCE_LIMIT
    return inert(f"{plan.sentence[:_SENTENCE_LIMIT]}… (cut)" if long else plan.sentence)


def _plain(sentence: str) -> str:
    words = _printable(" ".join(sentence.split())).replace("`", "")
    return words if len(words) <= _TITLE_LIMIT else f"{words[: _TITLE_LIMIT - 1]}…"
