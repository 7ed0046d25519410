"""What GitHub says is not there is believed to be gone only if it still says so a good while later.

A repository that another installation covers by now has only moved. Errors and empty lists say nothing at all.
"""

from datetime import datetime, timedelta

from reviewbot.errors import Wait
from reviewbot.model import InstallationId, PullRequest, PullState, Record, Sha

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


def gone(record: Record) -> PullRequest:
    """A pull request that is no longer there, as far as its record knows it."""
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
