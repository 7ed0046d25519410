"""Before its commit is green a pull request has nothing in the cluster, and its check run says what holds it."""

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from dev.github import Pull, RequiredCheck
from dev.github.faults import Late, Times, about, answer, cut, raw
from dev.github.log import Delivery, Exchange
from reviewbot.gate import QUIET
from tests.stories.conftest import Founded, Town
from tests.stories.team import TEST, Team

Happening = Callable[[Team, Pull], object]
NOT_REPORTED = "Waiting for required check “test”, which has not reported."


def _status(state: str, context: str = TEST) -> Happening:
    return lambda team, pull: team.repo.status(pull.head, context, state)


def _run(**options: str) -> Happening:
    return lambda team, pull: team.repo.check_run(pull.head, team.ci, TEST, **options)  # type: ignore[arg-type]


def _ends(team: Team, pull: Pull) -> None:
    team.repo.check_suite(pull.head, team.ci, conclusion="action_required")


def _both(*happenings: Happening) -> Happening:
    return lambda team, pull: [happening(team, pull) for happening in happenings]


def _closed_and_opened(team: Team, pull: Pull) -> None:
    pull.close()
    team.settles()
    pull.reopen()


def _hold(team: Team, cases: Mapping[str, tuple[Happening, str]]) -> None:
    """A pull request for each case: nothing of it exists, and its check run says why."""
    pulls = {name: team.opens(f"topic-{number}") for number, name in enumerate(cases)}
    for name, (happens, _) in cases.items():
        happens(team, pulls[name])
    team.settles()
    said = {name: team.check(pull) for name, pull in pulls.items()}
    assert said == {name: ("queued", None, says) for name, (_, says) in cases.items()}
    team.waits(timedelta(seconds=31))
    for pull in pulls.values():
        assert (team.in_cluster(pull), pull.comments) == ([], [])
        team.nothing_more_happens(pull)


def test_nothing_exists_before_green(team: Team) -> None:
    cases = {
        "red": (_run(conclusion="failure"), "Held by check “test”: failure."),
        "running": (_run(status="in_progress"), "Waiting for check “test”."),
        "pending": (_status("pending"), "Waiting for check “test”."),
    }
    _hold(team, cases)


def test_no_checks_is_not_green__nothing_exists(team: Team, found: Founded) -> None:
    held = "Held by check “test”: action_required."
    _hold(team, {"approval": (_run(conclusion="action_required"), held), "opened": (_closed_and_opened, NOT_REPORTED)})
    suite = "Waiting for the checks of “ci” to start."
    cases = {
        "none": (lambda *_: None, "Waiting for checks: none has reported on this commit."),
        "no jobs": (_both(_status("success"), _ends), "Held by the checks of “ci”: action_required."),
        "held": (_run(conclusion="action_required"), held),
        "empty suite": (lambda team, pull: team.repo.check_suite(pull.head, team.ci), suite),
    }
    _hold(found(required=()), cases)


def test_required_missing_or_forged__nothing_exists(team: Team) -> None:
    _hold(team, {"another name": (_status("success", context="other"), NOT_REPORTED)})
    team.repo.require_checks([RequiredCheck(TEST, team.app.id + 1)])
    cases = {"another app": (_run(), NOT_REPORTED), "anybody": (_status("success"), NOT_REPORTED)}
    _hold(team, cases)


def test_same_name_status_and_check__nothing_exists(team: Team) -> None:
    cases = {
        "pending": (_both(_run(), _status("pending")), "Waiting for check “test”."),
        "red status": (_both(_run(), _status("error")), "Held by check “test”: error."),
        "red check": (_both(_run(conclusion="failure"), _status("success")), "Held by check “test”: failure."),
    }
    _hold(team, cases)


def test_late_registering_check__forty_seconds_after_all_was_green(found: Founded) -> None:
    team, late = found(required=()), "ci/circleci: build-1a2b3c4d"
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[2] == "All checks pass so far; waiting 60 s for late ones."

    team.bot.clock.skip(timedelta(seconds=40))
    team.repo.status(pull.head, late, "pending")
    team.settles()
    assert team.check(pull)[2] == f"Waiting for check “{late}”."
    team.waits(timedelta(minutes=5))
    assert team.in_cluster(pull) == []

    team.repo.status(pull.head, late)
    team.settles()
    assert team.check(pull)[2].endswith("is running.")
    team.nothing_more_happens(pull)


