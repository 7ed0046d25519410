"""A seeded sample of the sweep; `make sweep` runs every point."""

import itertools
from pathlib import Path

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.points import sample
from tests.faults.sweep import Outcome, sweeping

# Of each step in a life; and how many are met in all, in as many lives as that takes: what comes after one fault is not
# always what came before there was one.
_EACH, _MET = 9, 60


@pytest.mark.timeout(900)
@pytest.mark.keeps("kill9_every_call_create", "kill9_every_call_update", "kill9_every_call_teardown", "sigterm_drains")
def test_lives_with_faults_in_every_step_end_as_one_without(
    cluster: Cluster, installed: Accounts, tmp_path: Path
) -> None:
    met: list[Outcome] = []
    with sweeping(cluster, installed, tmp_path) as sweeper:
        clean, seeds = sweeper.clean(), itertools.count()
        while len(met) < _MET:
            life = sweeper.life(sample(clean.places, next(seeds), _EACH), clean)
            met += [each for each in life if each.reached]
            assert [each.problem for each in met if each.problem] == []
