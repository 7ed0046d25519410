"""`make sweep`: a fault at every point of every step of a pull request's life, shared out among lanes side by side."""

import argparse
import logging
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from dev.bot.install import install
from dev.cluster import world
from tests.faults.sweep import sweeping
from tests.faults.tally import Tally, agreed, tally

# A lane waits most of its time: for pods, and for the second that GitHub wants between two writes.
_LANES = 8
# Only a bound, for one life in one lane.
_LIFE_SECONDS = 1200


def main() -> int:
    """0 when every point was reached and ended as a run without faults."""
    options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    options.add_argument("--lanes", type=int, default=_LANES, help=f"how many at once ({_LANES})")
    options.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th point (1)")
    chosen = options.parse_args()
    began = time.monotonic()
    with world(), _lanes(chosen.lanes) as (plans, results):
        clean = agreed([results.get(timeout=_LIFE_SECONDS) for _ in range(chosen.lanes)])
        todo = tally(clean, chosen.every)
        print(f"{todo.whole} points; lives without faults took {time.monotonic() - began:.0f} s", flush=True)
        _sweep(todo, clean, plans, results, chosen.lanes)
    for point in todo.never_reached:
        print(f"never reached: {point}")
    minutes = (time.monotonic() - began) / 60
    print(f"{todo.equal} of {todo.whole} points end as a run without faults, in {minutes:.0f} min")
    return 0 if todo.equal == todo.whole else 1


def _sweep(todo: Tally, clean: Any, plans: Any, results: Any, lanes: int) -> None:
    began, given = time.monotonic(), 0
    while True:
        while given < lanes and (plan := todo.plan()):
            plans.put((plan, clean))
            given += 1
        if not given:
            return
        plan, outcomes = results.get(timeout=_LIFE_SECONDS)
        given -= 1
        for problem in todo.count(plan, outcomes):
            print(f"DIFFERENT {problem}", flush=True)
        print(f"{todo.reached} of {todo.whole} after {time.monotonic() - began:.0f} s", flush=True)


@contextmanager
def _lanes(number: int) -> Iterator[tuple["Queue[Any]", "Queue[Any]"]]:
    context = multiprocessing.get_context("spawn")
    plans, results = context.Queue(), context.Queue()
    lanes = [context.Process(target=_work, args=(plans, results)) for _ in range(number)]
    for each in lanes:
        each.start()
    try:
        yield plans, results
    finally:
        for _ in lanes:
            plans.put(None)
        for each in lanes:
            each.join(_LIFE_SECONDS)


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


if __name__ == "__main__":
    sys.exit(main())
