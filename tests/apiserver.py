"""A way to the API server that fails as it is told: it refuses, cuts, loses answers, or falls silent."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import urllib3

# A status is an answer in the server's place. "cut": the connection ends before the request came through; "lost":
# after it took effect; "half": in the middle of the answer; "silent": it stays open and nothing comes through.
Trouble = Literal["cut", "lost", "half", "silent"] | int

_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
_SECONDS = 60


class Way:
    """One caller's way to the API server; `trouble` is asked about each request, as its method and path."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        where = config["clusters"][0]["cluster"]
        self._server = where["server"]
        authority = ssl.create_default_context(cafile=_authority(where, folder))
        self._pool = urllib3.PoolManager(ssl_context=authority, maxsize=32, timeout=_SECONDS)
        self.trouble: Callable[[str, str], Trouble | None] = lambda _method, _path: None
        self.calls: list[str] = []
        self.flows = threading.Event()
        self.flows.set()
        self.closing = threading.Event()
        self._listener = _Listener(("127.0.0.1", 0), _Handler)
        self._listener.way = self
        config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{self._listener.server_port}"}
        self.kubeconfig = folder / f"way-{self._listener.server_port}.kubeconfig"
        self.kubeconfig.write_text(json.dumps(config))
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """What the server itself answers."""
        return self._pool.request(
            method, self._server + path, body=body, headers=headers, preload_content=False, retries=False
        )

    def close(self) -> None:
        """Take no more requests, and let go of those that were kept waiting."""
        self.closing.set()
        self.flows.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._pool.clear()


class _Listener(ThreadingHTTPServer):
    way: Way
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def log_message(self, *_: Any) -> None:
        """Nothing: requests are in `calls`."""

    def handle_one_request(self) -> None:
        # Whoever asked may be gone by the time of the answer.
        with suppress(OSError):
            super().handle_one_request()

    def _relay(self) -> None:
        way, path = self.server.way, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        way.calls.append(f"{self.command} {path}")
        trouble = way.trouble(self.command, path)
        if trouble == "silent":
            way.closing.wait(_SECONDS)
        if trouble in {"cut", "silent"}:
            self.close_connection = True
            return
        if isinstance(trouble, int):
            self._answer(trouble, json.dumps({"kind": "Status", "code": trouble, "message": "try again"}).encode())
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        response = way.forward(self.command, self.path, body, headers)
        try:
            self._pass_on(response, trouble)
        finally:
            response.close()

    def _pass_on(self, response: urllib3.BaseHTTPResponse, trouble: str | None) -> None:
        if trouble is None and "watch=true" in self.path:
            self._stream(response)
            return
        data = response.read(decode_content=False)
        if trouble is not None:
            self.close_connection = True
        if trouble != "lost":
            self._answer(response.status, data, half=trouble == "half")

    def _answer(self, status: int, data: bytes, *, half: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if half else data)

    def _stream(self, response: urllib3.BaseHTTPResponse) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in response.stream(decode_content=False):
            self.server.way.flows.wait(_SECONDS)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _relay  # noqa: N815 - the names that the base class looks for


def _authority(where: dict[str, str], folder: Path) -> str:
    if "certificate-authority" in where:
        return where["certificate-authority"]
    path = folder / "authority.pem"
    path.write_bytes(base64.b64decode(where["certificate-authority-data"]))
    return str(path)


@contextmanager
def way_to(kubeconfig: Path, folder: Path) -> Iterator[Way]:
    """A way of one's own for whoever has that kubeconfig, as long as the context lasts."""
    made = Way(kubeconfig, folder)
    try:
        yield made
    finally:
        made.close()
