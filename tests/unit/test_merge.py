"""Which merge commit an image is named after: never that of another head, and one for as long as the head stays."""

from typing import Any

import pytest

from reviewbot.decide import Facts, Plan
from reviewbot.errors import Missing, Unseen
from reviewbot.model import Deployed, Merge, Phase, Preview, PullRequestRef, Record, RepositoryConfig, Sha
from reviewbot.reconcile.merge import Merges
from reviewbot.reconcile.status import status
from reviewbot.render.names import Address
from tests.unit.builders import HEAD, NOW, OLDER, REF, a_pull, a_record, a_release

BASE, MERGE, STALE, NEWER = (Sha(letter * 40) for letter in "0123")
OF_MERGE = RepositoryConfig(image="shop:{merge_sha}")


class Commits:
    """What GitHub tells of commits, and of which it was asked."""

    def __init__(self) -> None:
        self.asked: list[Sha] = []
        self.follow: dict[Sha, tuple[Sha, ...] | Exception] = {
            MERGE: (BASE, HEAD),
            STALE: (BASE, OLDER),
            NEWER: (MERGE, HEAD),
        }

    def parents(self, ref: PullRequestRef, sha: Sha) -> tuple[Sha, ...]:
        assert ref == REF
        self.asked.append(sha)
        found = self.follow[sha]
        if isinstance(found, Exception):
            raise found
        return found


def chosen(
    shown: Sha | None,
    record: Record | None = None,
    config: RepositoryConfig = OF_MERGE,
    commits: Commits | None = None,
    image: str | None = None,
) -> Sha | None:
    source: Any = commits or Commits()
    return Merges(source, image).chosen(record or a_record(), a_pull(merge_sha=shown), config).merge_sha


@pytest.mark.parametrize(
    ("shown", "parents", "expected"),
    [
        (MERGE, (BASE, HEAD), MERGE),
        (None, (), None),
        # Another head's, as GitHub shows it for a while after a push.
        (STALE, (BASE, OLDER), None),
        # The head is what it is merged into, by another pull request.
        (MERGE, (HEAD, OLDER), None),
        (MERGE, (BASE, HEAD, OLDER), None),
        (MERGE, (HEAD,), None),
        (MERGE, (), None),
    ],
)
def test_aba_force_push__the_merge_commit_is_of_the_head(
    shown: Sha | None, parents: tuple[Sha, ...], expected: Sha | None
) -> None:
    commits = Commits()
    commits.follow = {shown: parents} if shown else {}
    assert chosen(shown, commits=commits) == expected


def test_it_stays_while_the_head_does() -> None:
    commits = Commits()
    assert chosen(NEWER, a_record(merge=Merge(HEAD, MERGE)), commits=commits) == MERGE
    assert commits.asked == []
    assert chosen(NEWER, a_record(merge=Merge(OLDER, STALE)), commits=commits) == NEWER


@pytest.mark.parametrize(
    ("held", "serves", "changes", "ends", "kept"),
    [
        # A draft, or settings that cannot be read for a while: the image of what serves has no other name since.
        (Merge(HEAD, MERGE), HEAD, {}, False, MERGE),
        (Merge(OLDER, STALE), OLDER, {}, False, None),
        (None, HEAD, {}, False, None),
        # Nothing of it runs, or no more.
        (Merge(HEAD, MERGE), OLDER, {}, False, None),
        (Merge(HEAD, MERGE), HEAD, {}, True, None),
        (Merge(HEAD, MERGE), HEAD, {"wanted": a_release()}, False, NEWER),
    ],
)
def test_it_stays_while_the_head_does__whatever_that_waits_for(
    held: Merge | None, serves: Sha, changes: dict[str, Any], ends: bool, kept: Sha | None
) -> None:
    record = a_record(merge=held, serving=Deployed("aaaaaaa-1", serves, NOW))
    facts = Facts(NOW, record, a_pull(merge_sha=NEWER), Preview("active"), **changes)
    plan = Plan(Phase.WAITING, "Draft", "A sentence.", ends=ends)
    assert status(facts.record, facts, plan, Address("shop", "https://preview.example.com"))["head"]["merge"] == kept


@pytest.mark.parametrize("image", [None, "shop:{sha}"])
def test_nobody_asks_for_one_that_is_not_needed(image: str | None) -> None:
    commits = Commits()
    # What is on record is what was used.
    assert chosen(MERGE, config=RepositoryConfig(), image=image, commits=commits) is None
    assert chosen(MERGE, config=RepositoryConfig(image="shop:{sha}"), image="x:{merge_sha}", commits=commits) is None
    assert commits.asked == []
    assert chosen(MERGE, config=RepositoryConfig(), image="x:{merge_sha}", commits=commits) == MERGE


def test_a_commit_is_read_once_if_it_is_there() -> None:
    commits, pull = Commits(), a_pull(merge_sha=MERGE)
    source: Any = commits
    merges = Merges(source, None)
    commits.follow[MERGE] = Missing("GitHub does not show it.")
    assert merges.chosen(a_record(), pull, OF_MERGE).merge_sha is None
    commits.follow[MERGE] = Unseen("GitHub does not answer.")
    with pytest.raises(Unseen):
        merges.chosen(a_record(), pull, OF_MERGE)
    commits.follow[MERGE] = (BASE, HEAD)
    for _ in range(3):
        assert merges.chosen(a_record(), pull, OF_MERGE).merge_sha == MERGE
    assert commits.asked == [MERGE] * 3
