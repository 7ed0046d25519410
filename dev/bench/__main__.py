"""`make bench`: all of it, or the parts that ARGS names; the last lines are a table, ready to be pasted."""

import argparse
import sys
from collections.abc import Callable, Iterator

from dev.bench import costs, definitions, door, idle, size, speed, storm
from dev.bench.figures import Figure, table
from dev.cluster import SetupError

ROUNDS = 5
# What each part takes, roughly, on two cores that have nothing else to do: three quarters of an hour in all.
PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Figure]]] = {
    "speed": lambda asked: speed.figures(asked.rounds),  # 8 minutes
    "life": lambda _: costs.figures(),  # 1 minute
    "idle": lambda _: idle.figures(),  # seconds
    "definitions": lambda _: definitions.figures(),  # seconds
    "door": lambda _: door.figures(),  # 2 minutes
    "storm": lambda _: storm.figures(),  # 8 minutes
    "size": lambda asked: size.figures(asked.most),  # 19 minutes, most of them for the last of the sizes
}


def main() -> int:
    """0 when every part went through; no figure makes it fail."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="part", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of what people wait for")
    parser.add_argument("--most", type=int, default=size.SIZES[-1], help="open previews at most")
    asked = parser.parse_args()
    found: list[Figure] = []
    try:
        for part in asked.parts or PARTS:
            for figure in PARTS[part](asked):
                print(f"{part}: {figure}", flush=True)
                found.append(figure)
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(["", *table(found)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
