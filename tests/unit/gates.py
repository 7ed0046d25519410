"""Verdicts for tests of the gate, and GitHub's JSON that they are made of."""

from typing import Any

from reviewbot.gate import judge
from reviewbot.model import Check, Checks, ChecksPolicy, CheckSuite, RequiredCheck, Requirements, Verdict
from tests.unit.builders import NOW, OTHER_APP, OWN_APP

NOTHING = Verdict(False, "Waiting for checks: none has reported on this commit.")
CONCLUSIONS = [
    "success",
    "neutral",
    "skipped",
    "failure",
    "cancelled",
    "timed_out",
    "action_required",
    "stale",
    "startup_failure",
    None,
]


def verdict(
    *observed: Check,
    policy: ChecksPolicy | None = None,
    suites: tuple[CheckSuite, ...] = (),
    required: tuple[RequiredCheck, ...] = (),
    workflows: bool = False,
) -> Verdict:
    return judge(Checks(observed, suites, Requirements(required, workflows)), policy or ChecksPolicy(), OWN_APP, NOW)


def run(**changes: Any) -> dict[str, Any]:
    return {"name": "build", "status": "completed", "conclusion": "success", "app": {"id": OTHER_APP}} | changes


def suite(**changes: Any) -> dict[str, Any]:
    return {
        "id": 70,
        "status": "completed",
        "app": {"id": OTHER_APP, "name": "Actions"},
        "created_at": NOW.isoformat(),
    } | changes
