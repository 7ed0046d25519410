"""A seeded sample of the sweep; `make sweep` runs every point."""

from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.play import Clean
from tests.faults.points import sample
from tests.faults.sweep import Sweeper, sweeping

# Of each step; and how many of all in a life are met, so that in three lives there are sixty.
_EACH, _REACHED = 3, 20


@pytest.fixture(scope="session")
def swept(
    cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Sweeper, Clean]]:
    """A lane of this test process, and what a clean life asks for and leaves there."""
    with sweeping(cluster, installed, tmp_path_factory.mktemp("sweep")) as sweeper:
        yield sweeper, sweeper.clean()


@pytest.mark.keeps("kill9_every_call_create", "kill9_every_call_update", "kill9_every_call_teardown", "sigterm_drains")
@pytest.mark.parametrize("seed", range(3))
def test_a_life_with_faults_in_every_step_ends_as_one_without(swept: tuple[Sweeper, Clean], seed: int) -> None:
    sweeper, clean = swept
    outcomes = sweeper.life(sample(clean.places, seed, _EACH), clean)
    assert [each.problem for each in outcomes if each.problem] == []
    # What comes after one fault is not always what came before there was one.
    assert sum(each.reached for each in outcomes) >= _REACHED
