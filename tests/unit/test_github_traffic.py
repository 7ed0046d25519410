"""What is counted of GitHub's answers, and how much may still be asked."""

import math

import pytest

from reviewbot.gateways.github.traffic import Remaining, answer, kind
from reviewbot.model import InstallationId

HOUR_ENDS = 3600


def told(remaining: object, reset: object = HOUR_ENDS) -> dict[str, str]:
    return {"x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(reset)}


@pytest.mark.parametrize(
    ("status", "limited", "expected"),
    [
        (200, False, "ok"),
        (201, False, "ok"),
        (304, False, "not_modified"),
        (404, False, "not_found"),
        (403, True, "limited"),
        (429, True, "limited"),
        (401, False, "refused"),
        (403, False, "refused"),
        (422, False, "refused"),
        (500, False, "error"),
        (502, False, "error"),
    ],
)
def test_answers(status: int, limited: bool, expected: str) -> None:
    assert answer(status, limited) == expected


def test_kinds() -> None:
    asked = [("GET", "/repositories/1/pulls"), ("PATCH", "/repositories/1/check-runs/2")]
    assert [kind(*each) for each in [*asked, ("POST", "/app/installations/1/access_tokens")]] == [
        "read",
        "write",
        "token",
    ]


def test_the_installation_that_has_least_is_told_until_its_hour_is_over() -> None:
    remaining = Remaining()
    assert math.isnan(remaining.least(0))
    remaining.note(InstallationId(1), told(4000))
    remaining.note(InstallationId(2), told(3000, reset=60))
    assert remaining.least(0) == 3000
    assert remaining.least(60) == 4000
    remaining.note(InstallationId(1), told(3999))
    assert remaining.least(60) == 3999
    assert math.isnan(remaining.least(HOUR_ENDS))


@pytest.mark.parametrize("headers", [{}, told("many"), told("", ""), told(-1)])
def test_answers_that_do_not_tell(headers: dict[str, str]) -> None:
    remaining = Remaining()
    remaining.note(InstallationId(1), headers)
    assert math.isnan(remaining.least(0))
