"""However and whenever a pull request is closed, nothing of its preview is left, and GitHub says so once."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from dev.bot.install import SYSTEM, kubectl
from dev.github import Pull
from tests.stories.team import Team

Moment = Callable[[Team, Pull], None]
ALL = "pods,services,deployments,replicasets,statefulsets,jobs,cronjobs,networkpolicies,resourcequotas,rolebindings"
GONE = "The pull request was closed; nothing of its preview is left."


def _is_gone(team: Team, pull: Pull, says: str = GONE) -> None:
    assert team.in_cluster(pull) == []
    assert team.check(pull) == ("completed", "neutral", says)
    if pull.comments:
        assert says in team.comment(pull)
    team.nothing_more_happens(pull)


def _steps(number: int) -> Moment:
    def take(team: Team, _: Pull) -> None:
        for _step in range(number):
            team.bot.step()

    return take


def _until(holds: Callable[[Team, Pull], object]) -> Moment:
    return lambda team, pull: team.settles(until=lambda: bool(team.in_cluster(pull)) and bool(holds(team, pull)))


MOMENTS = {
    "just green": _steps(0),
    "one step": _steps(1),
    "two steps": _steps(2),
    "applied": _until(lambda team, pull: team.objects(pull, "services")),
    "ready": _until(lambda team, pull: team.look(pull, "endpointslices")["items"]),
    "routed": _until(lambda team, pull: team.objects(pull, "httproutes")),
    "serving": _until(lambda team, pull: team.record(pull).serving),
    "half told": _until(lambda team, pull: "is running" in (team.says(pull) or "")),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_closed_while_it_is_deployed(team: Team, moment: Moment) -> None:
    pull = team.opens()
    team.settles()
    team.ci_passes(pull)
    team.repo.github.settle()
    moment(team, pull)
    said = len(team.writes())
    pull.close()
    team.settles()
    _is_gone(team, pull)
    assert "is running" not in " ".join(team.told()[said:])


def test_merged(team: Team) -> None:
    pull = team.is_running()
    pull.merge()
    team.settles()
    _is_gone(team, pull, "The pull request was merged; nothing of its preview is left.")


def test_closed_before_anything_happened(team: Team) -> None:
    pull = team.opens()
    pull.close()
    team.settles()
    assert (team.in_cluster(pull), pull.comments) == ([], [])
    _is_gone(team, pull)


def test_reopened_after_it_was_closed(team: Team) -> None:
    pull = team.is_running()
    url, first = team.url(pull), team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    pull.close()
    team.settles()
    pull.reopen()
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.url(pull) == url
    assert team.page(pull).sha == pull.head
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    assert "is running" in team.comment(pull)
    team.nothing_more_happens(pull)


def test_reopened_while_the_namespace_is_going(team: Team) -> None:
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    pull.close()
    team.settles(until=lambda: team.record(pull).phase == "Closing")
    pull.reopen()
    team.settles()
    assert team.page(pull).sha == pull.head
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.record(pull).closed_at is None
    team.nothing_more_happens(pull)


def test_the_record_of_a_closed_pull_request_is_kept_for_a_week(team: Team) -> None:
    pull = team.opens()
    team.settles()
    pull.close()
    team.settles()
    team.waits(timedelta(days=6, hours=23))
    name = team.record(pull).ref.name
    said = team.writes()
    team.waits(timedelta(hours=2))
    assert kubectl(team.cluster, "get", "reviewapp", name, "-n", SYSTEM, "--ignore-not-found") == ""
    assert team.writes() == said


@pytest.mark.parametrize("annotations", [{}, {"reviewbot.dev/repository-id": "1", "reviewbot.dev/pull-request": "1"}])
def test_name_squatting(team: Team, annotations: dict[str, str]) -> None:
    pull = team.opens()
    metadata = {"name": team.namespace(pull), "annotations": annotations}
    theirs = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    kubectl(team.cluster, "create", "-f", "-", stdin=theirs)
    try:
        before = team.look(pull, "namespace", team.namespace(pull))["metadata"]
        team.ci_passes(pull, image=False)
        team.settles()
        assert team.check(pull)[:2] == ("completed", "failure")
        assert "is not ours" in team.summary(pull)
        assert team.look(pull, ALL)["items"] == []
        team.nothing_more_happens(pull)
        pull.close()
        team.settles()
        assert team.look(pull, "namespace", team.namespace(pull))["metadata"] == before
        assert team.check(pull)[1:] == ("neutral", GONE)
        team.nothing_more_happens(pull)
    finally:
        kubectl(team.cluster, "delete", "namespace", team.namespace(pull), "--wait=false")
