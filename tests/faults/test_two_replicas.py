"""Two controllers, as an installation that must not stop runs them: one may be killed, frozen, cut off or told to stop,
and nothing is lost or doubled.
"""

import signal
from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from dev.github import Pull
from reviewbot.gateways import cluster as gateway
from tests.faults.calls import CLUSTER, GITHUB
from tests.faults.hold import Hold
from tests.faults.lane import Lane, lane
from tests.faults.process import Controller
from tests.faults.proxy import Moment
from tests.faults.state import Look
from tests.stories.team import Team

_GONE = "nothing of its preview is left"


@pytest.fixture(scope="module")
def here(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    admin = gateway.connect(cluster.kubeconfig)
    with lane(cluster, installed, tmp_path_factory.mktemp("lane"), admin) as made:
        yield made
    admin.close()


@pytest.fixture
def leader(here: Lane) -> Iterator[Controller]:
    started = here.start()
    until(lambda: started.ready, "a leader")
    yield started
    here.stop()


@pytest.fixture
def hold(here: Lane) -> Iterator[Hold]:
    yield Hold()
    here.meddles()


@pytest.fixture
def other(here: Lane, leader: Controller) -> Controller:
    assert leader.ready
    started = here.start()
    until(lambda: started.well, "another controller")
    assert not started.ready
    return started


def test_a_leader_is_killed(here: Lane, leader: Controller, other: Controller) -> None:
    pull = here.team.opens("killed")
    here.team.ci_passes(pull)
    until(lambda: here.team.in_cluster(pull), "the deploy")
    leader.dies()
    until(lambda: other.ready, "another to lead")
    _ends_well(here, pull)


def test_a_leader_that_is_told_to_stop_hands_over(here: Lane, leader: Controller, other: Controller) -> None:
    pull = here.team.opens("stopped")
    here.team.ci_passes(pull)
    until(lambda: here.team.in_cluster(pull), "the deploy")
    held = here.holder()
    leader.gets(signal.SIGTERM)
    assert leader.ends() == 0
    # The other need not wait until it has run out.
    assert here.holder() != held
    until(lambda: other.ready, "another to lead")
    _ends_well(here, pull)


def test_frozen_leader(hold: Hold, here: Lane, leader: Controller, other: Controller) -> None:
    team = here.team
    deployed, announced = team.opens("deployed"), team.opens("announced")
    until(lambda: team.says(deployed) and team.says(announced), "the check runs")
    # One worker is about to deploy, another to write a comment; what they were told is as things are before the close.
    here.meddles(hold)
    looks = hold.at(GITHUB, rf"/repositories/{team.repo.id}/pulls/{deployed.number}", Moment.DONE)
    comments = hold.at(GITHUB, _comments(team, announced), Moment.DONE)
    team.ci_passes(deployed)
    team.ci_passes(announced)
    until(lambda: looks.caught.is_set() and comments.caught.is_set(), "two workers in the middle")
    leader.freezes()
    looks.release()
    comments.release()
    deployed.close()
    until(lambda: other.ready, "another to lead")
    _ends_well(here, announced)
    until(lambda: _GONE in (team.says(deployed) or ""), "the last word on the other")
    said, there = team.writes(), _versions(here, announced)
    leader.gets(signal.SIGCONT)
    assert leader.ends() == 1
    assert (team.writes(), team.in_cluster(deployed), _versions(here, announced)) == (said, [], there)


def test_a_leader_that_cannot_renew_its_lease_stops_acting(hold: Hold, here: Lane, leader: Controller) -> None:
    team = here.team
    pull = team.opens("cut-off")
    until(lambda: team.says(pull), "the check run")
    here.meddles(hold)
    comments = hold.at(GITHUB, _comments(team, pull), Moment.DONE)
    team.ci_passes(pull)
    until(comments.caught.is_set, "a worker about to write a comment")
    said = team.writes()
    # The cluster falls silent.
    cluster = hold.at(CLUSTER, ".*", Moment.ASKED)
    until(lambda: not leader.well, "it to say so")
    comments.release()
    assert leader.ends() == 1
    cluster.release()
    assert team.writes() == said


def _comments(team: Team, pull: Pull) -> str:
    return f"/repositories/{team.repo.id}/issues/{pull.number}/comments"


def _ends_well(here: Lane, pull: Pull) -> None:
    team, look = here.team, Look(here.team, here.guard.admin)
    until(lambda: team.says(pull) == f"{pull.head[:7]} is running." and look.at_rest(pull), "the end of the deploy")
    assert "**Preview of Shop: ready**" in team.comment(pull)
    assert (team.page(pull).sha, team.check_runs(pull)) == (pull.head, 1)
    assert {sha: states[-1] for sha, states in team.deployments(pull).items()} == {pull.head: "success"}


def _versions(here: Lane, pull: Pull) -> list[tuple[str, str, int]]:
    kinds = "deployments,services,httproutes,secrets,networkpolicies"
    metadata = [each["metadata"] for each in here.team.look(pull, kinds)["items"]]
    return [(each["name"], each["uid"], each.get("generation", 0)) for each in metadata]
