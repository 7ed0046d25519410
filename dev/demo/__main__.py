"""`make demo`: plays the story, then leaves the world up until Ctrl-C; `--once` cleans up at once."""

import argparse
import signal
import sys
import threading

from dev.cluster import SetupError
from dev.demo.stage import FULL_NAME, SHOP, Stage, stage
from dev.demo.story import play


def main() -> int:
    """0 when the story went as it should."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story and clean up")
    once = parser.parse_args().once
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    try:
        with stage(SHOP) as here:
            print(f"The local world is up: Kubernetes behind {here.cluster.kubeconfig}", flush=True)
            play(here)
            if not once:
                # Before it is said: whoever reads it may be quick.
                with here.ci.automatic():
                    _look_around(here)
                    signal.signal(signal.SIGINT, lambda *_: stopping.set())
                    stopping.wait()
                print("\nstopping", flush=True)
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    except TimeoutError as problem:
        print(f"The story did not go on: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\nEverything is as it was." if once else "", flush=True)
    return 0


def _look_around(here: Stage) -> None:
    control = f"{here.github_url}/_control/repos/{FULL_NAME}"
    print(
        f"""
The world stays up until Ctrl-C. To look around:

  export KUBECONFIG={here.cluster.kubeconfig}
  {here.cluster.bin("kubectl")} get reviewapps -n reviewbot-system

GitHub's pages      {here.github_url}/{FULL_NAME}/pull/1
logs of reviewbot   {here.bot.logs}

Open the next pull request, and close it:

  curl -d '{{"branch": "two", "title": "Two", "files": {{"two.txt": "2"}}}}' {control}/pulls
  curl -X POST {control}/pulls/2/close

CI passes by itself. The preview's address is on the pull request; a browser finds *.localhost without help.""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
