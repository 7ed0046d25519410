"""What GitHub shows as deployed: each commit that was, once, and as active only what serves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.wrappers import Response

from dev.github import Pull
from dev.github.faults import Times, answer, cut, raw
from dev.github.log import Exchange
from dev.github.reports import Deployment
from reviewbot.render.names import RELEASE
from tests.stories.team import Team

CRASHING = {"Procfile": "web: exit 3\n"}
SOUND = {"Procfile": "web: bin/shop\n"}
RESYNC = timedelta(minutes=13)
LACKING = "The App may not write deployments"


def _of(team: Team, sha: str) -> Deployment:
    (found,) = [each for each in team.repo.model.deployments.values() if each.sha == sha]
    return found


def _routed(team: Team, pull: Pull) -> str:
    """The release that has the address."""
    (route,) = team.look(pull, "httproutes")["items"]
    return str(route["metadata"]["labels"][RELEASE])


def _passes(team: Team, pull: Pull, changes: dict[str, str]) -> str:
    pull.push(changes)
    team.ci_passes(pull)
    team.settles()
    return pull.head


def _without_right(team: Team) -> dict[str, str]:
    """Take the right away before the bot has a token; what the installation had."""
    model = team.repo.github.installations[team.installation]
    had = dict(model.permissions)
    del model.permissions["deployments"]
    return had


def test_deployment_states(team: Team) -> None:
    pull = team.opens()
    team.settles()
    assert team.deployments(pull) == {}

    team.ci_passes(pull)
    team.settles()
    first = pull.head
    assert team.deployments(pull)[first] in (["in_progress", "success"], ["success"])
    made = _of(team, first)
    assert (made.environment, made.transient, made.production) == ("reviewbot", True, False)
    assert made.statuses[-1].environment_url == team.url(pull)
    assert made.statuses[-1].log_url.endswith(f"/pull/{pull.number}/checks")

    pull.push({"topic.txt": "2"})
    team.settles()
    assert team.active(pull) == [first]
    team.ci_passes(pull)
    team.settles()
    assert team.deployments(pull)[first][-2:] == ["success", "inactive"]
    assert team.active(pull) == [pull.head]
    assert pull.head != first
    said = team.deployments(pull)
    team.restarts()
    for _ in range(5):
        team.waits(RESYNC)
    team.nothing_more_happens(pull)
    assert team.deployments(pull) == said
    lengths = [len(status.description) for sha in said for status in _of(team, sha).statuses]
    assert 0 < max(lengths) <= 140

    pull.close()
    team.settles()
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_deployment_states__one_that_is_slow_is_in_progress_first(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: team.deployments(pull) == {pull.head: ["in_progress"]})
    team.cluster.sample_image(pull.head)
    team.settles(until=lambda: team.deployments(pull) == {pull.head: ["in_progress", "success"]})
    team.settles()
    team.nothing_more_happens(pull)


def test_deployment_states__of_what_serves_though_its_head_moved_on(team: Team) -> None:
    pull = team.is_running()
    for number in range(2):
        pull.push({"topic.txt": f"{number}"})
        team.ci_passes(pull)
        switched = pull.head
        # It has the address; whether it answers there has not been looked at, much less told.
        team.settles(until=lambda sha=switched: _routed(team, pull).startswith(sha[:7]))  # type: ignore[misc]
        pull.push({"topic.txt": f"{number}, and not tested"})
        team.settles()
        assert team.page(pull).sha == switched
        assert (team.active(pull), team.deployments(pull)[switched][-1]) == ([switched], "success")
        assert len(team.objects(pull, "deployments")) == 1
        team.nothing_more_happens(pull)


def test_deployment_states__of_a_draft_that_serves_or_has_nothing_left(team: Team) -> None:
    pull = team.is_running()
    pull.set_draft(True)
    team.settles()
    assert team.active(pull) == [pull.head]
    team.take(pull, "deployments", "--all")
    team.waits(RESYNC)
    assert team.active(pull) == []
    pull.set_draft(False)
    team.settles()
    team.runs(pull)
    assert team.active(pull) == [pull.head]
    team.nothing_more_happens(pull)


def test_deployment_states__a_failure_is_ended_by_the_next(team: Team) -> None:
    pull = team.is_running()
    first = pull.head
    pull.push(CRASHING)
    team.ci_passes(pull)
    bad = pull.head
    team.settles(until=lambda: team.deployments(pull).get(bad) == ["in_progress"])
    team.settles(until=lambda: "exit code 3" in (team.says(pull) or ""))
    team.waits(timedelta(minutes=10))
    assert team.deployments(pull)[bad] == ["in_progress", "failure"]
    assert team.deployments(pull)[first][-1] == "success"
    team.nothing_more_happens(pull)

    # Ten minutes passed for the bot alone; for one that lives in the cluster's time a new release is new.
    team.bot = team.another_bot()
    team.bot.resume()
    good = _passes(team, pull, SOUND)
    assert team.deployments(pull)[bad] == ["in_progress", "failure", "inactive"]
    assert team.deployments(pull)[first][-1] == "inactive"
    assert team.active(pull) == [good]
    team.nothing_more_happens(pull)


@pytest.mark.parametrize("reply", [cut, answer(502, "Bad Gateway")], ids=["cut", "502"])
def test_post_502_after_commit__of_a_deployment(team: Team, reply: Callable[[Exchange], Response | None]) -> None:
    refused: set[str] = set()

    def once(exchange: Exchange, _: Response) -> Response | None:
        if exchange.method != "POST" or "/deployments" not in exchange.path or exchange.path in refused:
            return None
        refused.add(exchange.path)
        return reply(exchange)

    team.repo.github.after = once
    pull = team.is_running()
    team.waits(timedelta(seconds=5))
    assert len(refused) == 2
    states = team.deployments(pull)[pull.head]
    assert len(states) == len(set(states))
    assert states[-1] == "success"
    team.nothing_more_happens(pull)


def test_another_controller_goes_on(team: Team) -> None:
    pull = team.is_running()
    for steps in (8, 10, 12, 14, 16):
        pull.push({"topic.txt": f"{steps} steps"})
        team.ci_passes(pull)
        team.repo.github.settle()
        for _ in range(steps):
            team.bot.advance()
        team.repo.github.after = Times(cut, "POST", "/deployments$", times=1)
        team.restarts()
        team.settles()
        team.repo.github.after = None
        assert team.active(pull) == [pull.head], steps
    pull.close()
    team.settles()
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_permissions_not_accepted__the_rest_works_and_the_check_says_so(team: Team) -> None:
    _without_right(team)
    pull = team.is_running()
    assert team.summary(pull).count(LACKING) == 1
    assert LACKING not in team.comment(pull)
    assert team.page(pull).sha == pull.head
    said = team.writes()
    team.waits(timedelta(hours=3))
    assert (team.writes(), team.deployments(pull)) == (said, {})
    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)


def test_once_the_right_is_granted_what_runs_is_shown(team: Team) -> None:
    had = _without_right(team)
    pull = team.is_running()
    team.repo.github.installations[team.installation].permissions = had
    team.restarts()
    team.waits(timedelta(hours=1, minutes=1))
    assert team.deployments(pull) == {pull.head: ["success"]}
    assert LACKING not in team.summary(pull)
    team.nothing_more_happens(pull)


def test_permissions_not_accepted__what_is_granted_is_used_at_once(team: Team) -> None:
    had = _without_right(team)
    pull = team.is_running()
    team.installed.accept_permissions(had)
    team.settles()
    assert team.deployments(pull) == {pull.head: ["success"]}
    assert LACKING not in team.summary(pull)
    team.nothing_more_happens(pull)


def test_permissions_not_accepted__nothing_until_what_it_needs_is_granted(team: Team) -> None:
    model = team.repo.github.installations[team.installation]
    had, model.permissions = model.permissions, {"metadata": "read", "pull_requests": "write"}
    pull = team.opens()
    team.ci_passes(pull)
    asked = team.asked()
    team.settles()
    team.waits(timedelta(minutes=10))
    assert (team.in_cluster(pull), team.asked() - asked < 20) == ([], True)
    team.installed.accept_permissions(had)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    team.nothing_more_happens(pull)


def test_a_right_that_is_taken_away_stops_nothing(team: Team) -> None:
    pull = team.is_running()
    first = pull.head
    model = team.repo.github.installations[team.installation]
    had, model.permissions = model.permissions, {**model.permissions, "deployments": "read"}
    team.restarts()
    second = _passes(team, pull, {"topic.txt": "2"})
    assert team.page(pull).sha == second
    assert LACKING in team.summary(pull)
    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []
    assert team.active(pull) == [first]
    model.permissions = had
    team.waits(timedelta(hours=1, minutes=1))
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_commit_comes_back(team: Team) -> None:
    pull = team.is_running()
    pull.close()
    team.settles()
    from_before = raw(200, b"[]", "application/json; charset=utf-8")
    team.repo.github.before = Times(from_before, "GET", "/deployments$", times=9)
    pull.reopen()
    team.settles()
    assert team.deployments(pull)[pull.head][-2:] == ["inactive", "success"]
    team.runs(pull)


def test_environment_leak(team: Team) -> None:
    pull = team.is_running()
    for _ in range(5):
        pull.close()
        team.settles()
        assert team.active(pull) == []
        pull.reopen()
        team.settles()
        assert team.active(pull) == [pull.head]
    other = team.is_running(branch="other")
    assert list(team.repo.model.environments) == ["reviewbot"]
    assert len(team.repo.model.deployments) == 2
    team.nothing_more_happens(pull)
    team.nothing_more_happens(other)
