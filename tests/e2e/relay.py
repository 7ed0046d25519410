"""Two ways to stand between a process and what it talks to: a relay of bytes that can fall silent, and a front of the
stand-in GitHub that notes who asked and can keep them waiting.
"""

import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from dev.github import GitHub
from dev.github.server import Handler, application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE = 60


class Relay:
    """Passes bytes on to an address, until it falls silent: connections stay open and carry nothing any more."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """From now on nothing comes through, and nothing is refused."""
        self._open.clear()

    def close(self) -> None:
        """Take no more connections; those that are open end with their peers."""
        self._open.set()
        # A thread that waits in accept would keep the socket.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._address)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Front:
    """One caller's way to the stand-in GitHub."""

    def __init__(self, github: GitHub) -> None:
        self._answers = application(github)
        self._lock = threading.Lock()
        self._holds: dict[str, tuple[threading.Event, threading.Event]] = {}
        self.calls: list[str] = []

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        with self._lock:
            self.calls.append(call)
            waits = [each for pattern, each in self._holds.items() if re.fullmatch(pattern, call)]
        answer = self._answers(environ, start)
        for caught, released in waits:
            caught.set()
            released.wait(PATIENCE)
        return answer

    def hold(self, pattern: str) -> None:
        """From now on keep whoever makes such a call waiting for its answer, which is as things were when it came."""
        with self._lock:
            self._holds[pattern] = (threading.Event(), threading.Event())

    def held(self, pattern: str) -> bool:
        """Whether somebody waits, or has waited, there."""
        return self._holds[pattern][0].is_set()

    def release(self) -> None:
        """Let everybody go on."""
        with self._lock:
            for _, released in self._holds.values():
                released.set()
            self._holds.clear()

    def writes(self) -> list[str]:
        """Every write on a repository that came through so far."""
        return [call for call in self.calls if not call.startswith("GET ") and "/repositories/" in call]


@contextmanager
def front(github: GitHub) -> Iterator[tuple[Front, str]]:
    """A front and its address, as long as the context lasts."""
    made = Front(github)
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made, f"http://127.0.0.1:{server.server_port}"
    finally:
        made.release()
        server.shutdown()
        thread.join()
        server.server_close()
