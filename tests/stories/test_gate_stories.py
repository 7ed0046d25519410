"""Before its commit is green a pull request has nothing in the cluster, and its check run says what holds it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dev.github import Pull, RequiredCheck
from dev.github.faults import Times, answer
from tests.stories.conftest import Founded
from tests.stories.team import TEST, Team

Happening = Callable[[Team, Pull], object]
NEEDS_TEST = (TEST,)
NOT_REPORTED = "Waiting for required check “test”, which has not reported."


def _status(state: str, context: str = TEST) -> Happening:
    return lambda team, pull: team.repo.status(pull.head, context, state)


def _run(**options: str) -> Happening:
    return lambda team, pull: team.repo.check_run(pull.head, team.ci, TEST, **options)  # type: ignore[arg-type]


def _both(*happenings: Happening) -> Happening:
    return lambda team, pull: [happening(team, pull) for happening in happenings]


def _red_on_page_two(team: Team, pull: Pull) -> None:
    # GitHub lists the newest first. One event for all of them is enough.
    team.repo.github.loses = lambda delivery: delivery.event == "status"
    for number in range(130):
        team.repo.status(pull.head, f"context-{number}", "failure" if number == 3 else "success")
    team.repo.check_run(pull.head, team.ci, TEST)


def _required_of_another_app(team: Team, pull: Pull) -> None:
    team.repo.require_checks([RequiredCheck(TEST, team.app.id + 1)])
    team.repo.check_run(pull.head, team.ci, TEST)


def _closed_and_opened(team: Team, pull: Pull) -> None:
    pull.close()
    team.settles()
    pull.reopen()


@pytest.mark.parametrize(
    ("required", "happens", "says"),
    [
        (NEEDS_TEST, _run(conclusion="failure"), "Held by check “test”: failure."),
        (NEEDS_TEST, _run(conclusion="action_required"), "Held by check “test”: action_required."),
        (NEEDS_TEST, _run(status="in_progress"), "Waiting for check “test”."),
        (NEEDS_TEST, _status("pending"), "Waiting for check “test”."),
        (NEEDS_TEST, _both(_run(), _status("pending")), "Waiting for check “test”."),
        (NEEDS_TEST, _both(_run(), _status("error")), "Held by check “test”: error."),
        (NEEDS_TEST, _status("success", context="other"), NOT_REPORTED),
        (NEEDS_TEST, _required_of_another_app, NOT_REPORTED),
        (NEEDS_TEST, _closed_and_opened, NOT_REPORTED),
        ((), lambda *_: None, "Waiting for checks: none has reported on this commit."),
        ((), _red_on_page_two, "Held by check “context-3”: failure."),
        ((), lambda team, pull: team.repo.check_suite(pull.head, team.ci), "Waiting for the checks of “ci” to start."),
    ],
)
def test_nothing_exists_before_green(found: Founded, required: tuple[str, ...], happens: Happening, says: str) -> None:
    team = found(required=required)
    pull = team.opens()
    happens(team, pull)
    team.settles()
    assert team.check(pull) == ("queued", None, says)
    team.waits(timedelta(seconds=31))
    assert (team.in_cluster(pull), pull.comments) == ([], [])
    team.nothing_more_happens(pull)


def test_a_quiet_period_without_required_checks(found: Founded) -> None:
    team = found(required=())
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[2] == "All checks pass so far; waiting 60 s for late ones."

    team.bot.clock.skip(timedelta(seconds=20))
    team.repo.check_run(pull.head, team.ci, "late", status="in_progress")
    team.settles()
    assert team.check(pull)[2] == "Waiting for check “late”."
    team.waits(timedelta(minutes=5))
    assert team.in_cluster(pull) == []

    team.repo.check_run(pull.head, team.ci, "late")
    team.settles()
    assert team.check(pull)[2].endswith("is running.")
    team.nothing_more_happens(pull)


@pytest.mark.parametrize("own", [RequiredCheck("reviewbot"), None])
def test_our_own_check_never_holds(team: Team, own: RequiredCheck | None) -> None:
    team.repo.protect([own or RequiredCheck("reviewbot", team.app.id)])
    pull = team.opens()
    team.settles()
    assert team.check(pull) == ("queued", None, NOT_REPORTED)
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: bool(team.in_cluster(pull)))


def test_a_read_that_failed_is_not_green(team: Team) -> None:
    pull = team.opens()
    team.settles()
    trouble = Times(answer(500, "Server Error"), "GET", f"/{team.repo.id}/.*/check-runs$", times=1000)
    team.repo.github.before = trouble
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.in_cluster(pull) == []
    assert team.check(pull) == ("queued", None, NOT_REPORTED)

    team.repo.github.before = None
    team.bot.clock.skip(timedelta(minutes=1))
    team.settles(until=lambda: bool(team.in_cluster(pull)))


def test_a_check_that_runs_again_does_not_take_the_preview(team: Team) -> None:
    pull = team.is_running()
    said, objects = team.comment(pull), team.objects(pull, "deployments", "services", "pods")
    for options in ({"status": "in_progress"}, {"conclusion": "failure"}):
        team.repo.check_run(pull.head, team.ci, TEST, **options)  # type: ignore[arg-type]
        team.settles()
        assert team.page(pull).status == 200
        assert team.comment(pull) == said
        assert team.objects(pull, "deployments", "services", "pods") == objects
    team.nothing_more_happens(pull)
