"""What has to be so of a pull request at rest: a small model of README's promises, without a look at how they are kept.

Pure. Where it depends on what was noticed in time (a commit that was green for a moment), there is more than one
answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAIN, NEXT, OLD = "main", "next", "old"
WIP = "wip"
STRANGER = (
    "Pull requests from forks get no preview until somebody with write permission trusts the commit."
    " Each commit has to be trusted anew."
)
_ELSEWHERE = f"Only pull requests for {MAIN}, {NEXT} get a preview; this one is for {OLD}."
_UNFINISHED = f"Pull requests labelled {WIP} get no preview."
_DRAFT = "Waiting for the pull request to be ready for review."


@dataclass(frozen=True)
class Known:
    """A pull request as GitHub shows it. `trusted` is None where it depends on when the request was looked at."""

    head: str
    state: str
    base: str
    labelled: bool
    draft: bool
    broken: bool
    green: bool
    trusted: bool | None

    @property
    def has_none(self) -> bool:
        """Whether it may have no preview at all."""
        return self.state != "open" or (self.trusted is not False and (self.base == OLD or self.labelled))

    @property
    def may_be_deployed(self) -> bool:
        """Whether its head may be brought up now."""
        left_out = self.state != "open" or self.base == OLD or self.labelled or self.draft
        return self.green and not (left_out or self.broken or self.trusted is False)


@dataclass(frozen=True)
class Past:
    """What is known of its preview: the commit that served when all was at rest, and what may have happened since.

    `down` says that none did, because of what had been taken away before, and `unrouted` that its route was, which is
    put right, and told, within minutes.
    """

    served: str | None = None
    deployable_ever: frozenset[str] = frozenset()
    deployable_since: frozenset[str] = frozenset()
    may_have_gone: bool = False
    maimed: bool = False
    down: bool = False
    unrouted: bool = False

    @property
    def kept(self) -> frozenset[str | None]:
        """What may serve where nothing is deployed now."""
        lost = self.served is None or self.may_have_gone or self.maimed
        return frozenset({self.served, *self.deployable_since, *((None,) if lost else ())})


@dataclass(frozen=True)
class Expected:
    """How the check run ends, what it says, if that is known to the letter, and which commit serves."""

    conclusion: str | None
    says: str | None
    serves: frozenset[str | None]
    held: bool = False


def expected(known: Known, past: Past) -> Iterator[Expected]:
    """Each answer that would be right."""
    nothing: frozenset[str | None] = frozenset({None})
    if known.state != "open":
        yield Expected("neutral", f"The pull request was {known.state}; nothing of its preview is left.", nothing)
        return
    if not known.trusted:
        yield Expected("neutral", STRANGER, past.kept)
    if known.trusted is False:
        return
    if known.base == OLD or known.labelled:
        yield Expected("neutral", _ELSEWHERE if known.base == OLD else _UNFINISHED, nothing)
    elif known.draft:
        yield Expected(None, _DRAFT, past.kept)
    else:
        yield from _in_scope(known, past)


def _in_scope(known: Known, past: Past) -> Iterator[Expected]:
    # A check that is run again takes nothing away.
    runs = past.served == known.head and not past.may_have_gone
    if known.broken and known.green:
        yield Expected("failure", None, past.kept)
    elif known.green or runs or known.head in past.deployable_ever:
        yield Expected("success", f"{known.head[:7]} is running.", frozenset({known.head}))
    if not known.green and not runs:
        yield Expected(None, None, past.kept, held=True)