def test_late_registering_check__a_job_on_hold_that_is_not_required(team: Team) -> None:
    pull = team.opens()
    team.repo.status(pull.head, "ci/circleci: hold", "pending")
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: bool(team.in_cluster(pull)))


@pytest.mark.parametrize("own", [RequiredCheck("reviewbot"), None])
def test_own_suite_never_blocks__required_of_itself(team: Team, own: RequiredCheck | None) -> None:
    team.repo.protect([own or RequiredCheck("reviewbot", team.app.id)])
    pull = team.opens()
    team.settles()
    assert team.check(pull) == ("queued", None, NOT_REPORTED)
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: bool(team.in_cluster(pull)))


# Everything that is read before a commit is green, and how that can fail.
READS = ["pulls/1$", "contents/", "rules/branches/", "branches/main$", "statuses$", "check-runs$", "check-suites$"]
FAILURES = [answer(500, "Server Error"), cut, raw(200, b'[{"context": "te', "application/json")]


def test_api_error_means_not_green(found: Founded) -> None:
    team = found(required=())
    pull = team.opens()
    team.settles()
    said = team.check(pull)
    team.ci_passes(pull, image=False)
    team.bot.clock.skip(QUIET)
    for read, failure in zip(READS, itertools.cycle(FAILURES), strict=False):
        path = f"/{team.repo.id}/.*{read}"
        asked = len(team.repo.github.calls("GET", path))
        team.repo.github.before = Times(failure, "GET", path, times=10**6)
        team.bot.mailbox.poke(team.record(pull).ref)
        for _ in range(3):
            team.bot.advance()
        assert len(team.repo.github.calls("GET", path)) > asked, read
        assert (team.in_cluster(pull), team.check(pull)) == ([], said), read
    team.repo.github.before = None
    team.bot.clock.skip(timedelta(minutes=1))
    team.settles(until=lambda: bool(team.in_cluster(pull)))


def test_rerun_after_green(team: Team) -> None:
    pull = team.is_running()
    said, objects = team.comment(pull), team.objects(pull, "deployments", "services", "pods")
    for options in ({"status": "queued"}, {"conclusion": "failure"}):
        team.repo.check_run(pull.head, team.ci, TEST, **options)  # type: ignore[arg-type]
        team.settles()
        assert team.page(pull).status == 200
        assert team.comment(pull) == said
        assert team.objects(pull, "deployments", "services", "pods") == objects
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert "By now: Held by check “test”: failure." in team.summary(pull)
    team.nothing_more_happens(pull)


def test_empty_suite__beside_what_circleci_reports(found: Founded, town: Town) -> None:
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


def test_last_of_n_exactly_once(found: Founded) -> None:
    names = [f"job {number}" for number in range(30)]
    team = found(required=tuple(names))
    pull = team.opens()
    team.settles()
    team.cluster.sample_image(pull.head)
    late = Late(team.repo.github, about("check_run", "completed"))
    team.repo.github.carries = late
    for name in names:
        team.repo.check_run(pull.head, team.ci, name)
    team.repo.github.settle()
    assert len(late.held) == len(names)
    # All are green by now, and so is each of the events that tell of it, whichever is read first.
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(_post, delivery) for delivery in late.held]
        team.bot.settle()
    assert {answer.result() for answer in answers} == {202}
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert len(team.objects(pull, "deployments")) == 1
    assert (len(pull.comments), len(team.deployments(pull)), team.check_runs(pull)) == (1, 1, 1)
    # However many events come, what is written follows what is true: waiting, deploying at most, running.
    assert len([write for write in team.writes() if "check-runs" in write]) <= 4


def _post(delivery: Delivery) -> int:
    url = delivery.app.webhook_url or ""
    return requests.post(url, data=delivery.body, headers=delivery.headers, timeout=30).status_code


@pytest.mark.parametrize("call", [4, 10])
def test_head_moves_during_decision(team: Team, call: int) -> None:
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
