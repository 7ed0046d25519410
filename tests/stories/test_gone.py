"""What the App no longer sees: asleep, moved, archived or gone. Nothing is torn down that only could not be seen."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dev.github import Pull
from dev.github.faults import Times, answer, raw
from dev.github.webhooks import redeliver
from reviewbot.reconcile.missing import GONE_AFTER
from tests.stories.conftest import SISTER, Town
from tests.stories.team import Team

RESYNC = timedelta(minutes=13)
Way = Callable[[Team], None]


def _pushes(team: Team, pull: Pull, what: str = "more") -> None:
    pull.push({"topic.txt": what})
    team.ci_passes(pull)


def _silence(team: Team) -> None:
    team.repo.github.loses = lambda _: True


GONE: dict[str, Way] = {
    "uninstalled": lambda team: team.installed.uninstall(),
    "taken out of the installation": lambda team: team.installed.remove(team.repo),
    "deleted": lambda team: team.repo.delete(),
    "transferred to a stranger": lambda team: team.repo.transfer("stranger"),
}


@pytest.mark.parametrize("way", GONE.values(), ids=GONE.keys())
def test_app_removed_suspended_deleted__goes_once_that_is_sure(town: Town, team: Team, way: Way) -> None:
    town.github.install(town.app, "stranger")
    pull = team.is_running()
    # A token that was just made would be tried for a while before it is let go.
    team.waits(timedelta(minutes=1))
    said, asked = team.writes(), team.asked()
    way(team)
    team.settles()
    team.waits(GONE_AFTER / 2)
    assert len(team.in_cluster(pull)) == 2
    team.waits(GONE_AFTER / 2)
    assert team.in_cluster(pull) == []
    assert (team.record(pull).phase, team.record(pull).reason) == ("Closed", "Gone")
    assert team.writes() == said
    assert team.asked() - asked < 10


def test_app_removed_suspended_deleted__asleep_is_left_in_peace(team: Team) -> None:
    pull = team.is_running()
    team.installed.suspend()
    _pushes(team, pull)
    team.restarts()
    asked = team.asked()
    team.settles()
    team.waits(timedelta(minutes=10))
    assert team.asked() - asked < 10
    assert team.page(pull).status == 200
    team.installed.unsuspend()
    team.settles()
    team.runs(pull)


def test_app_removed_suspended_deleted__what_it_was_about_to_say_is_said_when_it_wakes(team: Team) -> None:
    pull = team.is_running()
    pull.close()
    team.settles(until=lambda: team.status(pull).get("phase") == "Closed")
    team.installed.suspend()
    team.settles()
    assert team.active(pull) == [pull.head]
    team.installed.unsuspend()
    team.settles()
    assert team.check(pull)[1] == "neutral"
    assert "removed" in team.comment(pull)
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_app_removed_suspended_deleted__archived_is_written_to_no_more(team: Team) -> None:
    pull = team.is_running()
    said, asked = team.writes(), team.asked()
    team.repo.archive()
    team.settles()
    assert team.in_cluster(pull) == []
    team.waits(timedelta(minutes=10))
    team.restarts()
    team.settles()
    assert (team.record(pull).reason, team.writes()) == ("Archived", said)
    assert team.asked() - asked < 10
    team.repo.unarchive()
    team.settles()
    team.runs(pull)


@pytest.mark.parametrize("steps", [2, 5])
def test_rename_transfer__renamed_while_it_is_deployed(team: Team, steps: int) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    team.repo.github.settle()
    for _ in range(steps):
        team.bot.advance()
    team.repo.rename(f"{team.repo.model.name}-2")
    team.settles()
    url, first = team.url(pull), team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    _pushes(team, pull)
    team.settles()
    assert team.url(pull) == url
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] == first
    team.runs(pull)


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_rename_transfer__to_another_installation(town: Town, team: Team, told: bool) -> None:
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    opened = next(
        each for each in town.github.deliveries if each.repository_id == team.repo.id and each.action == "opened"
    )
    new = town.github.install(town.app, SISTER, only=[])
    new.model.repository_ids.add(team.repo.id)
    if not told:
        _silence(team)
    team.repo.transfer(SISTER)
    _pushes(team, pull)
    team.settles()
    team.waits(RESYNC)
    assert team.record(pull).ref.installation == new.id
    team.runs(pull)
    town.github.loses = lambda _: False
    redeliver(town.github, opened)
    team.settles()
    assert team.record(pull).ref.installation == new.id
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] == first
    team.runs(pull)


def test_absence_is_not_closure__a_pull_request_out_of_sight(team: Team) -> None:
    pull = team.is_running()
    not_found = Times(answer(404, "Not Found"), "GET", rf"/{team.repo.id}/pulls/{pull.number}$", times=1000)
    team.repo.github.before = not_found
    _pushes(team, pull)
    team.settles()
    team.waits(GONE_AFTER / 2)
    team.repo.github.before = None
    team.waits(GONE_AFTER / 2)
    assert "missingSince" not in team.status(pull)
    team.runs(pull)

    team.repo.github.before = not_found
    team.repo.check_run(pull.head, team.ci, "more")
    team.settles()
    team.waits(GONE_AFTER)
    assert (team.in_cluster(pull), team.record(pull).reason) == ([], "Gone")
    team.repo.github.before = None
    team.waits(RESYNC)
    team.runs(pull)


BLIND = {
    "errors": Times(answer(500, "Server Error"), times=10**6),
    "empty lists": Times(raw(200, b"[]", "application/json"), "GET", "(pulls|statuses|runs|suites|comments)$", 10**6),
    "nothing but empty lists": Times(raw(200, b"[]", "application/json"), "GET", times=10**6),
    "no rights": Times(answer(403, "Resource not accessible by integration"), times=10**6),
    "bad credentials": Times(answer(401, "Bad credentials"), times=10**6),
}


def test_absence_is_not_closure__an_hour_without_sight(team: Team) -> None:
    pull = team.is_running()
    for what, trouble in BLIND.items():
        first = pull.head
        team.repo.github.before = trouble
        _pushes(team, pull, what)
        team.restarts()
        for _ in range(4):
            team.waits(timedelta(minutes=15))
        served, missing = team.page(pull).sha, "missingSince" in team.status(pull)
        assert (served in {first, pull.head}, missing) == (True, False), what
        team.repo.github.before = None
        team.waits(RESYNC)
        team.runs(pull)
