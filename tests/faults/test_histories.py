"""Random histories; `make histories` tells many more. The number of one is the seed that it is made with."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from reviewbot.gateways import cluster as gateway
from reviewbot.model import RepositoryId
from tests.faults.calls import CLUSTER
from tests.faults.guard import Guard
from tests.faults.histories.deeds import LINT
from tests.faults.histories.expected import MAIN, NEXT, OLD, WIP
from tests.faults.histories.machine import History
from tests.faults.histories.mail import Mail
from tests.faults.histories.scene import Scene
from tests.faults.histories.watch import Watch
from tests.faults.proxy import Proxy, serving
from tests.faults.ways import kubeconfig, to_cluster
from tests.stories.conftest import Founded, Town
from tests.stories.team import TEST, Team

CONFIG = ".github/reviewbot.yml"
STEPS = 15


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    first, _, count = metafunc.config.getoption("histories").partition("+")
    metafunc.parametrize("number", range(int(first), int(first) + int(count)))


@pytest.fixture
def scene(found: Founded, town: Town, tmp_path: Path) -> Iterator[Callable[[], Scene]]:
    """Sets a scene, in which whatever the bot does is watched."""
    admin, proxy = gateway.connect(town.cluster.kubeconfig), Proxy(CLUSTER, to_cluster(town.accounts.controller))

    def set_scene() -> Scene:
        team = _founds(found)
        team.another_bot = partial(watched.controller, RepositoryId(team.repo.id))
        team.bot = team.another_bot()
        watch, mail = Watch(Guard(team, admin), admin, team.repo), Mail(town.github)
        proxy.meddler, town.github.before, town.github.carries = watch.meets, watch.before, mail
        return Scene(team, admin, watch, mail)

    with serving(proxy) as address:
        account = kubeconfig(town.accounts.controller, address, tmp_path)
        watched = replace(town, accounts=replace(town.accounts, controller=account))
        yield set_scene
    admin.close()


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
    team.repo.require_checks([TEST], OLD)
    return team


def test_any_history_ends_as_the_model_says(scene: Callable[[], Scene], number: int) -> None:
    one = settings(
        max_examples=1,
        stateful_step_count=STEPS,
        # To find a shorter one that fails would take many.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(lambda: History(scene)), settings=one)  # type: ignore[arg-type]
