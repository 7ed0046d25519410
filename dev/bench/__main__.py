"""`make bench`: rounds of both ways in turn, so that the ratio holds on a busy machine; medians of the rounds."""

import argparse
import sys
from statistics import median

from dev.bench import costs, definitions, idle
from dev.bench.ours import Life, live
from dev.bench.plain import seconds_to_answer
from dev.cluster import SetupError
from dev.demo.shown import Visitor
from dev.demo.stage import Stage, stage

ROUNDS = 5


def main() -> int:
    """0 when every round went through; no figure makes it fail."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    try:
        with stage() as here:
            for line in [
                *table(*measure(here, rounds)),
                *costs.table(costs.life(here)),
                *idle.table(),
                *definitions.table(),
            ]:
                print(line, flush=True)
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def measure(here: Stage, rounds: int) -> tuple[list[Life], list[float]]:
    """Lives through reviewbot, and as many times the plain way."""
    visitor = Visitor(here.cluster)
    try:
        # The first of each kind pays for connections, tokens and caches.
        warm = live(here, visitor, 0)
        print(f"warming up: {warm.green_to_answer:.2f} s", flush=True)
        plain, lives = [], []
        for number in range(1, rounds + 1):
            plain.append(seconds_to_answer(here, visitor, number, f"{number:040x}"))
            lives.append(live(here, visitor, number))
            print(f"round {number}: reviewbot {lives[-1].green_to_answer:.2f} s, plain {plain[-1]:.2f} s", flush=True)
        return lives, plain
    finally:
        visitor.close()


def table(lives: list[Life], plain: list[float]) -> list[str]:
    """The figures as people read them."""
    ratios = [life.green_to_answer / each for life, each in zip(lives, plain, strict=True)]
    probes, wrong = sum(life.probes for life in lives), sum(life.wrong for life in lives)
    return [
        f"last check green to the address answering: {_spread([life.green_to_answer for life in lives])}",
        f"  kubectl apply + rollout status + polling: {_spread(plain)}",
        f"  ratio, pair by pair:                      {_spread(ratios, unit='x')}",
        f"push, green to the new page:                {_spread([life.push_to_answer for life in lives])}",
        f"  without the right page: {wrong * 0.05:.2f} s ({wrong} of {probes} probes, one every 50 ms)",
        f"close to namespace gone:                    {_spread([life.close_to_gone for life in lives])}",
    ]


def _spread(values: list[float], unit: str = "s") -> str:
    return f"{median(values):.2f} {unit} (median of {len(values)}, {min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    sys.exit(main())
