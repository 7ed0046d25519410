"""How many records there are of which phase, and when each repository was listed, as a watch tells it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from reviewbot.engine.records import is_app
from reviewbot.model import Phase

Object = dict[str, Any]


class Census:
    """One entry for each record there is."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {"ReviewApp": {}, "Repository": {}}

    def begin(self, kind: str, items: Iterable[Object]) -> None:
        """These are all there are."""
        self._seen[kind] = {item["metadata"]["name"]: _status(kind, item) for item in items if not is_app(item)}

    def note(self, change: str, kind: str, item: Object) -> None:
        """One came, changed or went."""
        if is_app(item):
            # Its pull request counts once.
            return
        if change in {"ADDED", "MODIFIED"}:
            self._seen[kind][item["metadata"]["name"]] = _status(kind, item)
        elif change == "DELETED":
            self._seen[kind].pop(item["metadata"]["name"], None)

    def count(self, phase: Phase) -> int:
        """How many pull requests are in the phase."""
        return Counter(list(self._seen["ReviewApp"].values()))[phase]

    def listing_age(self, now: datetime) -> float:
        """For how many seconds the repository that was listed longest ago has not been listed; 0 without any."""
        listed = [datetime.fromisoformat(at) for at in list(self._seen["Repository"].values()) if at]
        return max(((now - at).total_seconds() for at in listed), default=0.0)


def _status(kind: str, item: Object) -> str:
    name = "phase" if kind == "ReviewApp" else "listedAt"
    return str((item.get("status") or {}).get(name, ""))
