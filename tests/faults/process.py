"""A controller as a process of its own, started quickly: forked from a server that has imported it already."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import urllib3

from dev.demo.shown import until

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["reviewbot.cli", "tests.faults.process"])
_END_SECONDS = 30


class Controller:
    """One `reviewbot controller`; its log goes on where the one before it stopped."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._ops = f"http://127.0.0.1:{environment['REVIEWBOT_OPS_PORT']}"
        self._process: ForkServerProcess = _CONTEXT.Process(target=_run, args=(dict(environment), str(log)))
        self._process.start()

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.is_alive()

    @property
    def ready(self) -> bool:
        """Whether it does its work; of two controllers only one does."""
        return self._answers("/readyz")

    @property
    def well(self) -> bool:
        """Whether it says that nothing is wrong with it."""
        return self._answers("/healthz")

    def _answers(self, path: str) -> bool:
        try:
            return urllib3.request("GET", self._ops + path, retries=False, timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def gets(self, what: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        if self.alive and self._process.pid:
            os.kill(self._process.pid, what)

    def freezes(self) -> None:
        """Stop it; when this returns none of its threads does anything any more."""
        self.gets(signal.SIGSTOP)
        until(lambda: all(_rests(each) for each in Path(f"/proc/{self._process.pid}/task").iterdir()), "the stop")

    def dies(self) -> None:
        """Kill it and wait until it is gone."""
        self.gets(signal.SIGKILL)
        self.ends()

    def ends(self) -> int | None:
        """Its exit code once it has ended; None if it goes on."""
        self._process.join(_END_SECONDS)
        return self._process.exitcode


def _rests(task: Path) -> bool:
    """Whether a thread is stopped, or has ended."""
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _run(environment: dict[str, str], log: str) -> None:
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["reviewbot", "controller"]
    # Here, as `python -m reviewbot` does it, in the process that was forked.
    from reviewbot.cli import main  # noqa: PLC0415

    main()
