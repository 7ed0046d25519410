"""`make test` after the fast checks: a local world, and in it the tests that need one, end to end last."""

import subprocess
import sys

from dev.cluster import SetupError, servers, world

# Stories wait for real pods much of their time, so more of them than cores; shared out one by one, the longest first.
_SIDE_BY_SIDE = ("-n", "6", "--dist", "load", "--maxschedchunk", "1")
_FOLDERS = ("tests/faults", "tests/stories", "tests/contract", "tests/e2e")


def main() -> int:
    """0 when every test passed; arguments are pytest's, for the first of the two runs."""
    try:
        with world() as cluster:
            print(f"the local world is up: {cluster.kubeconfig}", flush=True)
            if cluster.tools:
                # Here, where it is seen, and not in the time of the first test that needs them.
                for name in servers.ALL:
                    cluster.server_image(name)
            # The real processes reconcile every record there is, so they come when the stories are over.
            together = _pytest(*_FOLDERS, "-m", "not alone", *_SIDE_BY_SIDE, *sys.argv[1:])
            return together or _pytest(*_FOLDERS, "-m", "alone", "-s")
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1


def _pytest(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
