"""Ready-made trouble for `github.before` and `github.after`: which requests, how often, what goes wrong."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

from werkzeug.wrappers import Response

from dev.github.log import Exchange

Trouble = Callable[[Exchange], Response | None]


def answer(status: int, message: str, headers: dict[str, str] | None = None) -> Trouble:
    """Answer in GitHub's error shape."""
    body = json.dumps({"message": message, "documentation_url": "https://docs.github.com/rest"})
    return lambda _: Response(body, status, headers, content_type="application/json; charset=utf-8")


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
