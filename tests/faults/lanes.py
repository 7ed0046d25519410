"""Lanes in processes of their own: plans in, outcomes out."""

import logging
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from dev.bot.install import install
from dev.cluster import world
from tests.faults.sweep import sweeping

# Only a bound, for one life in one lane.
LIFE_SECONDS = 1200


@contextmanager
def lanes(number: int) -> Iterator[tuple["Queue[Any]", "Queue[Any]"]]:
    """So many lanes, and two queues: of pairs of a plan and the clean run, and of what came of them.

    The first thing that each lane tells is its own clean run.
    """
    context = multiprocessing.get_context("spawn")
    plans, results = context.Queue(), context.Queue()
    processes = [context.Process(target=_work, args=(plans, results)) for _ in range(number)]
    for each in processes:
        each.start()
    try:
        yield plans, results
    finally:
        for _ in processes:
            plans.put(None)
        for each in processes:
            each.join(LIFE_SECONDS)


def _work(plans: "Queue[Any]", results: "Queue[Any]") -> None:
    """A lane's process: a life without faults first, then one for each plan."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with world() as cluster, tempfile.TemporaryDirectory(prefix="reviewbot-sweep-") as temporary:
        folder = Path(temporary)
        with sweeping(cluster, install(cluster, folder), folder) as sweeper:
            results.put(sweeper.clean())
            while given := plans.get():
                plan, clean = given
                results.put((plan, sweeper.life(plan, clean)))
