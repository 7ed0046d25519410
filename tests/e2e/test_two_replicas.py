"""Two of each process: any of them may be killed, frozen, cut off or told to stop, and nothing is lost or doubled."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from reviewbot.engine.lease import DURATION_SECONDS
from tests.e2e.replicas import Controller, Town, controllers, seconds_until, town

# The lease runs out, looks at it are a second apart, and then the start takes its time, on a busy machine too.
TAKEOVER_SECONDS = DURATION_SECONDS + 10


@pytest.fixture(scope="module")
def here(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(cluster, installed, tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def pair(here: Town, tmp_path: Path) -> Iterator[tuple[Controller, Controller]]:
    with controllers(here, tmp_path) as both:
        yield both


def test_a_receiver_and_a_leader_are_killed(here: Town, pair: tuple[Controller, Controller]) -> None:
    leader, other = pair
    here.delivers_to(1)
    pull = here.opens("killed")
    here.github.settle()
    # What it has answered with a 2xx is safe.
    here.webs[1][0].gets(signal.SIGKILL)
    here.delivers_to(0)
    here.ci_passes(pull)
    until(lambda: here.in_cluster(pull), "the deploy")
    leader.gets(signal.SIGKILL)
    assert seconds_until(lambda: other.ready, "takeover after kill -9") < TAKEOVER_SECONDS
    until(lambda: here.is_told_ready(pull), "the end of the deploy")
    assert here.serves(pull)
    assert here.is_told_once(pull)


def test_a_leader_that_is_told_to_stop_hands_over_at_once(here: Town, pair: tuple[Controller, Controller]) -> None:
    leader, other = pair
    pull = here.opens("stopped")
    here.ci_passes(pull)
    until(lambda: here.in_cluster(pull), "the deploy")
    leader.gets(signal.SIGTERM)
    assert seconds_until(lambda: other.ready, "takeover after SIGTERM") < DURATION_SECONDS / 2
    assert leader.ends() == 0
    until(lambda: here.is_told_ready(pull), "the end of the deploy")
    assert here.serves(pull)
    assert here.is_told_once(pull)


def test_frozen_leader(here: Town, pair: tuple[Controller, Controller]) -> None:
    leader, other = pair
    deployed, announced = here.opens("deployed"), here.opens("announced")
    until(lambda: here.says(deployed) and here.says(announced), "the check runs")
    # One worker is about to deploy, another to write a comment.
    looks = rf"GET /repositories/{here.repo.id}/pulls/{deployed.number}"
    comments = rf"GET /repositories/{here.repo.id}/issues/{announced.number}/comments"
    leader.github.hold(looks)
    leader.github.hold(comments)
    here.ci_passes(deployed)
    here.ci_passes(announced)
    until(lambda: leader.github.held(looks) and leader.github.held(comments), "two workers in the middle")
    leader.gets(signal.SIGSTOP)
    leader.github.release()
    deployed.close()
    assert seconds_until(lambda: other.ready, "takeover from a frozen leader") < TAKEOVER_SECONDS
    until(lambda: here.is_told_ready(announced), "the end of one deploy")
    until(lambda: "nothing of its preview is left" in here.says(deployed), "the last word on the other")
    said, there = leader.github.writes(), here.in_cluster(announced)
    leader.gets(signal.SIGCONT)
    assert leader.ends() == 1
    assert leader.github.writes() == said
    assert (here.in_cluster(deployed), here.in_cluster(announced)) == ("", there)
    assert here.is_told_once(announced)


def test_a_leader_that_cannot_renew_its_lease_stops_acting(here: Town, pair: tuple[Controller, Controller]) -> None:
    leader, _ = pair
    pull = here.opens("cut-off")
    until(lambda: here.says(pull), "the check run")
    comments = rf"GET /repositories/{here.repo.id}/issues/{pull.number}/comments"
    leader.github.hold(comments)
    here.ci_passes(pull)
    until(lambda: leader.github.held(comments), "a worker about to write a comment")
    said = leader.github.writes()
    leader.api.fall_silent()
    until(lambda: not leader.well, "it to say so")
    leader.github.release()
    assert leader.ends() == 1
    assert leader.github.writes() == said
