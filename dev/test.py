"""`make test` after the fast checks: a local world, and in it the tests that need one, end to end last."""

import subprocess
import sys

from dev.cluster import SetupError, servers, world

# Stories wait for real pods much of their time, so more of them than cores; shared out one by one, the longest first.
_SIDE_BY_SIDE = ("-n", "5", "--dist", "load", "--maxschedchunk", "1")
_FOLDERS = ("tests/faults", "tests/stories", "tests/contract", "tests/e2e")


def main() -> int:
    """0 when every test passed; arguments are pytest's, for those in the cluster that bear each other's company."""
    try:
        with world() as cluster:
            print(f"the local world is up: {cluster.kubeconfig}", flush=True)
            if cluster.tools:
                # Here, where it is seen, and not in the time of the first test that needs them.
                for name in servers.ALL:
                    cluster.server_image(name)
            together = _pytest("not alone and not processes and not beside", *_SIDE_BY_SIDE, *sys.argv[1:])
            return together.wait() or _last()
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1


def _last() -> int:
    # The real processes reconcile every record there is, so they come when the stories are over. They wait much of the
    # time, and what writes no records is run meanwhile.
    processes = _pytest("alone or processes", "-s")
    beside = _pytest("beside", "-n", "2", nicely=True)
    failed = processes.wait()
    print(beside.communicate()[0], end="", flush=True)
    return failed or beside.returncode


def _pytest(which: str, *arguments: str, nicely: bool = False) -> "subprocess.Popen[str]":
    """Those tests in a process of their own; `nicely` leaves the processors and the terminal to others."""
    command = [sys.executable, "-m", "pytest", "-q", *_FOLDERS, "-m", which, *arguments]
    nice, stdout = (["nice"], subprocess.PIPE) if nicely else ([], None)
    return subprocess.Popen([*nice, *command], stdout=stdout, text=True)


if __name__ == "__main__":
    sys.exit(main())
