"""What check suites add to the verdict: those that have no check runs, of which nothing else tells."""

from typing import Any

import pytest

from reviewbot.gate import EMPTY_SUITE_GRACE
from reviewbot.gateways.github import checks
from reviewbot.model import ChecksPolicy, CheckState, CheckSuite, RequiredCheck, Verdict
from tests.unit.builders import NOW, OWN_APP, a_check, a_suite, minutes, seconds
from tests.unit.gates import CONCLUSIONS, NOTHING, run, suite, verdict

PENDING = CheckState.PENDING


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_conclusions__of_a_suite_that_ends_without_a_run(conclusion: str | None) -> None:
    suites = checks.suites([suite(), suite(conclusion=conclusion, latest_check_runs_count=0)])
    if conclusion in {"success", "neutral", "skipped", None}:
        expected = Verdict(True, "All checks pass.")
    else:
        expected = Verdict(False, f"Held by the checks of “Actions”: {conclusion}.")
    assert verdict(a_check(), suites=suites) == expected


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_conclusions__of_a_suite_with_runs_are_those_of_its_runs(conclusion: str | None) -> None:
    # Among its runs may be one that is ignored, or that was run again.
    suites = checks.suites([suite(conclusion=conclusion, latest_check_runs_count=1)])
    assert verdict(a_check(), suites=suites) == Verdict(True, "All checks pass.")


def test_no_checks_is_not_green__a_suite_that_failed_is_told_before_one_that_runs() -> None:
    suites = (a_suite(complete=False, app_name="A"), a_suite(runs=0, failure="startup_failure"))
    held = Verdict(False, "Held by the checks of “Travis CI”: startup_failure.")
    assert verdict(suites=suites) == verdict(a_check(at=NOW), suites=suites) == held
    own = a_suite(runs=0, failure="action_required", app=OWN_APP)
    assert verdict(a_check(), suites=(own,)).green
    assert verdict(a_check(), suites=suites, required=(RequiredCheck("build"),)).green


def test_a_suite_whose_only_unfinished_run_is_ignored_does_not_hold() -> None:
    # An end-to-end check that our own deployment starts would wait for itself for ever.
    observed = (a_check("build"), a_check("e2e", PENDING, suite=71))
    suites = (a_suite(), a_suite(complete=False, id=71))
    policy = ChecksPolicy(ignore=("e2e",))
    assert verdict(*observed, policy=policy, suites=suites) == Verdict(True, "All checks pass.")


CANCELLED = run(conclusion="cancelled", check_suite={"id": 71})


@pytest.mark.parametrize(
    ("other", "green"),
    [
        # A label, or another title, began the workflow again, whose older run was cancelled for that.
        (run(check_suite={"id": 72}), True),
        (run(check_suite={"id": 72}, conclusion="failure"), False),
        (run(check_suite={"id": 72}, conclusion="cancelled"), False),
        (run(check_suite={"id": 72}, status="in_progress"), False),
        # Somebody cancelled the newest.
        (run(check_suite={"id": 70}), False),
        (run(check_suite={"id": 72}, name="lint"), False),
        (run(check_suite={"id": 72}, app={"id": 8}), False),
        (run(), False),
    ],
)
@pytest.mark.parametrize("required", [(), (RequiredCheck("build"),)])
def test_one_that_was_cancelled_for_a_newer_one_of_its_name(
    required: tuple[RequiredCheck, ...], other: dict[str, Any], green: bool
) -> None:
    assert verdict(*checks.check_runs([CANCELLED, other]), required=required).green == green
    assert verdict(*checks.check_runs([other, CANCELLED]), required=required).green == green


@pytest.mark.parametrize(
    ("replaced", "successor", "green"),
    [
        ({}, {}, True),
        ({}, {"created_at": NOW - minutes(5) - seconds(4)}, True),
        # A person cancelled it, who left those alone that came with it.
        ({}, {"created_at": NOW - minutes(10)}, False),
        ({}, {"id": 69}, False),
        ({}, {"workflow": False}, False),
        ({"workflow": False}, {}, False),
        ({"changed_at": None}, {}, False),
        ({"failure": "startup_failure"}, {}, False),
    ],
)
def test_one_that_was_cancelled_for_a_newer_one_before_it_had_a_run(
    replaced: dict[str, Any], successor: dict[str, Any], green: bool
) -> None:
    at = NOW - minutes(5)
    cancelled = a_suite(**{"runs": 0, "failure": "cancelled", "workflow": True, "changed_at": at} | replaced)
    newer = a_suite(**{"id": 71, "workflow": True, "created_at": at} | successor)
    assert verdict(a_check(), suites=(cancelled, newer)).green == green
    assert verdict(a_check(), suites=(newer, cancelled)).green == green


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (0, Verdict(False, "Waiting for the checks of “Travis CI” to start.", NOW + EMPTY_SUITE_GRACE)),
        (1, Verdict(False, "Waiting for the checks of “Travis CI”, which are still running.")),
    ],
)
def test_empty_suite__beside_one_whose_check_is_ignored(runs: int, expected: Verdict) -> None:
    observed = tuple(checks.check_runs([run(), run(name="e2e", status="queued", check_suite={"id": 71})]))
    suites = (a_suite(), a_suite(complete=False, id=71), a_suite(complete=False, id=72, runs=runs, created_at=NOW))
    assert verdict(*observed, policy=ChecksPolicy(ignore=("e2e",)), suites=suites) == expected


@pytest.mark.parametrize(
    ("runs", "age", "expected"),
    [
        (0, seconds(0), Verdict(False, "Waiting for the checks of “Travis CI” to start.", NOW + EMPTY_SUITE_GRACE)),
        (
            0,
            EMPTY_SUITE_GRACE - seconds(1),
            Verdict(False, "Waiting for the checks of “Travis CI” to start.", NOW + seconds(1)),
        ),
        (0, EMPTY_SUITE_GRACE, Verdict(True, "All checks pass.")),
        (0, minutes(180), Verdict(True, "All checks pass.")),
        (
            2,
            minutes(180),
            Verdict(False, "Waiting for the checks of “Travis CI”, which are still running."),
        ),
    ],
)
def test_empty_suite(runs: int, age: Any, expected: Verdict) -> None:
    suite = a_suite(complete=False, runs=runs, created_at=NOW - age)
    assert verdict(a_check(), suites=(suite, a_suite())) == expected


@pytest.mark.parametrize("status", ["queued", "pending", "requested", "waiting", "in_progress"])
def test_empty_suite__of_a_workflow(status: str) -> None:
    """It may wait for a runner or for others, for longer than anybody idle is waited for; some wait for ever."""

    def waits(age: int, **app: str) -> tuple[CheckSuite, ...]:
        at = (NOW - minutes(age)).isoformat()
        named = suite(status=status, latest_check_runs_count=0, created_at=at)
        return checks.suites([named | {"app": named["app"] | app}])

    assert verdict(a_check(), suites=waits(179)).green
    actions = {"name": "GitHub Actions", "slug": "github-actions"}
    expected = Verdict(False, "Waiting for the checks of “GitHub Actions” to start.", NOW + minutes(1))
    assert verdict(a_check(), suites=waits(179, **actions)) == expected
    assert verdict(a_check(), suites=waits(180, **actions)).green


def test_empty_suite__alone_is_not_green() -> None:
    suite = a_suite(complete=False, runs=0, created_at=NOW - minutes(60))
    assert verdict(suites=(suite,)) == NOTHING
