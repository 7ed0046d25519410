"""Which pull requests get a preview: a row for each rule, the patterns of paths, and what a listing must show of it."""

from typing import Any

import pytest

from reviewbot.model import Approval, Approvals, Exclusion, ScopePolicy
from reviewbot.scope import changes_nothing, is_trusted, left_out, outline
from tests.unit.builders import HEAD, NOW, OLDER, a_pull

BOT = Exclusion("Bot", "Pull requests of bots get no preview.")
DRAFT = Exclusion("Draft", "Waiting for the pull request to be ready for review.", waits=True)
UNLABELLED = Exclusion("Label", "Only pull requests labelled `preview`, `demo` get a preview.")
SKIPPED = Exclusion("Label", "Pull requests labelled `wip` get no preview.")


@pytest.mark.parametrize(
    ("pull", "policy", "excluded"),
    [
        ({}, {}, None),
        ({"draft": True}, {}, DRAFT),
        ({"draft": True}, {"drafts": True}, None),
        ({"by_bot": True}, {}, BOT),
        ({"by_bot": True, "draft": True}, {}, BOT),
        ({"by_bot": True}, {"bots": True}, None),
        ({}, {"branches": ("main",)}, None),
        ({"base_ref": "release/1.2"}, {"branches": ("main", "release/*")}, None),
        (
            {"base_ref": "old/main"},
            {"branches": ("main", "release/*")},
            Exclusion(
                "Branch", "Only pull requests for `main`, `release/*` get a preview; this one is for `old/main`."
            ),
        ),
        ({}, {"labels": ("preview", "demo")}, UNLABELLED),
        ({"labels": ("bug",)}, {"labels": ("preview", "demo")}, UNLABELLED),
        ({"labels": ("bug", "demo")}, {"labels": ("preview", "demo")}, None),
        ({"labels": ("wip", "demo")}, {"labels": ("demo",), "skip_labels": ("wip", "no")}, SKIPPED),
        ({"labels": ("bug",)}, {"skip_labels": ("wip",)}, None),
    ],
)
def test_rules(pull: dict[str, Any], policy: dict[str, Any], excluded: Exclusion | None) -> None:
    assert left_out(a_pull(**pull), ScopePolicy(**policy)) == excluded


@pytest.mark.parametrize(
    ("paths", "matter"),
    [
        (["README.md"], False),
        (["README.md", "docs/img/a.png", "src/deep/NOTES.rst", "LICENSE", "LICENSE.txt"], False),
        (["README.md", "src/app.py"], True),
        (["src/docs/page.tsx"], True),
        (["Procfile"], True),
        (["app.json"], True),
        (["src/LICENSE_check.py"], True),
        # No file at all, as of an empty commit, is nothing to look at either.
        ([], False),
    ],
)
def test_documentation_alone_is_nothing_to_preview(paths: list[str], matter: bool) -> None:
    assert (changes_nothing(paths, ScopePolicy()) is None) is matter


def test_the_sentence_names_the_patterns() -> None:
    policy = ScopePolicy(ignore_paths=tuple(f"{name}/" for name in "abcdefg"))
    sentence = "Only files that need no preview are changed (`a/`, `b/`, `c/`, `d/`, `e/` and 2 more)."
    assert changes_nothing(["a/x"], policy) == Exclusion("Paths", sentence)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.md", "a.md", True),
        ("*.md", "a/b/c.md", True),
        ("*.md", "a.md/b", False),
        ("**.md", "a/c.md", True),
        ("/*.md", "a/c.md", False),
        ("docs/", "docs/a/b", True),
        ("docs/", "src/docs/a", True),
        ("/docs/", "src/docs/a", False),
        ("src/docs/", "src/docs/a", True),
        ("src/docs/", "x/src/docs/a", False),
        ("src/*/a", "src/b/a", True),
        ("src/*/a", "src/b/c/a", False),
        ("src/**/a", "src/b/c/a", True),
        ("src/**/a", "src/a", True),
        ("src/**", "src/a/b", True),
        ("[ab].txt", "x/b.txt", True),
        ("?.txt", "bb.txt", False),
        ("A.txt", "a.txt", False),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert (changes_nothing([path], ScopePolicy(ignore_paths=(pattern,))) is not None) is matches


def test_a_strangers_path_is_matched_in_a_moment() -> None:
    policy = ScopePolicy(ignore_paths=("/".join(["**", "a*a*a"] * 20),))
    assert changes_nothing(["/".join(["a" * 200] * 40) + "/b"], policy) is None
    assert changes_nothing(["a/" * 2000 + "b"], policy) is None


@pytest.mark.parametrize(
    ("head_repository", "approvals", "trusted"),
    [
        (4711, Approvals(), True),
        (5, Approvals(), False),
        (None, Approvals(), False),
        (5, Approvals(trusted=Approval("alice", NOW, HEAD)), True),
        (None, Approvals(trusted=Approval("alice", NOW, HEAD)), True),
        (5, Approvals(trusted=Approval("alice", NOW, OLDER)), False),
        (5, Approvals(trusted=Approval("alice", NOW)), False),
        # Wanting a preview is not looking at what would run.
        (5, Approvals(created=Approval("alice", NOW, HEAD)), False),
    ],
)
def test_trust(head_repository: Any, approvals: Approvals, trusted: bool) -> None:
    assert is_trusted(a_pull(head_repository=head_repository), approvals) is trusted


def test_the_outline_tells_what_a_decision_rests_on() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"head": OLDER},
        {"base_ref": "next"},
        {"draft": True},
        {"labels": ("a",)},
        {"labels": ("a", "b")},
        {"head_repository": None},
    ]
    assert len({outline(a_pull(**change)) for change in changes}) == len(changes)
    assert outline(a_pull(labels=("b", "a"))) == outline(a_pull(labels=("a", "b")))
    assert outline(a_pull(title="Sell shoes")) == outline(a_pull())
