"""Is the commit green: tables from what GitHub shows to whole verdicts, with their exact sentences."""

from typing import Any

import pytest

from reviewbot.gate import QUIET
from reviewbot.gateways.github import checks
from reviewbot.model import CHECK_NAME, AppId, Check, ChecksPolicy, CheckState, RequiredCheck, Requirements, Verdict
from tests.unit.builders import NOW, OTHER_APP, OWN_APP, a_check, a_suite, minutes, seconds
from tests.unit.gates import CONCLUSIONS, NOTHING, run, verdict

PENDING, FAILING = CheckState.PENDING, CheckState.FAILING


def status(**changes: Any) -> dict[str, Any]:
    return {"context": "ci", "state": "success", "created_at": "2026-05-04T11:00:00Z"} | changes


STATUSES = ["queued", "in_progress", "requested", "waiting", "pending", "completed"]


@pytest.mark.parametrize("run_status", STATUSES)
@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_conclusions(run_status: str, conclusion: str | None) -> None:
    observed = tuple(checks.check_runs([run(status=run_status, conclusion=conclusion)]))
    if run_status != "completed":
        expected = Verdict(False, "Waiting for check “build”.")
    elif conclusion in {"success", "neutral", "skipped"}:
        expected = Verdict(True, "All checks pass.")
    else:
        expected = Verdict(False, f"Held by check “build”: {conclusion or 'no conclusion'}.")
    assert verdict(*observed) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("success", Verdict(True, "All checks pass.")),
        ("pending", Verdict(False, "Waiting for check “ci”.")),
        ("failure", Verdict(False, "Held by check “ci”: failure.")),
        ("error", Verdict(False, "Held by check “ci”: error.")),
        ("new word", Verdict(False, "Held by check “ci”: new word.")),
    ],
)
def test_status_states(state: str, expected: Verdict) -> None:
    assert verdict(*checks.statuses([status(state=state)])) == expected


def test_actions_only_repo() -> None:
    runs = checks.check_runs([run(name=name) for name in ("build", "lint", "test")])
    assert verdict(*checks.statuses([]), *runs) == Verdict(True, "All checks pass.")


def test_the_newest_status_of_a_context_counts() -> None:
    statuses = checks.statuses([status(state="success"), status(state="failure"), status(context="b")])
    assert verdict(*statuses) == Verdict(True, "All checks pass.")


def test_no_checks_is_not_green() -> None:
    assert verdict() == NOTHING


def test_no_checks_is_not_green__held_for_approval() -> None:
    observed = checks.check_runs([run(conclusion="action_required")])
    assert verdict(*observed) == Verdict(False, "Held by check “build”: action_required.")


@pytest.mark.parametrize(
    ("required", "observed", "expected"),
    [
        ([RequiredCheck("build")], [a_check("build")], Verdict(True, "All required checks pass.")),
        ([RequiredCheck("build")], [a_check("build", PENDING)], Verdict(False, "Waiting for check “build”.")),
        (
            [RequiredCheck("build")],
            [a_check("build", FAILING)],
            Verdict(False, "Held by check “build”: failure."),
        ),
        (
            [RequiredCheck("build", OTHER_APP)],
            [a_check("build"), a_check("build", FAILING, app=8)],
            Verdict(True, "All required checks pass."),
        ),
        # One rule names the app and another does not: both hold.
        (
            [RequiredCheck("build", OTHER_APP), RequiredCheck("build")],
            [a_check("build"), a_check("build", FAILING, app=8)],
            Verdict(False, "Held by check “build”: failure."),
        ),
        # The same name as status and as check: both have to pass.
        (
            [RequiredCheck("build")],
            [a_check("build"), a_check("build", FAILING, app=None)],
            Verdict(False, "Held by check “build”: failure."),
        ),
        # Whatever is not required neither holds nor delays.
        (
            [RequiredCheck("build")],
            [a_check("build", at=NOW), a_check("hold", PENDING), a_check("lint", FAILING)],
            Verdict(True, "All required checks pass."),
        ),
        # A failure is told before what is missing or running.
        (
            [RequiredCheck("a"), RequiredCheck("b"), RequiredCheck("c")],
            [a_check("b", PENDING), a_check("c", FAILING, outcome="timed_out")],
            Verdict(False, "Held by check “c”: timed_out."),
        ),
        (
            [RequiredCheck(name) for name in "edcba"],
            [],
            Verdict(False, "Waiting for required checks “a”, “b”, “c” and 2 more, which have not reported."),
        ),
    ],
)
def test_required(required: list[RequiredCheck], observed: list[Check], expected: Verdict) -> None:
    assert verdict(*observed, required=tuple(required)) == expected


@pytest.mark.parametrize(
    ("app", "observed"),
    [
        (None, []),
        (None, [a_check("Build"), a_check("build ")]),
        # From another app, or from anybody who may write a status.
        (OTHER_APP, [a_check("build", app=8), a_check("build", app=None)]),
    ],
)
def test_required_missing_or_forged(app: AppId | None, observed: list[Check]) -> None:
    expected = Verdict(False, "Waiting for required check “build”, which has not reported.")
    assert verdict(*observed, required=(RequiredCheck("build", app),)) == expected


def test_required_of_ruleset_and_protection() -> None:
    rule = {
        "type": "required_status_checks",
        "parameters": {
            "required_status_checks": [
                {"context": "build", "integration_id": 7},
                {"context": "lint", "integration_id": None},
            ]
        },
    }
    protection = {
        "required_status_checks": {
            "contexts": ["e2e", "any"],
            "checks": [{"context": "e2e", "app_id": 5}, {"context": "any", "app_id": -1}],
        }
    }
    required = (
        RequiredCheck("build", OTHER_APP),
        RequiredCheck("lint"),
        RequiredCheck("e2e", AppId(5)),
        RequiredCheck("any"),
    )
    branch = {"protection": protection}
    assert checks.requirements([{"type": "deletion"}, rule], branch) == Requirements(required)
    assert checks.requirements([rule, {"type": "workflows"}], branch) == Requirements(required, workflows=True)
    assert checks.requirements([], {}) == Requirements()


