"""Before its commit is green a pull request has nothing in the cluster, and its check run says what holds it."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dev.github import Pull, RequiredCheck
from dev.github.faults import Times, answer
from dev.github.log import Exchange
from tests.stories.conftest import Founded, Town
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
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert "By now: Held by check “test”: failure." in team.summary(pull)
    team.nothing_more_happens(pull)


def test_what_circleci_and_others_report(found: Founded, town: Town) -> None:
    team = found(required=())
    config = team.repo.model.commits[team.repo.head()].files[".github/reviewbot.yml"]
    assert isinstance(config, bytes)
    rules = 'checks: {ignore: ["ci/circleci: hold", license/cla], quiet: 0}'
    team.repo.push("main", {".github/reviewbot.yml": f"{config.decode()}{rules}\n"})
    other = town.github.create_app("travis")
    pull = team.opens()
    team.repo.status(pull.head, "ci/circleci: build", "pending")
    team.repo.status(pull.head, "ci/circleci: hold", "pending")
    team.repo.status(pull.head, "license/cla", "failure")
    team.repo.check_suite(pull.head, other)
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[2] == "Waiting for check “ci/circleci: build”."
    team.repo.status(pull.head, "ci/circleci: build", "success")
    team.settles()
    assert team.check(pull)[2] == "Waiting for the checks of “travis” to start."
    # Travis has a suite on every commit and runs nowhere near here.
    team.waits(timedelta(minutes=2))
    assert team.check(pull)[2].endswith("is running.")
    team.nothing_more_happens(pull)


def test_the_last_of_many_checks_deploys_once(found: Founded) -> None:
    names = [f"job {number}" for number in range(30)]
    team = found(required=tuple(names))
    pull = team.opens()
    team.settles()
    team.cluster.sample_image(pull.head)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: team.repo.check_run(pull.head, team.ci, name), names))
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert len(team.objects(pull, "deployments")) == 1
    assert (len(pull.comments), len(team.deployments(pull)), team.check_runs(pull)) == (1, 1, 1)
    # However many events come, what is written follows what is true: waiting, deploying at most, running.
    assert len([write for write in team.writes() if "check-runs" in write]) <= 4


@pytest.mark.parametrize("call", [1, 4, 8, 10, 12])
def test_a_push_at_any_moment_of_a_decision(team: Team, call: int) -> None:
    pull = team.opens()
    team.settles()
    old = pull.head
    calls = itertools.count(1)

    def push(exchange: Exchange) -> None:
        # Its image is there and it passes: all that keeps it from being deployed is not being the head any more.
        if f"/repositories/{team.repo.id}/" in exchange.path and next(calls) == call:
            pull.push({"later.txt": "1"})

    team.repo.github.before = push
    team.ci_passes(pull)
    team.settles()
    team.repo.github.before = None
    assert pull.head != old, "it took fewer calls"
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert team.active(pull) == [pull.head]
    assert (len(team.objects(pull, "deployments")), len(pull.comments)) == (1, 1)
    team.nothing_more_happens(pull)
