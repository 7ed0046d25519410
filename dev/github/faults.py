"""Ready-made trouble.

For `github.before` and `github.after`: which requests, how often, what goes wrong. For `github.loses` and
`github.carries`: which deliveries never come, come late, in another order or twice.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from werkzeug.wrappers import Response

from dev.github import webhooks
from dev.github.log import Delivery, Exchange
from dev.github.store import Store

Trouble = Callable[[Exchange], Response | None]
Chosen = Callable[[Delivery], bool]
TOO_FAST = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
TOO_MUCH = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
    " Please retry your request again later."
)


def answer(status: int, message: str, headers: dict[str, str] | None = None) -> Trouble:
    """Answer in GitHub's error shape."""
    body = json.dumps({"message": message, "documentation_url": "https://docs.github.com/rest"})
    return lambda _: Response(body, status, headers, content_type="application/json; charset=utf-8")


def secondary(status: int, retry_after: int | None = None, message: str = TOO_FAST) -> Trouble:
    """The limit beside the hourly one, which still has room."""
    room = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4321", "X-RateLimit-Resource": "core"}
    return answer(status, message, room if retry_after is None else room | {"Retry-After": str(retry_after)})


SECONDARY = {
    "403 with a time": secondary(403, 60),
    "403 without": secondary(403),
    "403 for content, in words only": answer(403, TOO_MUCH),
    "429 with a time": secondary(429, 60),
    "429 without": secondary(429),
}


def raw(status: int, body: bytes, content_type: str = "text/html") -> Trouble:
    """Answer anything: a page of a proxy, half a document, nothing."""
    return lambda _: Response(body, status, content_type=content_type)


def cut(exchange: Exchange) -> Response | None:
    """Close the connection without a word."""
    raise ConnectionAbortedError(f"{exchange.method} {exchange.path}")


def held(release: threading.Event, patience: float = 60.0) -> Trouble:
    """Keep the caller waiting until the event is set."""

    def wait(_: Exchange) -> Response | None:
        release.wait(patience)
        return None

    return wait


class Times:
    """Trouble for the first matching requests, as `before` or as `after`; the rest goes its way."""

    def __init__(self, trouble: Trouble, method: str = "", path: str = "", times: int = 1) -> None:
        self._trouble = trouble
        self._method = method
        self._path = re.compile(path)
        self._left = times
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange, _: Response | None = None) -> Response | None:
        if self._method not in ("", exchange.method) or not self._path.search(exchange.path):
            return None
        with self._lock:
            if self._left <= 0:
                return None
            self._left -= 1
        return self._trouble(exchange)


class Stale:
    """As `after`: a matching reading is answered as it was the first time, whatever has happened since."""

    def __init__(self, path: str = "") -> None:
        self._path = re.compile(path)
        self._first: dict[str, tuple[bytes, int, str]] = {}

    def __call__(self, exchange: Exchange, response: Response) -> Response | None:
        if exchange.method != "GET" or not self._path.search(exchange.path):
            return None
        key = f"{exchange.path}?{sorted(exchange.query.items())}"
        seen = response.get_data(), response.status_code, response.headers.get("Link", "")
        body, status, link = self._first.setdefault(key, seen)
        headers = {"Link": link} if link else None
        return Response(body, status, headers, content_type=response.content_type)


def about(event: str = "", action: str = "") -> Chosen:
    """The deliveries of an event, of one of its actions, or all; `github.loses` takes it as it is."""
    return lambda delivery: event in ("", delivery.event) and action in ("", delivery.action)


def at_once(delivery: Delivery) -> list[Delivery]:
    """As `carries`: nothing special."""
    return [delivery]


class Late:
    """As `carries`: the chosen deliveries wait, as in a surge, until they are released, in any order."""

    def __init__(self, store: Store, chosen: Chosen) -> None:
        self._store = store
        self._chosen = chosen
        self.held: list[Delivery] = []

    def __call__(self, delivery: Delivery) -> list[Delivery]:
        if not self._chosen(delivery):
            return [delivery]
        delivery.throttled_at = self._store.now()
        self.held.append(delivery)
        return []

    def release(self, order: Iterable[int] | None = None) -> None:
        """All of them as they came, or these, by their places in `held`, in this order."""
        with self._store.lock:
            places = list(range(len(self.held)) if order is None else order)
            released = [self.held[place] for place in places]
            self.held = [one for one in self.held if one not in released]
            for delivery in released:
                webhooks.post(self._store, delivery)


class Twice:
    """As `carries`: the chosen deliveries go out two times, under one GUID."""

    def __init__(self, store: Store, chosen: Chosen) -> None:
        self._store = store
        self._chosen = chosen

    def __call__(self, delivery: Delivery) -> list[Delivery]:
        if not self._chosen(delivery):
            return [delivery]
        again = replace(delivery, id=self._store.next_id())
        self._store.deliveries.append(again)
        return [delivery, again]
