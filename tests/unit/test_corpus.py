"""A corpus of files as people write them: for each folder what would be deployed, or why not, as a snapshot."""

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.check import check

CORPUS = Path(__file__).with_name("corpus")
CASES = sorted(path.name for path in CORPUS.iterdir())
HOSTILE = [case for case in CASES if case.startswith("hostile-")]
BOMB = re.compile(r"hostile-(yaml|json|link|manifests-aliases)")


@pytest.mark.parametrize("case", CASES)
def test_what_is_made_of_it(case: str, snapshot: SnapshotAssertion) -> None:
    outcome = check(CORPUS / case)
    assert f"{outcome.text}\n{'fine' if outcome.fine else 'refused'}" == snapshot


@pytest.mark.parametrize("case", [case for case in HOSTILE if BOMB.match(case)])
def test_parser_bombs__hostile_files(case: str) -> None:
    is_refused(case)


@pytest.mark.parametrize("case", [case for case in HOSTILE if not BOMB.match(case)])
def test_paths_shell_ssrf__hostile_files(case: str) -> None:
    is_refused(case)


def is_refused(case: str) -> None:
    """With the place of everything that is wrong, and shortly."""
    outcome = check(CORPUS / case)
    assert not outcome.fine
    assert re.search(r"^(\S+\.(json|yml|yaml)):\d+:\d+: ", outcome.text, re.MULTILINE)
    assert len(outcome.text) < 5_000


@pytest.mark.parametrize("name", ["Procfile", "app.json"])
def test_there_are_enough_of_each(name: str) -> None:
    assert len(list(CORPUS.glob(f"*/{name}"))) >= 60
