"""What GitHub's answers tell of themselves: what kind each one is, and how much may still be asked."""

import math
from collections.abc import Mapping

from reviewbot.model import InstallationId


class Remaining:
    """What is left of each installation's hourly limit, until that hour is over."""

    def __init__(self) -> None:
        self._told: dict[InstallationId, tuple[int, int]] = {}

    def note(self, installation: InstallationId, headers: Mapping[str, str]) -> None:
        """An answer came; it may tell."""
        remaining, reset = (headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "reset"))
        if remaining.isdigit() and reset.isdigit():
            self._told[installation] = (int(remaining), int(reset))

    def least(self, now: float) -> float:
        """What the installation has that has least; NaN if none told within its hour."""
        return min((left for left, reset in list(self._told.values()) if reset > now), default=math.nan)


def kind(verb: str, path: str) -> str:
    """What a request is for."""
    if path.endswith("/access_tokens"):
        return "token"
    return "read" if verb == "GET" else "write"


def answer(status: int, limited: bool) -> str:
    """What became of a request."""
    if limited:
        return "limited"
    known = {304: "not_modified", 404: "not_found"}
    if status in known:
        return known[status]
    if status < 300:
        return "ok"
    return "refused" if status < 500 else "error"
