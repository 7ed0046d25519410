"""Every word people read on GitHub: pure functions from a decision to whole texts."""

import re
from dataclasses import replace
from itertools import chain
from typing import Literal

from reviewbot.decide import Plan
from reviewbot.model import CHECK_NAME, About, CommentPolicy, Phase, Problem, PullRequest, PullRequestRef, Section, Sha
from reviewbot.report.apps import addresses, annotations_of, sections
from reviewbot.report.inert import description_of, inert, logo_of, name_of, plain
from reviewbot.report.texts import TITLES, Annotation, AppPlace, CheckRunText, DeploymentText, Place, Report, digest
from reviewbot.spec.problems import capped

__all__ = [
    "Annotation",
    "AppPlace",
    "CheckRunText",
    "DeploymentText",
    "Place",
    "Report",
    "digest",
    "inert",
    "marker",
    "over",
    "purpose",
    "report",
    "section",
    "superseded",
    "without_comment",
    "without_deployments",
]

_TITLE_LIMIT = 140
# Far below GitHub's 65 536, so that nothing of ours around it is ever cut.
_SENTENCE_LIMIT = 8000
# GitHub takes 65 535 characters; some are for what is noted at the end.
_TEXT_LIMIT = 60_000
# What a record has room for.
_SECTION_LIMIT = 30_000
_MOST_ANNOTATIONS = 50

_CONCLUSIONS: dict[Phase, Literal["success", "failure", "neutral"]] = {
    Phase.SKIPPED: "neutral",
    Phase.RUNNING: "success",
    Phase.FAILED: "failure",
    Phase.CLOSED: "neutral",
}
_State = Literal["in_progress", "success", "failure"]
_DEPLOYMENTS: dict[Phase, _State] = {
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
_UNTOUCHED = (
    "An app is deployed if a file below its `path` is changed, or one that its `paths` name in `.github/reviewbot.yml`."
)


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
        deployments=_deployments(pull, plan, place),
        live=_live(pull, plan, place),
        ends=plan.ends,
    )


def section(pull: PullRequest, plan: Plan, place: Place) -> Section:
    """What one of several apps of a pull request adds to the texts for that."""
    parts = [_sentence(plan), *_logs(place), *_changes(place), *_notes(place)]
    title, text = plain(plan.sentence, _TITLE_LIMIT), "\n\n".join(parts)
    told = tuple((each.level, each.problem) for each in _annotations(plan, place)[:_MOST_ANNOTATIONS])
    text = text if len(text) <= _SECTION_LIMIT else inert(title)
    return Section(plan.phase, plan.reason, pull.head, title, text, place.url, place.serving, told)


def superseded(by: Sha, url: str) -> CheckRunText:
    """The last word on a commit that was never finished because another one came."""
    title = f"Superseded by {by[:7]}."
    return CheckRunText("completed", "neutral", title, title, url)


def without_deployments(told: Report) -> Report:
    """The same where deployments may not be written, which the check run says once one would have been."""
    return _noted(told, _NO_DEPLOYMENTS) if told.deployments else told


def without_comment(told: Report) -> Report:
    """The same where no comment may be made, which the check run says where there would be one."""
    return _noted(told, _NO_COMMENT) if told.announce else told


def _noted(told: Report, note: str) -> Report:
    run = told.check_run
    return replace(told, check_run=replace(run, summary=f"{run.summary}\n\n{note}"))


def purpose(ref: PullRequestRef) -> str:
    """What a deployment is of, as it is described when it is made."""
    return f"Preview of pull request {ref.number}"


def over(told: Report, sha: Sha) -> DeploymentText:
    """The last status of a commit's deployment that no longer serves."""
    if told.ends:
        return DeploymentText("inactive", "The preview was removed.")
    words = f"{sha[:7]} is not deployed any more." if sha == told.sha else f"Superseded by {told.sha[:7]}."
    return DeploymentText("inactive", words)


def marker(ref: PullRequestRef) -> str:
    """The invisible line by which our comment is found again, together with its author."""
    return f"<!-- reviewbot {ref.name} -->"


def _check_run(plan: Plan, place: Place) -> CheckRunText:
    conclusion = _CONCLUSIONS.get(plan.phase)
    status: Literal["queued", "in_progress", "completed"] = "in_progress"
    if conclusion is not None:
        status = "completed"
    elif plan.phase is Phase.WAITING:
        status = "queued"
    parts = (_address(plan, place), _logs(place), _advice(plan), _changes(place), _notes(place), sections(place))
    summary = _fit("\n\n".join([_sentence(plan), *chain.from_iterable(parts)]))
    annotations = (*_annotations(plan, place), *annotations_of(place)) if conclusion else ()
    return CheckRunText(status, conclusion, plain(plan.sentence, _TITLE_LIMIT), summary, place.url, annotations)


