"""Pull requests about which GitHub says nothing, or nothing that can be read, beside others in a whole controller."""

from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from dev.github import Pull
from reviewbot.gateways import cluster as gateway
from tests.faults.calls import GITHUB, Call
from tests.faults.hold import Hold
from tests.faults.lane import Lane, lane
from tests.faults.proxy import Answer, Moment


@pytest.fixture
def here(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    admin = gateway.connect(cluster.kubeconfig)
    with lane(cluster, installed, tmp_path_factory.mktemp("lane"), admin) as made:
        yield made
    admin.close()


def test_poison_pr__beside_others(here: Lane) -> None:
    team, controller = here.team, here.start()
    silent, garbled, *others = (team.opens(name) for name in ("silent", "garbled", "one", "two", "three"))
    poisonous = (silent, garbled)
    until(lambda: all(team.says(pull) for pull in (*poisonous, *others)), "the check runs")
    hold = Hold()
    kept = hold.at(GITHUB, _path(here, silent), Moment.ASKED)

    def meets(call: Call, moment: Moment, answer: Answer | None) -> Answer | None:
        hold(call, moment, answer)
        return Answer(200, body=b"<html>") if moment is Moment.DONE and call.path == _path(here, garbled) else None

    here.meddles(meets)
    for pull in (*poisonous, *others):
        team.ci_passes(pull)
    until(lambda: all(_runs(here, pull) for pull in others), "the others")
    assert controller.well
    assert not any(_runs(here, pull) or team.in_cluster(pull) for pull in poisonous)
    # Whoever looks for the reason finds it.
    until(lambda: all(_is_told(here, pull) for pull in poisonous), "a word on each")
    here.meddles()
    kept.release()
    until(lambda: all(_runs(here, pull) for pull in poisonous), "those too")


def _path(here: Lane, pull: Pull) -> str:
    return f"/repositories/{here.team.repo.id}/pulls/{pull.number}"


def _is_told(here: Lane, pull: Pull) -> bool:
    return f"pr-{here.team.repo.id}-{pull.number} waits: GitHub" in here.log.read_text()


def _runs(here: Lane, pull: Pull) -> bool:
    return here.team.says(pull) == f"{pull.head[:7]} is running."
