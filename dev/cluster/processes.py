"""Starting the cluster's programs, seeing that they live and waiting until they answer."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.cluster.errors import SetupError

TAIL_LINES = 15


@dataclass(frozen=True)
class Program:
    """One long-running program and the environment it sees beside the common one."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Processes:
    """The programs of one cluster; each writes to a log file of its own."""

    def __init__(self, logs: Path, tools: Path) -> None:
        self._logs = logs
        self._environment = {
            "PATH": f"{tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(logs.parent),
            # All of them are Go's. Memory is there in plenty; processors are what tests wait for.
            "GOGC": "400",
            # Every request has a goroutine of its own, whose stack would be moved time and again as it grows.
            "GODEBUG": "adaptivestackstart=1",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, program: Program) -> None:
        """Start one program with nothing but the environment it needs."""
        with (self._logs / f"{program.name}.log").open("wb") as log:
            self._running[program.name] = subprocess.Popen(
                program.arguments,
                env=self._environment | dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._logs.parent,
            )

    def check(self) -> None:
        """Raise if a program has ended: none of them should."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise SetupError(f"{name} ended with code {code}.\n{self.tail(name)}")

    def reap(self) -> None:
        """Collect the orphans that fall to the first process of a namespace, then check our own."""
        ours = {process.pid: process for process in self._running.values()}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in ours:
                # Taken from under Popen, which would otherwise call it a success.
                ours[pid].returncode = os.waitstatus_to_exitcode(status)
        self.check()

    def pid(self, name: str) -> int:
        """The process of one program."""
        return self._running[name].pid

    def stop(self) -> None:
        """End every program, the last one first."""
        for process in reversed(self._running.values()):
            process.kill()
            process.wait()

    def tail(self, name: str) -> str:
        """The last lines of a program's log, for a person who asks why."""
        path = self._logs / f"{name}.log"
        lines = path.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([f"The last lines of {path}:", *lines])

    def wait(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Poll until the named program is ready; every program must stay alive meanwhile."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise SetupError(f"{name} was not ready after {seconds:.0f} s.\n{self.tail(name)}")
            time.sleep(0.05)
