"""`make demo`: the whole story, and then the world for whoever looks around in it, until Ctrl-C."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import urllib3

from dev.bot.install import kubectl
from dev.cluster import Cluster
from dev.demo.shown import until
from tests import canaries
from tests.e2e.heard import hear_logs, know_children

_ROOT = Path(__file__).resolve().parents[2]
_DEMO = ["-m", "dev.demo"]
# What a team would see, in this order; the rest of each line is names, addresses and seconds.
_STORY = [
    r"A pull request is opened",
    r"check: \[queued\] Waiting for required check “test”",
    r"what it answers meanwhile: \(503\)",
    r"CI runs, and passes",
    r"Starting postgresql, redis",
    r"\[success\] \w{7} is running",
    r"answers: \(200\)",
    r"Welcome to a preview of the shop",
    r"Tea 5\.00 €",
    r"Orders handled: 0",
    r"the release phase wrote:",
    r"applied migrations/001_products\.sql",
    r"A visitor orders tea",
    r"Orders handled: 1",
    r"A commit is pushed whose migration fails",
    r"\[failure\] The release phase failed",
    r"003_nicer_prices\.sql: ERROR: column \"price\" does not exist",
    r"the address still answers: 200 from \w{7}",
    r"A better commit is pushed",
    r"being tested: 200 from \w{7}",
    r"pages seen on the way: \d+ old, [1-9]\d* new, 0 wrong",
    r"answers: \(200\)",
    r"Tea 4\.99 €",
    r"Orders handled: 1",
    r"All data is made anew: reviewbot reset acme/shop#1",
    r"\[success\] \w{7} is running",
    r"Orders handled: 0",
    r"The pull request is closed",
    r"its last script runs",
    r"namespace rb-\w{20} is gone",
    r"answers: \(410\)",
    r"nothing of its preview is left",
]


@pytest.mark.parametrize("arguments", [[], ["--once"]])
def test_make_demo_is_the_program(arguments: list[str]) -> None:
    # Whoever makes the tests may have given them arguments.
    make = ["make", "--no-print-directory", "--dry-run", "demo", f"ARGS={' '.join(arguments)}"]
    said = subprocess.run(make, cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1].split() == [".venv/bin/python", *_DEMO, *arguments]


@pytest.mark.processes
def test_the_demo_tells_the_whole_story_leaves_nothing_and_stays_up_until_ctrl_c(cluster: Cluster) -> None:
    # Without make, which always says of itself that it was interrupted.
    command = [sys.executable, *_DEMO]
    # As in a terminal, where Ctrl-C reaches every process of the group.
    demo = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert demo.stdout is not None
    try:
        told = _read_until(demo.stdout, "CI passes by itself")
        know_children(demo.pid)
        _left_nothing(cluster, told)
        opening, closing = (shlex.split(line) for line in told.splitlines() if line.startswith("  curl "))
        page = _post(opening).json()["url"]
        until(lambda: b"is running" in urllib3.request("GET", page).data, "the second preview")
        assert _post(closing).status == 200
        until(lambda: b"nothing of its preview is left" in urllib3.request("GET", page).data, "its end")
        # They go with the demo.
        (logs,) = re.findall(r"logs of reviewbot +(\S+)", told)
        hear_logs(Path(logs))
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        rest = demo.stdout.read()
        code = demo.wait(60)
        demo.stdout.close()
    canaries.hear("what the demo said", told + rest)
    assert "stopping" in rest
    assert code == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def _left_nothing(cluster: Cluster, told: str) -> None:
    assert re.search("(?s)" + ".*".join(_STORY), told), told
    (namespace,) = re.findall(r"namespace (rb-\w{20}) is gone", told)
    marks = (["namespace", namespace], ["serviceaccount", namespace, "-n", "reviewbot-tenants"])
    until(
        lambda: [kubectl(cluster, "get", *what, "--ignore-not-found", "-o", "name") for what in marks] == ["", ""],
        "nothing to be left",
    )


def _post(curl: list[str]) -> urllib3.BaseHTTPResponse:
    # What curl would do; a machine need not have it.
    body = curl[curl.index("-d") + 1] if "-d" in curl else None
    return urllib3.request("POST", curl[-1], body=body, timeout=20)


def _read_until(lines: Iterable[str], last: str) -> str:
    told = ""
    for line in lines:
        print(line, end="")
        told += line
        if last in line:
            return told
    raise AssertionError(f"it ended without saying {last!r}:\n{told}")
