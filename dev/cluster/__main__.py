"""python -m dev.cluster up | down | run | status"""

import argparse
import sys

from dev.cluster import lifecycle, supervisor
from dev.cluster.errors import SetupError
from dev.cluster.paths import world_dir

COMMANDS = {
    "up": "start the cluster in the background, unless it runs, and print its kubeconfig's path",
    "down": "stop the cluster and leave nothing behind",
    "run": "hold the cluster in the foreground until Ctrl-C",
    "status": "say whether the cluster runs",
}


def main() -> int:
    """Run one command; an error a person can mend is one sentence."""
    parser = argparse.ArgumentParser(prog="python -m dev.cluster", description="A local Kubernetes cluster.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text)
    try:
        return _run(parser.parse_args().command)
    except SetupError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    return 1


def _run(command: str) -> int:
    match command:
        case "up":
            print(lifecycle.ensure_up().kubeconfig)
        case "down":
            print("stopped" if lifecycle.down() else "not running")
        case "run":
            supervisor.run(world_dir())
        case "status":
            return _status()
    return 0


def _status() -> int:
    cluster = lifecycle.current()
    if cluster is None:
        print("not running")
        return 1
    print("running")
    print(f"kubeconfig  {cluster.kubeconfig}")
    print(f"Gateway     {cluster.gateway} on {cluster.gateway_address}")
    print(f"previews    {cluster.previews_url}")
    print(f"this host   {cluster.bridge_address} as pods see it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
