"""A corpus of files as people write them: for each folder what would be deployed, or why not, as a snapshot."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.check import check

CORPUS = Path(__file__).with_name("corpus")
CASES = sorted(path.name for path in CORPUS.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_what_is_made_of_it(case: str, snapshot: SnapshotAssertion) -> None:
    outcome = check(CORPUS / case)
    assert f"{outcome.text}\n{'fine' if outcome.fine else 'refused'}" == snapshot


@pytest.mark.parametrize("name", ["Procfile", "app.json"])
def test_there_are_enough_of_each(name: str) -> None:
    assert len(list(CORPUS.glob(f"*/{name}"))) >= 60
