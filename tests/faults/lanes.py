"""Lanes in processes of their own, each at the other end of a pipe: a plan in, its outcomes out."""

import logging
import multiprocessing
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from dev.bot.install import install
from dev.cluster import world
from tests import canaries
from tests.faults.sweep import sweeping

# Only a bound, for one life in one lane.
_LIFE_SECONDS = 1200


@contextmanager
def lanes(number: int) -> Iterator[Sequence[Connection]]:
    """So many lanes. Each tells its clean run first, then what came of each pair of a plan and the clean run, and last,
    asked for nothing, which secrets were heard from it.
    """
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(number)]
    processes = [context.Process(target=_work, args=(theirs,)) for _, theirs in pipes]
    for process, (_, theirs) in zip(processes, pipes, strict=True):
        process.start()
        theirs.close()
    try:
        yield [ours for ours, _ in pipes]
    finally:
        for ours, _ in pipes:
            with suppress(BrokenPipeError):
                ours.send(None)
        for process in processes:
            process.join(_LIFE_SECONDS)


def told(busy: Collection[Connection]) -> Iterator[tuple[Connection, Any]]:
    """What those lanes tell that are the next to tell anything. RuntimeError once one has died, or all are silent."""
    if not (ready := wait(busy, _LIFE_SECONDS)):
        raise RuntimeError(f"no lane told anything for {_LIFE_SECONDS} seconds")
    for each in ready:
        assert isinstance(each, Connection)
        try:
            yield each, each.recv()
        except (EOFError, ConnectionResetError):
            raise RuntimeError("a lane has died; it said why above, if it could") from None


def ended(made: Sequence[Connection]) -> list[str]:
    """Have them end; which secrets were heard from them."""
    for lane in made:
        lane.send(None)
    return [leak for lane in made for _, leaks in told([lane]) for leak in leaks]


def _work(asked: Connection) -> None:
    """A lane's process: a life without faults first, then one for each plan."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with world() as cluster, tempfile.TemporaryDirectory(prefix="reviewbot-sweep-") as temporary:
        folder = Path(temporary)
        with sweeping(cluster, install(cluster, folder), folder) as sweeper:
            asked.send(sweeper.clean())
            for plan, clean in iter(asked.recv, None):
                asked.send(sweeper.life(plan, clean))
        asked.send(canaries.taken())
