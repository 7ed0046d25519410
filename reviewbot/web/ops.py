"""The second port, for operators and probes: /healthz, /readyz, /metrics."""

import threading
from collections.abc import Callable

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

Check = Callable[[], str | None]


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Probes come every few seconds and say nothing."""


def create_ops(alive: Check, ready: Check, measured: CollectorRegistry) -> Flask:
    """The application; a check gives the reason why not, or None. `measured` is the process's own metrics."""
    app = Flask(__name__, static_folder=None)

    @app.get("/healthz")
    def healthz() -> Response:
        return _answer(alive())

    @app.get("/readyz")
    def readyz() -> Response:
        return _answer(alive() or ready())

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(REGISTRY) + generate_latest(measured), content_type=CONTENT_TYPE_LATEST)

    return app


def serve_ops(app: Flask, address: str, port: int) -> BaseWSGIServer:
    """Serve it from a thread of this process until shut down."""
    server = make_server(address.strip("[]"), port, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, name="ops", daemon=True).start()
    return server


def _answer(problem: str | None) -> Response:
    return Response(f"{problem or 'ok'}\n", 503 if problem else 200, mimetype="text/plain")
