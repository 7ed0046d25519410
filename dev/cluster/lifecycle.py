"""Having a cluster when one is needed: reuse the running one, else start one in the background."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.cluster import holder, images, prerequisites, supervisor
from dev.cluster.cluster import Cluster, from_environment, load
from dev.cluster.errors import SetupError
from dev.cluster.locks import locked, open_lock, share_lock, try_lock
from dev.cluster.paths import REPOSITORY, world_dir
from dev.cluster.tools import ensure_tools

STOP_SECONDS = 60
LOG, ERRORS = "world.log", "world.err"
# Popen complains about a child that outlives its object; ours may outlive this whole program.
_BACKGROUND: list[subprocess.Popen[bytes]] = []
# Present while nobody asked for the cluster to stay.
PASSING = "passing"


def current() -> Cluster | None:
    """The running local cluster of this user, if any."""
    world = world_dir()
    running = holder.read()
    if running is None or running.world != str(world) or not running.alive():
        return None
    return load(world)


def ensure_up() -> Cluster:
    """A cluster that stays up until `down`: the user's own, the running one, or a new one."""
    return from_environment() or _running_or_new(passing=False)


@contextmanager
def world() -> Iterator[Cluster]:
    """A cluster for a block of code; one started for it goes when the last such block ends."""
    brought = from_environment()
    if brought:
        yield brought
        return
    folder = _folder()
    users = open_lock(folder / "users.lock")
    try:
        share_lock(users)
        yield _running_or_new(passing=True)
    finally:
        if (folder / PASSING).exists() and try_lock(users):
            down()
        os.close(users)


def down() -> bool:
    """Stop the local cluster; False if there is none."""
    running = holder.read()
    if running is None or not running.alive():
        return False
    if running.world != str(world_dir()):
        raise SetupError(f"The running cluster belongs to {running.world}: set REVIEWBOT_WORLD to it to stop it.")
    prerequisites.require_root()
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running.alive():
        if time.monotonic() > deadline:
            raise SetupError(f"The local cluster (process {running.pid}) did not stop in {STOP_SECONDS} s.")
        time.sleep(0.05)
    for process in _BACKGROUND:
        process.poll()
    return True


def _folder() -> Path:
    prerequisites.require_root()
    folder = world_dir()
    supervisor.check_folder(folder)
    return folder


def _running_or_new(passing: bool) -> Cluster:
    folder = _folder()
    with locked(folder / "start.lock", "waiting for a cluster that is being started ..."):
        cluster = current()
        if cluster is None:
            cluster = _await(folder, None if _starting(folder) else _start(folder))
            if passing:
                (folder / PASSING).touch()
        if not passing:
            (folder / PASSING).unlink(missing_ok=True)
        return cluster


def _starting(folder: Path) -> bool:
    # Whoever wanted it may have been killed before it was ready.
    running = holder.read()
    return running is not None and running.world == str(folder) and running.alive()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    # Here and not in the background, so that the progress of a long build is seen.
    ensure_tools()
    images.sample_binary()
    with (folder / LOG).open("wb") as out, (folder / ERRORS).open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "dev.cluster", "run"],
            cwd=REPOSITORY,
            env=os.environ | {"REVIEWBOT_WORLD": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    _BACKGROUND.append(process)
    return process


def _await(folder: Path, process: subprocess.Popen[bytes] | None) -> Cluster:
    try:
        with (folder / LOG).open() as progress:
            while True:
                ended = process.poll() is not None if process else not _starting(folder)
                print(progress.read(), end="", flush=True)
                if ended:
                    why = (folder / ERRORS).read_text().strip()
                    raise SetupError(why or f"The local cluster did not start: see {folder / LOG}.")
                cluster = current()
                if cluster:
                    return cluster
                time.sleep(0.1)
    except KeyboardInterrupt:
        if process:
            process.terminate()
            process.wait()
        raise
