"""The process that owns a cluster: takes the machine's lock, starts the world, and clears up after it.

If it is killed, the kernel kills the world with it; what that leaves on the machine, the next one clears.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from dev.cluster import holder, machine, prerequisites
from dev.cluster.errors import SetupError
from dev.cluster.locks import open_lock, try_lock
from dev.cluster.paths import REPOSITORY, SHADOWED
from dev.cluster.tools import ensure_tools

MARK = ".reviewbot-world"
# What outlives a stop: locks that others may hold, and what a person reads afterwards.
KEPT = (MARK, "start.lock", "users.lock", "world.log", "world.err", "logs")
# containerd appends to it, and a socket's path has at most 107 characters.
LONGEST_PATH = 80


def run(world: Path) -> None:
    """Hold a cluster until a signal says stop; raise if it ends by itself."""
    prerequisites.require_root()
    check_folder(world)
    tools = ensure_tools()
    lock = _take_lock(world)
    try:
        _clear_leftovers(world)
        with suppress(KeyboardInterrupt):
            _hold(world, tools, lock)
    finally:
        os.close(lock)


def check_folder(world: Path) -> None:
    """Refuse a folder that cannot hold a cluster, and mark one that can as ours."""
    if len(str(world)) > LONGEST_PATH:
        raise SetupError(f"The path {world} is too long for sockets: set REVIEWBOT_WORLD to a shorter one.")
    if any(world.is_relative_to(folder) for folder in (*SHADOWED, "/var/run", "/proc", "/sys")):
        raise SetupError(f"The local cluster cannot live in {world}: set REVIEWBOT_WORLD to a folder elsewhere.")
    if world.exists() and not (world / MARK).exists() and {entry.name for entry in world.iterdir()} - set(KEPT):
        raise SetupError(f"The folder {world} holds other things: set REVIEWBOT_WORLD to an empty one.")
    world.mkdir(parents=True, exist_ok=True)
    (world / MARK).touch()


def _take_lock(world: Path) -> int:
    lock = open_lock(holder.LOCK)
    earlier = holder.read()
    # The processes of a killed cluster need a moment to go; a living one will not go at all.
    patience = 10 if earlier is None or not earlier.alive() else 0
    if not try_lock(lock, patience):
        os.close(lock)
        raise SetupError(conflict(holder.read(), world))
    return lock


def conflict(current: holder.Holder | None, world: Path) -> str:
    """The sentence for somebody who wants a second cluster on one machine."""
    if current is None:
        return f"Another process is starting or stopping a local cluster ({holder.LOCK} is held): try again."
    whose = "this folder" if current.world == str(world) else current.world
    return (
        f"A local cluster is already running (process {current.pid}, {whose}), and one machine holds only"
        " one, because its service addresses live in the machine's one kube-proxy table."
    )


def _clear_leftovers(world: Path) -> None:
    crashed = holder.read()
    if crashed:
        print("clearing what a crashed cluster left ...", flush=True)
        machine.clear()
        machine.restore_settings(crashed.settings)
    wipe(world, keep=(MARK, "start.lock", "users.lock", "world.log", "world.err"))
    machine.refuse_foreign()


def wipe(world: Path, keep: tuple[str, ...]) -> None:
    """Empty the world's folder, which is ours alone."""
    for entry in world.iterdir():
        if entry.name in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _hold(world: Path, tools: Path, lock: int) -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    settings = machine.read_settings()
    holder.write(lock, holder.ourselves(world, settings))
    child: subprocess.Popen[bytes] | None = None
    try:
        machine.prepare()
        child = _spawn(world, tools, lock)
        child.wait()
        raise SetupError(_reason(world))
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if child:
            _end(child)
        machine.clear()
        machine.restore_settings(settings)
        wipe(world, KEPT)
        holder.write(lock, None)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _spawn(world: Path, tools: Path, lock: int) -> subprocess.Popen[bytes]:
    # The death signal follows our main thread, which is the one that is here.
    command = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--propagation",
        "slave",
        "--pid",
        "--fork",
    ]
    command += ["--kill-child=SIGKILL", "--mount-proc", sys.executable, "-m", "dev.cluster.world"]
    return subprocess.Popen(
        [*command, str(world), str(tools)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        # Kept open by the world too, so the lock is free only when all of it is gone.
        pass_fds=(lock,),
        # Ctrl-C is for us; the world ends when its input does.
        start_new_session=True,
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _reason(world: Path) -> str:
    try:
        return (world / "error").read_text()
    except OSError:
        return f"The local cluster ended unexpectedly: see {world / 'logs'}."
