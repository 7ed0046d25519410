"""What GitHub says is not there is believed to be gone only if it still says so a good while later.

A repository that another installation covers by now has only moved. Errors and empty lists say nothing at all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.errors import Missing, Wait
from reviewbot.model import InstallationId, PullRequest, PullState, Record, Sha
from reviewbot.reconcile.ports import Source

GONE_AFTER = timedelta(minutes=10)
# What was just made, or granted, is not shown everywhere at once.
_SOON = timedelta(seconds=15)


class Absent(Wait):
    """GitHub says that it is not there; whoever remembers that notes the time."""

    def __init__(self, sentence: str, at: datetime, until: datetime | None) -> None:
        super().__init__(sentence, until)
        self.at = at


class Moved(Wait):
    """Another installation of the App covers the repository now."""

    def __init__(self, installation: InstallationId) -> None:
        super().__init__(f"installation {installation} covers the repository now")
        self.installation = installation


def is_gone(since: datetime | None, now: datetime) -> bool:
    """Whether it has been missing for so long that it is gone, if it is missing now."""
    return since is not None and now - since >= GONE_AFTER


def next_look(since: datetime | None, now: datetime) -> datetime:
    """When to look again for what is missing now: soon, then in time to be sure, then ever more rarely."""
    if since is None:
        return now + _SOON
    return now + (now - since) if is_gone(since, now) else since + GONE_AFTER


def find(source: Source, record: Record, clock: Callable[[], datetime]) -> PullRequest:
    """The pull request as GitHub shows it, or as gone; Absent or Moved where it is not shown and may yet be."""
    try:
        return source.pull(record.ref)
    except Missing as missing:
        covering, now = source.installation_of(record.ref.repository), clock()
        if covering is not None and covering != record.ref.installation:
            raise Moved(covering) from None
        if is_gone(record.missing_since, now):
            return _gone(record)
        # One that nobody has seen yet is most likely only on its way.
        until = next_look(record.missing_since, now) if record.phase else None
        raise Absent(missing.sentence, now, until) from None


def _gone(record: Record) -> PullRequest:
    return PullRequest(
        number=record.ref.number,
        state=PullState.GONE,
        draft=False,
        title="",
        head=record.head or Sha(""),
        head_ref="",
        head_repository=None,
        base_ref="",
        repository=record.ref.repository,
        full_name="",
        private=True,
    )
