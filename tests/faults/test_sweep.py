"""A seeded sample of the sweep; `make sweep` runs every point."""

from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.play import Clean
from tests.faults.points import sample
from tests.faults.sweep import STEPS, Sweeper, sweeping


@pytest.fixture(scope="session")
def swept(
    cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Sweeper, Clean]]:
    """A lane of this test process, and what a clean life asks for and leaves there."""
    with sweeping(cluster, installed, tmp_path_factory.mktemp("sweep")) as sweeper:
        yield sweeper, sweeper.clean()


@pytest.mark.parametrize("seed", range(9))
def test_a_life_with_a_fault_in_every_step_ends_as_one_without(swept: tuple[Sweeper, Clean], seed: int) -> None:
    sweeper, clean = swept
    outcomes = sweeper.life(sample(clean.places, seed), clean)
    assert [each.problem for each in outcomes if each.problem] == []
    # What a busy machine does too fast, or at another moment, is not met.
    assert sum(each.reached for each in outcomes) >= len(STEPS) - 1
