"""`make sweep`: a fault at every point of every step of a pull request's life, shared out among lanes side by side."""

import argparse
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from dev.cluster import world
from tests.faults.lanes import ended, lanes, told
from tests.faults.play import Clean
from tests.faults.sweep import Plan
from tests.faults.tally import Tally, agreed, left_out, tally

# A lane waits most of its time: for pods, and for the second that GitHub wants between two writes.
_LANES = 8


def main() -> int:
    """0 when every point was reached and ended as a run without faults, and no secret was heard."""
    options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    options.add_argument("--lanes", type=int, default=_LANES, help=f"how many at once ({_LANES})")
    options.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th point (1)")
    chosen = options.parse_args()
    began = time.monotonic()
    with world(), lanes(chosen.lanes) as made:
        lives = [life for lane in made for _, life in told([lane])]
        clean = agreed(lives)
        todo = tally(clean, chosen.every)
        print(f"{todo.whole} points; lives without faults took {time.monotonic() - began:.0f} s", flush=True)
        print(f"left out: {left_out(lives, clean)} calls that only some of those lives make", flush=True)
        _sweep(todo, clean, made)
        leaks = ended(made)
    for point in todo.never_reached:
        print(f"never reached: {point}")
    for leak in leaks:
        print(f"SECRET {leak}")
    print(f"struck in whichever chapter the call was made: {todo.anywhere}")
    print(f"an older answer: at {todo.idle} of the points there was none yet")
    minutes = (time.monotonic() - began) / 60
    print(f"{todo.equal} of {todo.whole} points end as a run without faults, in {minutes:.0f} min")
    return 0 if todo.equal == todo.whole and not leaks else 1


def _sweep(todo: Tally, clean: Clean, made: Sequence[Connection]) -> None:
    began, idle, busy = time.monotonic(), list(made), dict[Connection, Plan]()
    while True:
        while idle and (plan := todo.plan()):
            idle[-1].send((plan, clean))
            busy[idle.pop()] = plan
        if not busy:
            return
        for lane, outcomes in told(busy):
            idle.append(lane)
            for problem in todo.count(busy.pop(lane), outcomes):
                print(f"DIFFERENT {problem}", flush=True)
            print(f"{todo.reached} of {todo.whole} after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
