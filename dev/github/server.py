"""Serves one GitHub on a local port: the API at the root and below `/api/v3`, pages and control beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from dev.github.hookshot import Hookshot
from dev.github.recorder import Recorder
from dev.github.site.app import create_site
from dev.github.world import GitHub

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API_ROOTS = {"repos", "repositories", "app", "installation", "rate_limit", "meta", "users"}


class Handler(WSGIRequestHandler):
    # headers and body leave in two writes, which Nagle's algorithm would space by 40 ms
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """The application raised a connection error: the peer shall see just that."""
        del error, environ
        self.close_connection = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the machine's date, so that a reply has only the one of the clock that it was made by."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The exchanges are in `github.requests`."""


def application(github: GitHub) -> WSGIApplication:
    api = Recorder(github)
    site = create_site(github)

    def by_first_segment(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        first = environ["PATH_INFO"].split("/")[1]
        return (api if first in API_ROOTS else site)(environ, start)

    return DispatcherMiddleware(by_first_segment, {"/api/v3": api})


@contextmanager
def serve(github: GitHub, port: int = 0) -> Iterator[str]:
    """Answer requests and post webhooks while the context lasts; yields the address."""
    server = make_server("127.0.0.1", port, application(github), threaded=True, request_handler=Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    github.api_url = address
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        with Hookshot(github):
            yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
