"""The merge commit that an image is named after: of the head itself, and the same for as long as that is the head."""

from dataclasses import replace
from functools import lru_cache

from reviewbot.errors import Missing
from reviewbot.model import PullRequest, PullRequestRef, Record, RepositoryConfig, Sha
from reviewbot.reconcile.ports import Source
from reviewbot.spec import names_merge

_COMMITS_KEPT = 200


class Merges:
    """Chooses them; `image` is of repositories that name none."""

    def __init__(self, source: Source, image: str | None) -> None:
        self._image = image
        # What a commit follows never changes, so it is read once.
        self._parents = lru_cache(_COMMITS_KEPT)(source.parents)

    def chosen(self, record: Record, pull: PullRequest, config: RepositoryConfig) -> PullRequest:
        """The pull request with its merge commit, or with none where none is needed or made yet."""
        if not names_merge(config.image or self._image or ""):
            return replace(pull, merge_sha=None)
        held = record.merge
        if held and held.head == pull.head:
            # GitHub makes another one whenever the base moves, but nobody builds an image of that.
            return replace(pull, merge_sha=held.sha)
        made = pull.merge_sha is not None and self._merges(record.ref.whole, pull.merge_sha, pull.head)
        return pull if made else replace(pull, merge_sha=None)

    def _merges(self, ref: PullRequestRef, merge: Sha, head: Sha) -> bool:
        # For a while after a push GitHub shows that of the head before, which nobody may have trusted.
        try:
            return self._parents(ref, merge)[1:] == (head,)
        except Missing:
            return False
