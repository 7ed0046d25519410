"""A sample of the calls of a deploy, before which the pull request is closed or pushed to."""

import itertools
import random
from pathlib import Path

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.meanwhile import closed, places, pushed
from tests.faults.sweep import sweeping

_TRIES = 5


def test_closed_or_pushed_while_deploying(cluster: Cluster, installed: Accounts, tmp_path: Path) -> None:
    drawn, numbers = random.Random(8), itertools.count(1)  # noqa: S311 - to be the same in every run
    with sweeping(cluster, installed, tmp_path) as sweeper:
        known = places(sweeper.player, next(numbers))
        for move in (closed, pushed):
            # What a busy machine does too fast, or at another moment, is not met.
            tried = (move(sweeper.player, next(numbers), place) for place in drawn.sample(known, _TRIES))
            assert any(tried), move.__name__
