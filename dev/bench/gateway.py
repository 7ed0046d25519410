"""A Gateway for previews whose pods do nothing: a route's host answers 200 with the route's headers, any other 503.

A process of its own, because the bot asks it: `python -m dev.bench.gateway <kubeconfig> <port>`.
"""

import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reviewbot.engine.watch import Watch
from reviewbot.gateways.cluster import connect

Headers = dict[str, str]


class Routes:
    """The headers of each host that has a route, as a watch tells them."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, Headers]] = {}

    def begin(self, items: Iterable[dict[str, Any]]) -> None:
        """These are all the routes there are."""
        self._held = {}
        for item in items:
            self.change("ADDED", item)

    def change(self, change: str, item: dict[str, Any]) -> None:
        """One came, changed or went."""
        namespace, spec = item["metadata"]["namespace"], item["spec"]
        if change == "DELETED":
            self._held.pop(namespace, None)
        elif not spec["hostnames"][0].startswith("*"):
            (added,) = (each["responseHeaderModifier"]["set"] for each in spec["rules"][0]["filters"])
            self._held[namespace] = spec["hostnames"][0], {each["name"]: each["value"] for each in added}

    def of(self, host: str) -> Headers | None:
        """The headers of the host's route, if it has one."""
        # A preview has one route and its namespace one label in the host, so few are asked for by anybody but us.
        return next((headers for name, headers in list(self._held.values()) if name == host), None)


class Handler(BaseHTTPRequestHandler):
    """Answers by host."""

    routes: Routes
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The page of whatever is asked for."""
        found = self.routes.of((self.headers.get("Host") or "").partition(":")[0])
        self.send_response(503 if found is None else 200)
        for name, value in {**(found or {}), "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


def main() -> None:
    """Serve until the process is ended."""
    kubeconfig, port = sys.argv[1:]
    routes = Handler.routes = Routes()
    watch = Watch(connect(kubeconfig), "HTTPRoute")
    threading.Thread(target=watch.run, args=(routes.begin, routes.change, threading.Event()), daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
