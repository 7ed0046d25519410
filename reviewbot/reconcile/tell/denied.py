"""What we may not write is left out, and tried again later."""

from collections.abc import Callable
from datetime import datetime, timedelta

from reviewbot.errors import Denied

# A new grant reaches us with the next token, which is an hour away at most.
AFTER_DENIED = timedelta(hours=1)


def if_allowed(write: Callable[[], None], now: datetime) -> datetime | None:
    """Write it; when to try again if that was denied."""
    try:
        write()
    except Denied:
        return now + AFTER_DENIED
    return None
