"""What processes use, as the kernel counts it."""

import os
from pathlib import Path


def resident(pid: int) -> int:
    """The resident memory of a process, or of the largest of its children, in bytes."""
    pages = max(int(_read(each, "statm").split()[1]) for each in _family(pid))
    return pages * os.sysconf("SC_PAGESIZE")


def processor(pid: int) -> float:
    """The processor time of a process and its children so far, in seconds."""
    # The command's name may contain spaces and brackets; the fields count from its end.
    fields = [_read(each, "stat").rpartition(")")[2].split() for each in _family(pid)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    children = map(int, _read(pid, f"task/{pid}/children").split())
    return [pid, *(each for child in children for each in _family(child))]


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()
