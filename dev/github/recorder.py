"""Around the API: every exchange is logged, and a test may step in before its effect or after it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from dev.github.api.app import STORE, create_app
from dev.github.log import Exchange
from dev.github.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Recorder:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._api = create_app()
        self._under_way: Counter[int | None] = Counter()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        exchange = self._begin(request)
        try:
            response = self._run(exchange, environ)
        finally:
            with self._store.lock:
                self._under_way[exchange.installation_id] -= 1
        exchange.status = response.status_code
        response.headers.setdefault("Date", http_date(self._store.clock()))
        return response(environ, start)

    def _begin(self, request: Request) -> Exchange:
        raw = _body(request)
        request.environ[STORE] = self._store
        request.environ["wsgi.input"] = io.BytesIO(raw)
        credential = request.headers.get("Authorization", "").partition(" ")[2]
        with self._store.lock:
            token = self._store.tokens.get(credential)
            exchange = Exchange(
                at=self._store.clock(),
                method=request.method,
                path=request.path,
                query=request.args.to_dict(),
                body=_parsed(raw),
                installation_id=token.installation.id if token else None,
                conditional="If-None-Match" in request.headers,
            )
            self._under_way[exchange.installation_id] += 1
            exchange.at_once = self._under_way[exchange.installation_id]
            self._store.requests.append(exchange)
        return exchange

    def _run(self, exchange: Exchange, environ: WSGIEnvironment) -> Response:
        """The hooks run without the lock, so that a slow one holds only its own request."""
        before, after = self._store.before, self._store.after
        instead = before(exchange) if before else None
        if instead is not None:
            return instead
        response = Response.from_app(self._api, environ, buffered=True)
        # werkzeug has dated it by the machine's clock
        response.headers["Date"] = http_date(self._store.clock())
        exchange.status = response.status_code
        return (after(exchange, response) if after else None) or response


def _body(request: Request) -> bytes:
    try:
        return request.get_data()
    except ClientDisconnected as gone:
        # Killed while asking: nobody is left to be answered.
        raise ConnectionAbortedError("the request broke off") from gone


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw
