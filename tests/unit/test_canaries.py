"""The search for secrets finds what is planted, wherever that is, and does not show it."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.github.api.auth import MARK
from tests import canaries

_ROOT = Path(__file__).resolve().parents[2]
_SECRET = "planted-where-nobody-looks"
_PLANTED = f"""
import base64, logging, sys
from tests import canaries

SECRET = {_SECRET!r}
canaries.know("planted secret", SECRET)

def test_a_line():
    logging.getLogger("urllib3.connectionpool").debug("GET %s", SECRET)

def test_a_field():
    logging.getLogger("reviewbot.x").info("asked", extra={{"why": [SECRET]}})

def test_a_traceback():
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("reviewbot.x").exception("a bug")

def test_output():
    print(SECRET)

def test_what_the_cluster_stores():
    sys.stderr.write(base64.b64encode(SECRET.encode()).decode())

def test_an_exception():
    raise ValueError(SECRET)

def test_what_is_handed_in():
    canaries.hear("a page", f"<p>{{SECRET}}</p>")

def test_a_token_nobody_knows():
    print("ghs_" + "a" * 36)

def test_what_the_log_leaves_out():
    logging.getLogger("github.Requester").debug("got %s", "ghs_" + "a" * 36)
"""


def test_no_secret_in_logs_or_comments__a_planted_one_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(_PLANTED)
    # Without the summary: under CI pytest says everything a second time in it.
    quiet = ["-q", "-rN", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-p", "tests.canaries", *quiet, str(planted)]
    told = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False).stdout
    assert "8 failed, 1 passed" in told
    found = [line for line in told.splitlines() if ": in " in line]
    assert [line.removeprefix("E   ").strip() for line in found] == [
        "planted secret: in a line of the logger urllib3.connectionpool",
        "planted secret: in a line of the logger reviewbot.x",
        "planted secret: in a line of the logger reviewbot.x",
        "planted secret: in its output",
        "planted secret: in its output",
        "planted secret: in an exception",
        "planted secret: in a page",
        "installation token: in its output",
    ]
    assert _SECRET not in told.replace(f"SECRET = {_SECRET!r}", "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"ghs_{'aB3' * 12}", "installation token"),
        (f"only a piece: {MARK}0123", "installation token"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2ln", "JSON web token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
    ],
)
def test_what_is_known_by_its_looks(text: str, kind: str) -> None:
    assert canaries.kinds_in(f"so {text}.") == {kind}


def test_short_words_are_no_secrets() -> None:
    canaries.know("planted secret", "", "short")
    assert canaries.kinds_in("short and empty") == set()
