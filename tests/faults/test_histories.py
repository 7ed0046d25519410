"""Random histories; `make histories` tells many more."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from reviewbot.gateways import cluster as gateway
from reviewbot.model import RepositoryId
from tests.faults.calls import CLUSTER
from tests.faults.guard import Guard
from tests.faults.histories.expected import MAIN, NEXT, OLD, WIP
from tests.faults.histories.machine import LINT, History, Scene
from tests.faults.histories.mail import Mail
from tests.faults.histories.watch import Watch
from tests.faults.proxy import Proxy, serving
from tests.faults.ways import kubeconfig, to_cluster
from tests.stories.conftest import Founded, Town
from tests.stories.team import TEST, Team

CONFIG = ".github/reviewbot.yml"
_FEW = 3


@pytest.fixture
def admin(town: Town) -> Iterator[gateway.Cluster]:
    made = gateway.connect(town.cluster.kubeconfig)
    yield made
    made.close()


def _founds(found: Founded) -> Team:
    """A team with three branches that pull requests may be for, each with rules of its own."""
    team = found()
    config = team.repo.model.commits[team.repo.head()].files[CONFIG]
    assert isinstance(config, bytes)
    rules = f"{config.decode()}pull_requests: {{skip_labels: [{WIP}]%s}}\n"
    team.repo.push(MAIN, {CONFIG: rules % ""})
    team.repo.push(NEXT, {"next.txt": "1"})
    team.repo.push(OLD, {CONFIG: rules % f", branches: [{MAIN}, {NEXT}]"})
    team.repo.require_checks([TEST, LINT], NEXT)
    return team


def test_any_history_ends_as_the_model_says(found: Founded, town: Town, admin: gateway.Cluster, tmp_path: Path) -> None:
    proxy = Proxy(CLUSTER, to_cluster(town.accounts.controller))
    with serving(proxy) as address:
        account = kubeconfig(town.accounts.controller, address, tmp_path)
        watched = replace(town, accounts=replace(town.accounts, controller=account))

        class Watched(History):
            def __init__(self) -> None:
                team = _founds(found)
                team.another_bot = partial(watched.controller, RepositoryId(team.repo.id))
                team.bot = team.another_bot()
                watch = Watch(Guard(team, admin), admin, team.repo)
                proxy.meddler, town.github.before = watch.meets, watch.before
                mail = town.github.carries = Mail(town.github)
                self.scene = Scene(team, admin, watch, mail)
                super().__init__()

        run_state_machine_as_test(
            Watched,
            settings=settings(
                max_examples=_FEW if settings.default.derandomize else settings.default.max_examples,
                stateful_step_count=15,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
