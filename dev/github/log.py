"""What the stand-in writes down about its traffic: webhooks out, requests in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dev.github.state import App


@dataclass
class Delivery:
    id: int
    guid: str
    app: App
    event: str
    action: str | None
    headers: dict[str, str]
    body: bytes
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    delivered_at: datetime | None = None
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    # when a surge made it wait
    throttled_at: datetime | None = None
    answer_headers: dict[str, str] | None = None
    answer: str | None = None

    def ended(self, at: datetime, status_code: int, status: str | None = None, duration: float = 0.0) -> None:
        """The attempt has its outcome."""
        well = "OK" if 200 <= status_code < 300 else f"Invalid HTTP Response: {status_code}"
        self.delivered_at, self.duration = at, duration
        self.status_code, self.status = status_code, status or well


@dataclass
class Exchange:
    """One request to the API and what became of it."""

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    body: Any
    installation_id: int | None = None
    conditional: bool = False
    status: int | None = None
    # how many requests of its installation were under way when it came, itself included
    at_once: int = 1
