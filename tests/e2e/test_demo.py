"""`make demo ARGS=--once`, word for word as README has it."""

import re
import subprocess
from pathlib import Path

from dev.bot.install import kubectl
from dev.cluster import Cluster

_ROOT = Path(__file__).resolve().parents[2]
# What a team would see, in this order; the rest of each line is names, addresses and seconds.
_STORY = [
    r"A pull request is opened",
    r"check: \[queued\] Waiting for required check “test”",
    r"what it answers meanwhile: \(503\)",
    r"CI runs, and passes",
    r"answers: \(200\)",
    r"Welcome to a preview of the shop",
    r"\[success\] \w{7} is running",
    r"A commit is pushed",
    r"being tested: 200 from \w{7}",
    r"pages seen on the way: \d+ old, [1-9]\d* new, 0 wrong",
    r"\[success\] \w{7} is running",
    r"The pull request is closed",
    r"namespace rb-\w{20} is gone",
    r"answers: \(410\)",
    r"nothing of its preview is left",
    r"Everything is as it was",
]


def test_the_demo_tells_the_whole_story_and_leaves_nothing(cluster: Cluster) -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "demo", "ARGS=--once"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    print(told.stdout)
    assert told.returncode == 0, told.stderr
    assert re.search("(?s)" + ".*".join(_STORY), told.stdout), told.stdout
    (namespace,) = re.findall(r"namespace (rb-\w{20}) is gone", told.stdout)
    left = [kubectl(cluster, "get", *what, "--ignore-not-found", "-o", "name") for what in _marks(namespace)]
    assert left == ["", ""]


def _marks(namespace: str) -> list[list[str]]:
    return [["namespace", namespace], ["serviceaccount", namespace, "-n", "reviewbot-tenants"]]
