"""What GitHub remembers of its webhooks to us."""

from dataclasses import dataclass
from datetime import datetime

from reviewbot.model.ids import InstallationId


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event. All attempts at an event share a `guid`; `again` are all but the first."""

    id: int
    guid: str
    at: datetime
    delivered: bool
    event: str
    action: str
    installation: InstallationId | None
    again: bool = False


@dataclass(frozen=True)
class Bookmark:
    """Where reading the deliveries stopped, and which attempts around there were answered by asking for another."""

    at: datetime
    asked: frozenset[int] = frozenset()
