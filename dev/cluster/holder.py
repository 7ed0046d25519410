"""Which process holds the one cluster of this machine: a lock the kernel keeps, and a record beside it.

The lock is the truth about "running"; a record without the lock tells of a crash.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

LOCK = Path("/run/lock/reviewbot-world.lock")


@dataclass(frozen=True)
class Holder:
    """A supervisor, its folder, and the kernel settings it found."""

    pid: int
    started: str
    world: str
    settings: dict[str, str]

    def alive(self) -> bool:
        """Whether that very process runs, not another one that got its number."""
        return self.started != "" and start_time(self.pid) == self.started


def start_time(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty if there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The command's name may contain spaces and brackets; the fields count from its end.
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def read(path: Path = LOCK) -> Holder | None:
    """The last holder that did not end well or has not ended yet."""
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write(descriptor: int, holder: Holder | None) -> None:
    """Record the holder in the open lock file, or that it ended well."""
    content = json.dumps(asdict(holder)).encode() if holder else b""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)


def ourselves(world: Path, settings: dict[str, str]) -> Holder:
    """This process as a holder."""
    return Holder(os.getpid(), start_time(os.getpid()), str(world), settings)
