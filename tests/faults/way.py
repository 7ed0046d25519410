"""The way of a process of ours to the API server, on which anything may go wrong."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import urllib3
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from dev.github.server import Handler

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PASSED_ON = {"accept", "authorization", "content-type"}


def _nothing(*_: object) -> None:
    return None


class Way:
    """Passes requests on. `before` and `after` may answer instead, or raise ConnectionAbortedError to cut it."""

    def __init__(self, server: str, authority: str) -> None:
        self.before: Callable[[Request], Response | None] = _nothing
        self.after: Callable[[Request, Response], Response | None] = _nothing
        self._server = server
        self._pool = urllib3.PoolManager(maxsize=64, ssl_context=ssl.create_default_context(cadata=authority))

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        answer = self.before(request)
        if answer is None:
            answer = self._asked(request, body)
            answer = self.after(request, answer) or answer
        return answer(environ, start)

    def _asked(self, request: Request, body: bytes) -> Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() in _PASSED_ON}
        url = self._server + request.full_path.rstrip("?")
        found = self._pool.request(request.method, url, body=body or None, headers=headers, retries=False)
        return Response(found.data, found.status, content_type=found.headers.get("Content-Type"))


@contextmanager
def way(kubeconfig: Path, own: Path) -> Iterator[Way]:
    """One that begins where the kubeconfig `own` leads, which is written, and ends where `kubeconfig` does."""
    config = json.loads(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    made = Way(cluster["server"], authority)
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=Handler)
    config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{server.server_port}"}
    own.write_text(json.dumps(config))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
