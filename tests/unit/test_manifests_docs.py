"""docs/manifests.md tells the rules as they are."""

import re
from pathlib import Path

from reviewbot.gateways.github.folders import MAX_FILES
from reviewbot.gateways.github.folders import MAX_KB as MAX_FOLDER_KB
from reviewbot.manifests.fill import NAMES
from reviewbot.manifests.read import ENDINGS, KINDS, MAX_KB, MAX_OBJECTS
from reviewbot.manifests.rules import MAX_REPLICAS
from reviewbot.manifests.template import MAX_GRACE_SECONDS

PAGE = " ".join((Path(__file__).resolve().parents[2] / "docs" / "manifests.md").read_text().split())


def test_kinds_and_what_is_filled_in() -> None:
    listed = PAGE.partition("## What may be there")[2].partition(". ")[0]
    assert re.findall(r"`(\w+)`", listed) == list(KINDS)
    assert re.findall(r"\| `\$\{(\w+)\}`", PAGE) == list(NAMES)


def test_limits() -> None:
    for sentence in (
        f"at most {MAX_FILES} files and {MAX_FOLDER_KB} KB",
        f"at most {MAX_OBJECTS} and {MAX_KB} KB",
        f"more than {MAX_REPLICAS} replicas",
        f"at most {MAX_GRACE_SECONDS} seconds to end",
        "`, `".join(ENDINGS[:2]) + f"` or `{ENDINGS[2]}`",
    ):
        assert sentence in PAGE