BUILD = (RequiredCheck("build"),)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ([a_check("build"), a_check("scan")], Verdict(True, "All checks pass.")),
        (
            [a_check("build"), a_check("scan", FAILING)],
            Verdict(False, "Held by check “scan”: failure."),
        ),
        ([a_check("build"), a_check("scan", PENDING)], Verdict(False, "Waiting for check “scan”.")),
        ([a_check("scan", FAILING)], Verdict(False, "Held by check “scan”: failure.")),
        (
            [a_check("scan", at=NOW)],
            Verdict(False, "Waiting for required check “build”, which has not reported."),
        ),
        # The workflow may not have begun.
        (
            [a_check("build", at=NOW)],
            Verdict(False, "All checks pass so far; waiting 60 s for late ones.", NOW + QUIET),
        ),
    ],
)
def test_required_workflows(observed: list[Check], expected: Verdict) -> None:
    assert verdict(*observed, required=BUILD, workflows=True) == expected


def test_required_workflows__are_waited_for_while_their_suites_run() -> None:
    running = a_suite(complete=False, app_name="Actions")
    waiting = Verdict(False, "Waiting for the checks of “Actions”, which are still running.")
    assert verdict(a_check(), suites=(running,), required=BUILD, workflows=True) == waiting
    assert verdict(a_check(), suites=(running,), workflows=True) == waiting


def test_required_workflows__unless_the_repository_says_what_decides() -> None:
    observed, policy = (a_check("build"), a_check("scan", FAILING)), ChecksPolicy(require=("build",))
    assert verdict(*observed, policy=policy, workflows=True) == Verdict(True, "All required checks pass.")


def test_the_repository_names_what_is_required() -> None:
    policy = ChecksPolicy(require=("build",))
    observed = (a_check("build"), a_check("slow", PENDING))
    green = Verdict(True, "All required checks pass.")
    assert verdict(*observed, policy=policy, required=(RequiredCheck("slow"),)) == green


@pytest.mark.parametrize("name", [CHECK_NAME, "build"])
def test_own_suite_never_blocks(name: str) -> None:
    own = a_check(name, PENDING, app=OWN_APP, at=NOW)
    suite = a_suite(app=OWN_APP, app_name="reviewbot", complete=False, created_at=NOW)
    assert verdict(own, a_check("lint"), suites=(suite,)) == Verdict(True, "All checks pass.")


def test_own_suite_never_blocks__alone_is_not_green() -> None:
    assert verdict(a_check(CHECK_NAME, app=OWN_APP)) == NOTHING


@pytest.mark.parametrize("app", [OWN_APP, None])
def test_own_suite_never_blocks__even_if_required(app: AppId | None) -> None:
    observed = (a_check("build"), a_check(CHECK_NAME, PENDING, app=OWN_APP))
    required = (RequiredCheck("build"), RequiredCheck(CHECK_NAME, app))
    assert verdict(*observed, required=required) == Verdict(True, "All required checks pass.")


@pytest.mark.parametrize("required", [(), (RequiredCheck("review"),)])
def test_ignored(required: tuple[RequiredCheck, ...]) -> None:
    observed = (a_check("build"), a_check("review", PENDING))
    policy = ChecksPolicy(ignore=("review",))
    assert verdict(*observed, policy=policy, required=required) == Verdict(True, "All checks pass.")


@pytest.mark.parametrize("number", [31, 65, 101, 130])
def test_page_two_failure__however_late(number: int) -> None:
    items = [status(context=f"c{each:03}") for each in range(number - 1)] + [status(context="last", state="error")]
    assert verdict(*checks.statuses(items)) == Verdict(False, "Held by check “last”: error.")


def test_same_name_status_and_check() -> None:
    observed = (a_check("build"), a_check("build", FAILING, app=None, outcome="error"))
    assert verdict(*observed) == Verdict(False, "Held by check “build”: error.")


@pytest.mark.parametrize(
    ("age", "quiet", "expected"),
    [
        (
            seconds(0),
            None,
            Verdict(False, "All checks pass so far; waiting 60 s for late ones.", NOW + QUIET),
        ),
        (seconds(59), None, Verdict(False, "All checks pass so far; waiting 60 s for late ones.", NOW + seconds(1))),
        (seconds(60), None, Verdict(True, "All checks pass.")),
        (seconds(60), 300, Verdict(False, "All checks pass so far; waiting 300 s for late ones.", NOW + minutes(4))),
        (seconds(0), 0, Verdict(True, "All checks pass.")),
    ],
)
def test_late_registering_check(age: Any, quiet: int | None, expected: Verdict) -> None:
    observed = (a_check("early"), a_check("late", at=NOW - age))
    assert verdict(*observed, policy=ChecksPolicy(quiet=quiet)) == expected


def test_required_checks_need_no_quiet_period() -> None:
    assert verdict(a_check(at=NOW), required=(RequiredCheck("build"),)).green


def test_names_in_sentences_cannot_end_a_code_span() -> None:
    assert verdict(a_check("a`b", PENDING)) == Verdict(False, "Waiting for check “a'b”.")


def test_many_held_checks_are_counted() -> None:
    observed = [a_check(f"job {number}", PENDING) for number in range(5)] + [a_check("job 4", PENDING, app=8)]
    assert verdict(*observed) == Verdict(False, "Waiting for check “job 0”, “job 1”, “job 2” and 2 more.")
