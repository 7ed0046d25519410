"""Whoever goes on, and whatever was lost on the way: the same end, one comment, one check run per head."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.wrappers import Response

from dev.github import Pull
from dev.github.faults import Times, answer, cut
from dev.github.log import Exchange
from dev.github.webhooks import redeliver
from tests.stories.team import Team

RESYNC = timedelta(minutes=13)


def test_a_controller_that_never_lives_long(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    team.repo.github.settle()
    for _ in range(8):
        team.bot.advance()
        team.restarts()
    team.settles()
    team.runs(pull)


def _all(_: object) -> bool:
    return True


def _green(team: Team, pull: Pull) -> None:
    team.ci_passes(pull)


def _pushed(team: Team, pull: Pull) -> None:
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)


@pytest.mark.parametrize("lost", [_green, _pushed])
def test_what_no_webhook_told_is_seen_by_the_listing(team: Team, lost: Callable[[Team, Pull], None]) -> None:
    pull = team.opens()
    team.settles()
    team.repo.github.loses = _all
    lost(team, pull)
    team.settles()
    assert team.in_cluster(pull) == []
    team.waits(RESYNC)
    team.runs(pull)


def test_a_pull_request_nobody_told_us_of(team: Team) -> None:
    team.settles()
    team.repo.github.loses = _all
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    team.waits(RESYNC)
    team.runs(pull)

    pull.close()
    team.settles()
    assert team.page(pull).status == 200
    team.waits(RESYNC)
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)


def test_late_events_change_nothing(team: Team) -> None:
    team.settles()
    github = team.repo.github
    github.loses = _all
    pull = team.opens()
    team.ci_passes(pull, image=False)
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull, image=False)
    pull.close()
    github.settle()
    github.loses = lambda _: False
    mine = [each for each in github.deliveries if each.repository_id == team.repo.id]
    for late in (mine[-1:], mine[:-1]):
        for delivery in reversed(late):
            redeliver(github, delivery)
        team.settles()
    assert (team.in_cluster(pull), pull.comments) == ([], [])
    assert team.check(pull)[2] == "The pull request was closed; nothing of its preview is left."
    team.nothing_more_happens(pull)


def test_one_comment_forever__one_that_somebody_deleted(team: Team) -> None:
    pull = team.is_running()
    (comment,) = pull.comments
    pull.delete_comment(comment.id)
    team.settles()
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    team.runs(pull)
    assert pull.comments[0].id != comment.id


@pytest.mark.parametrize("reply", [cut, answer(502, "Bad Gateway")], ids=["cut", "502"])
def test_post_502_after_commit__in_a_life(team: Team, reply: Callable[[Exchange], Response | None]) -> None:
    lost = Times(reply, "POST", rf"/{team.repo.id}/.*(check-runs|comments)$", times=2)
    team.repo.github.after = lost
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    team.runs(pull)
    made = [write for write in team.writes() if re.fullmatch(r"POST .*(check-runs|comments)", write)]
    assert len(made) == 2


@pytest.mark.parametrize("kind", ["POST", "PATCH", "GET"])
def test_github_stumbles_at_every_request(team: Team, kind: str) -> None:
    refused: set[str] = set()

    def once(exchange: Exchange) -> Response | None:
        if exchange.method != kind or exchange.path in refused:
            return None
        refused.add(exchange.path)
        return answer(503, "Service Unavailable")(exchange)

    team.repo.github.before = once
    pull = team.opens()
    team.settles()
    team.ci_passes(pull)
    for _ in range(5):
        team.waits(timedelta(minutes=1))
    team.runs(pull)
    assert refused
