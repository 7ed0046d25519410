"""Where the local cluster keeps its binaries and its state; knows folders, touches none of their content."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOOL_MODULES = REPOSITORY / "dev" / "tools"
SAMPLE = REPOSITORY / "dev" / "sample"
SERVERS = REPOSITORY / "dev" / "servers"
# Programs of a node write here by habit; the machine's own folders stay as they are.
SHADOWED = ("/run", "/var/lib", "/var/log")


def cache_dir() -> Path:
    """Binaries are kept per user and survive every cluster."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "reviewbot" / "tools"


def world_dir() -> Path:
    """The folder of the one local cluster."""
    chosen = os.environ.get("REVIEWBOT_WORLD")
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "reviewbot" / "world"
