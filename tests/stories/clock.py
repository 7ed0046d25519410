"""Time that passes as it does, and jumps ahead when a story has nothing to wait for but time."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The real time plus what was skipped."""

    def __init__(self) -> None:
        self._skipped = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._skipped

    def skip_to(self, timestamp: float) -> None:
        """Jump to that time, in seconds of the epoch; never back."""
        ahead = datetime.fromtimestamp(timestamp, tz=UTC) - self()
        self._skipped += max(timedelta(), ahead)

    def skip(self, duration: timedelta) -> None:
        """Jump ahead."""
        self._skipped += duration
