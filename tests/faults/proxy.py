"""Stands between a process and what it talks to: passes every request on, streams included, unless told to meddle."""

import http.client
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.faults.calls import Call

# Of one connection only; what comes from the other side is the other side's.
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"}
_PIECE = 65536


class Moment(Enum):
    """How far a request has come."""

    ASKED = "before the send"
    DONE = "after the effect"
    ANSWERED = "after the reply"


class Cut(Exception):
    """Raised by whoever meddles: the connection ends here, without a word."""


@dataclass(frozen=True)
class Answer:
    """A whole reply."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


# Called at each moment of each request, and with the reply once there is one. Another answer replaces it, or stands
# in for the request; it may block, raise Cut, or do something else in the world first.
Meddler = Callable[[Call, Moment, Answer | None], Answer | None]
Connect = Callable[[], http.client.HTTPConnection]


def passes(call: Call, moment: Moment, answer: Answer | None) -> None:
    """A meddler that does nothing."""
    del call, moment, answer


@dataclass
class Proxy:
    """A way to one backend. `meddler` may be changed at any time; `translate` changes where a request goes."""

    backend: str
    connect: Connect
    translate: Callable[[Call], str] = lambda call: f"{call.path}?{call.query}" if call.query else call.path
    sees: Callable[[Call, bytes], bytes] = lambda _, body: body
    meddler: Meddler = passes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy

    def setup(self) -> None:
        super().setup()
        self._far = self.proxy.connect()

    def finish(self) -> None:
        self._far.close()
        super().finish()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, http.client.HTTPException, Cut):
            self.close_connection = True

    def _pass_on(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.proxy.backend, self.command, path, query, body)
        instead = self.proxy.meddler(call, Moment.ASKED, None)
        if instead is not None:
            self._reply(instead)
            return
        reply = self._ask(call, body)
        if call.streams and reply.status == 200:
            self._stream(reply)
            return
        answer = Answer(reply.status, tuple(reply.getheaders()), self.proxy.sees(call, reply.read()))
        self._reply(self.proxy.meddler(call, Moment.DONE, answer) or answer)
        self.proxy.meddler(call, Moment.ANSWERED, answer)

    def _ask(self, call: Call, body: bytes) -> http.client.HTTPResponse:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        if self._far.sock is not None and select.select([self._far.sock], [], [], 0)[0]:
            # It was closed at the other end while nothing was asked; whoever asks directly would see that too.
            self._far.close()
        self._far.request(call.method, self.proxy.translate(call), body or None, headers)
        return self._far.getresponse()

    def _reply(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _stream(self, reply: http.client.HTTPResponse) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", reply.getheader("Content-Type", "application/json"))
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := reply.read1(_PIECE):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *arguments: Any) -> None:
        """Whoever meddles sees every call."""


@contextmanager
def serving(proxy: Proxy) -> Iterator[str]:
    """Serve on a port of the loopback while the context lasts; yields the address."""
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
