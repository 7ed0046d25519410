"""Is the commit green? Pure: what GitHub shows, the repository's policy and the time in, a verdict out.

Nothing observed is not green. Required contexts decide alone where there are any, and no workflows are required;
otherwise everything that reports must pass too, and stay the same for a quiet period, because late checks announce
themselves to nobody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from reviewbot.model import (
    CHECK_NAME,
    AppId,
    Check,
    Checks,
    ChecksPolicy,
    CheckState,
    CheckSuite,
    RequiredCheck,
    Verdict,
)

QUIET = timedelta(seconds=60)
# A suite without runs belongs to an app that is slow to start, or that will never run here.
EMPTY_SUITE_GRACE = timedelta(seconds=120)
# A workflow has none before its concurrency group lets it begin, or while GitHub is busy; some never begin.
EMPTY_WORKFLOW_GRACE = timedelta(hours=3)
# What waits for its concurrency group is cancelled in the moment in which its successor comes, and by a person later.
_SUCCESSION = timedelta(seconds=5)
_NAMED = 3


def judge(checks: Checks, policy: ChecksPolicy, own: AppId, now: datetime) -> Verdict:
    """The commit's verdict at `now`."""
    current = (each for each in checks.observed if not _gave_way(each, checks.observed))
    observed = tuple(each for each in current if _counts(each.name, each.app, policy, own))
    required = _required(checks, policy, own)
    if not needs_suites(checks, policy, own):
        observed = tuple(check for check in observed if any(_meets(check, each) for each in required))
        return _judge_observed(observed, required) or Verdict(True, "All required checks pass.")
    # One app may have many suites on a commit: GitHub Actions has one for each workflow.
    ignored = {
        each.suite for each in checks.observed if each.name in policy.ignore and each.state is CheckState.PENDING
    }
    suites = tuple(suite for suite in checks.suites if suite.app != own and suite.id not in ignored)
    return _judge_observed(observed, required) or _judge_all(observed, suites, policy, now)


def needs_suites(checks: Checks, policy: ChecksPolicy, own: AppId) -> bool:
    """Whether the verdict depends on check suites, as everything that reports counts.

    Of workflows that are required nobody says which checks they report.
    """
    return not policy.require and (checks.required.workflows or not _required(checks, policy, own))


def _counts(name: str, app: AppId | None, policy: ChecksPolicy, own: AppId) -> bool:
    # A required check of our own would wait for itself for ever.
    ours = app == own or (app is None and name == CHECK_NAME)
    return not ours and name not in policy.ignore


def _gave_way(check: Check, observed: tuple[Check, ...]) -> bool:
    # GitHub keeps the runs of every suite. Where a workflow begins again on the same commit, for a label or another
    # title, its concurrency group cancels the older run, and nobody runs that again.
    return check.outcome == "cancelled" and any(
        (other.name, other.app) == (check.name, check.app) and (other.suite or 0) > (check.suite or 0)
        for other in observed
    )


def _required(checks: Checks, policy: ChecksPolicy, own: AppId) -> tuple[RequiredCheck, ...]:
    if policy.require:
        return tuple(RequiredCheck(name) for name in policy.require)
    return tuple(dict.fromkeys(each for each in checks.required.checks if _counts(each.name, each.app, policy, own)))


def _meets(check: Check, required: RequiredCheck) -> bool:
    return check.name == required.name and required.app in (None, check.app)


def _judge_observed(observed: tuple[Check, ...], required: tuple[RequiredCheck, ...]) -> Verdict | None:
    """What holds the commit of that which has to pass, if anything does."""
    held = [check for check in observed if check.state is not CheckState.PASSING]
    if held:
        return _held(held)
    missing = {each.name for each in required if not any(_meets(check, each) for check in observed)}
    if missing:
        checks, have = ("check", "has") if len(missing) == 1 else ("checks", "have")
        return Verdict(False, f"Waiting for required {checks} {_names(missing)}, which {have} not reported.")
    return None


def _judge_all(
    observed: tuple[Check, ...], suites: tuple[CheckSuite, ...], policy: ChecksPolicy, now: datetime
) -> Verdict:
    suites = tuple(sorted(suites, key=lambda suite: suite.app_name))
    for suite in suites:
        # A workflow that waits for approval, or whose file is wrong, has no check run to tell of it.
        if suite.complete and not suite.runs and suite.failure and not _was_replaced(suite, suites):
            return Verdict(False, f"Held by the checks of {_quoted(suite.app_name)}: {suite.failure}.")
    for suite in suites:
        if not suite.complete and suite.runs:
            return Verdict(False, f"Waiting for the checks of {_quoted(suite.app_name)}, which are still running.")
        until = suite.created_at + (EMPTY_WORKFLOW_GRACE if suite.workflow else EMPTY_SUITE_GRACE)
        if not suite.complete and now < until:
            return Verdict(False, f"Waiting for the checks of {_quoted(suite.app_name)} to start.", until)
    if not observed:
        return Verdict(False, "Waiting for checks: none has reported on this commit.")
    quiet = QUIET if policy.quiet is None else timedelta(seconds=policy.quiet)
    settled = max(check.at for check in observed) + quiet
    if now < settled:
        return Verdict(False, f"All checks pass so far; waiting {_seconds(quiet)} for late ones.", settled)
    return Verdict(True, "All checks pass.")


def _was_replaced(suite: CheckSuite, suites: tuple[CheckSuite, ...]) -> bool:
    # A workflow that began again on the same commit before this one had a check run, by which it would be known.
    ended = suite.changed_at
    if suite.failure != "cancelled" or not suite.workflow or ended is None:
        return False
    newer = (other for other in suites if other.workflow and other.id > suite.id)
    return any(abs(other.created_at - ended) < _SUCCESSION for other in newer)


def _held(held: list[Check]) -> Verdict:
    failing = [check for check in held if check.state is CheckState.FAILING]
    if failing:
        return Verdict(False, f"Held by check {_names(f.name for f in failing)}: {failing[0].outcome}.")
    return Verdict(False, f"Waiting for check {_names(check.name for check in held)}.")


def _names(names: Iterable[str]) -> str:
    unique = sorted(set(names))
    shown = ", ".join(_quoted(name) for name in unique[:_NAMED])
    return shown if len(unique) <= _NAMED else f"{shown} and {len(unique) - _NAMED} more"


def _quoted(name: str) -> str:
    return "“" + name.replace("`", "'") + "”"


def _seconds(duration: timedelta) -> str:
    return f"{int(duration.total_seconds())} s"
