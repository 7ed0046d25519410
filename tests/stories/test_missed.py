"""Webhooks that failed, or never came: what a listing cannot replace is asked for again, the rest is found by it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from dev.bot.run import free_port
from dev.github.log import Delivery
from tests.stories.conftest import Founded, Town
from tests.stories.team import TEST, Team

RESYNC = timedelta(minutes=13)


@contextmanager
def _nobody_answers(team: Team) -> Iterator[None]:
    url = team.app.webhook_url
    team.app.webhook_url = f"http://127.0.0.1:{free_port()}/webhook"
    try:
        yield
        team.repo.github.settle()
    finally:
        team.app.webhook_url = url


def _again(team: Team) -> list[Delivery]:
    every = team.repo.github.deliveries
    return [each for each in every if each.redelivery and each.repository_id == team.repo.id]


def _starts(team: Team) -> None:
    team.restarts()
    team.settles()
    team.settles()


def test_missed_deliveries_recovered__after_a_start(team: Team) -> None:
    pull = team.opens()
    team.settles()
    with _nobody_answers(team):
        team.ci_passes(pull)
        other = team.opens("other")
        other.comment("What is this?", by="bob")
    _starts(team)
    assert sorted((each.event, each.action) for each in _again(team)) == [
        ("issue_comment", "created"),
        ("pull_request", "opened"),
    ]
    assert {each.status for each in _again(team)} == {"OK"}
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert team.says(other) == "Waiting for required check “test”, which has not reported."
    _starts(team)
    team.waits(RESYNC)
    assert len(_again(team)) == 2
    with _nobody_answers(team):
        other.close()
    team.waits(RESYNC)
    assert [each.action for each in _again(team)][2:] == ["closed"]


def test_missed_deliveries_recovered__none_ever_came(found: Founded, town: Town) -> None:
    # Not even that of the App's installation on the repository.
    town.github.loses = lambda _: True
    team = found()
    team.restarts()
    pull = team.opens(files={"topic.txt": secrets.token_hex(8)})
    team.waits(RESYNC)
    assert team.says(pull) == "Waiting for required check “test”, which has not reported."
    team.ci_passes(pull)
    team.waits(RESYNC)
    assert team.says(pull) == f"{pull.head[:7]} is running."
    first = pull.head
    pull.push({"topic.txt": secrets.token_hex(8)})
    team.waits(RESYNC)
    assert team.check(pull)[0] == "queued"
    assert team.page(pull).sha == first
    team.ci_passes(pull)
    team.waits(RESYNC)
    assert team.page(pull).sha == pull.head
    pull.close()
    team.waits(RESYNC)
    assert team.in_cluster(pull) == []
    assert team.says(pull) == "The pull request was closed; nothing of its preview is left."
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_what_is_said_of_a_check_is_looked_at_again(team: Team) -> None:
    pull = team.is_running()
    team.repo.check_run(pull.head, team.ci, TEST, conclusion="failure")
    team.settles()
    assert "By now: Held by check “test”: failure." in team.summary(pull)
    team.repo.github.loses = lambda _: True
    team.repo.check_run(pull.head, team.ci, TEST)
    team.waits(RESYNC)
    assert "By now" not in team.summary(pull)
    team.nothing_more_happens(pull)