def _annotations(plan: Plan, place: Place) -> tuple[Annotation, ...]:
    warnings = (note for note in place.notes if isinstance(note, Problem))
    return (
        *(Annotation("failure", problem) for problem in plan.problems),
        *(Annotation("warning", problem) for problem in warnings),
    )


def _comment(ref: PullRequestRef, pull: PullRequest, plan: Plan, place: Place) -> str:
    lines = [
        marker(ref),
        _headline(plan, place.about),
        *filter(None, [description_of(place.about)]),
        # Checks report one after the other; the comment is not edited for each of them.
        _AWAITED if (plan.phase, plan.reason) == (Phase.WAITING, "Checks") else _sentence(plan),
        *_address(plan, place),
        f"Commit: `{pull.head[:7]}`",
        *_advice(plan),
    ]
    return _fit("\n\n".join(lines))


def _fit(text: str) -> str:
    # Each part of it is short as a rule; what GitHub refuses would keep everything else from being told.
    return text if len(text) <= _TEXT_LIMIT else f"{text[:_TEXT_LIMIT]}… (cut)"


def _headline(plan: Plan, about: About) -> str:
    what = f"Preview of {name_of(about)}" if name_of(about) else "Preview"
    return f"{logo_of(about)} **{what}: {TITLES[plan.phase].lower()}**".lstrip()


def _deployments(pull: PullRequest, plan: Plan, place: Place) -> tuple[tuple[Sha, DeploymentText], ...]:
    state, answering = _state(plan), None if plan.ends else _answering(place)
    told: dict[Sha, _State] = {pull.head: state} if state else {}
    if answering:
        # Its head may have moved on, or been made a draft, before its success was told.
        told.setdefault(answering, "success")
    return tuple((sha, _deployment(pull, sha, each, place)) for sha, each in told.items())


def _state(plan: Plan) -> _State | None:
    if (plan.phase, plan.reason) == (Phase.WAITING, "Image"):
        # Its objects are there; only the image is not.
        return "in_progress"
    return None if plan.reason in _NO_NEWS else _DEPLOYMENTS.get(plan.phase)


def _deployment(pull: PullRequest, sha: Sha, state: _State, place: Place) -> DeploymentText:
    words = {
        "in_progress": f"Deploying {sha[:7]}.",
        "success": f"{sha[:7]} is running.",
        "failure": f"{sha[:7]} does not run; the check “{CHECK_NAME}” says why.",
    }
    url = place.url if state == "success" else ""
    return DeploymentText(state, words[state], url, f"{pull.url}/checks" if pull.url else "")


def _answering(place: Place) -> Sha | None:
    """The commit that all of it is known to answer for."""
    if not place.apps:
        return place.answering
    found = {app.answering for app in place.apps if not app.excluded}
    return found.pop() if len(found) == 1 else None


def _live(pull: PullRequest, plan: Plan, place: Place) -> tuple[Sha, ...]:
    if plan.ends:
        return ()
    served = {place.serving or place.deployed, *(app.serving or app.deployed for app in place.apps)}
    # Of one that waits nothing may be left, or nothing was there yet.
    rests = _state(plan) is None and plan.reason not in _NO_NEWS and pull.head not in served
    others = sorted(each for each in served if each and each != pull.head)
    return tuple(others) if rests else (pull.head, *others)


def _address(plan: Plan, place: Place) -> list[str]:
    if place.apps:
        return addresses(plan, place)
    if plan.ends or (plan.phase is Phase.SKIPPED and place.serving is None):
        return []
    if place.serving is None:
        return [f"Address: {place.url} (it tells the state until the app answers)"]
    current = "" if plan.phase is Phase.RUNNING else f" (still serving `{place.serving[:7]}`)"
    return [f"Address: {place.url}{current}"]


def _logs(place: Place) -> list[str]:
    titled = (("The last lines of its log:", place.log), ("The release phase wrote:", place.release_log))
    return [f"{title}\n\n{_fenced(log)}" for title, log in titled if log]


def _fenced(log: str) -> str:
    # Nothing inside a fence means anything, and a longer one cannot be closed from inside.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", log)), default=0))
    return f"{fence}text\n{log}\n{fence}"


def _notes(place: Place) -> list[str]:
    placed = [str(note) for note in place.notes if isinstance(note, Problem)]
    others = [note for note in place.notes if isinstance(note, str)]
    return [f"Note: {inert(note)}" for note in capped(placed) + others]


def _changes(place: Place) -> list[str]:
    if not place.changes:
        return []
    bullets = "\n".join(f"- {inert(change)}" for change in place.changes)
    return [f"What this pull request changes in the app's definition:\n\n{bullets}"]


def _advice(plan: Plan) -> list[str]:
    if (plan.phase, plan.reason) == (Phase.WAITING, "Checks"):
        return [
            "Which checks hold the preview is set by `checks.require` and `checks.ignore` in `.github/reviewbot.yml`."
        ]
    if plan.reason == "Untouched":
        return [_UNTOUCHED]
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
