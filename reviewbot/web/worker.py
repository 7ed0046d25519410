"""Gunicorn's threaded worker, with an end to every request that does not end by itself."""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.util import close_graceful
from gunicorn.workers.gthread import ThreadWorker

# GitHub itself gives up then; what is slower would only keep a thread.
READING_SECONDS = 10.0


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Hears nobody for longer than that, however slowly but steadily they speak."""

    def init_process(self) -> None:
        """Called by gunicorn in the process that serves."""
        self._deadlines: dict[Any, float] = {}
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """A thread takes a request from the connection and answers it."""
        self._deadlines[conn] = time.monotonic() + READING_SECONDS
        try:
            kept = super().handle(conn)
            if not kept:
                _part(conn.sock)
            return kept
        finally:
            del self._deadlines[conn]

    def notify(self) -> None:
        """Called in each round of the main loop, which takes a second at most."""
        super().notify()
        now = time.monotonic()
        for conn, deadline in self._deadlines.copy().items():
            if deadline < now:
                # Only one direction: whoever has said everything still gets the answer.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


def _part(connection: socket.socket) -> None:
    # The caller is given time to hang up. Gunicorn does so in the one thread that takes new calls, unless it is over.
    with suppress(OSError):
        close_graceful(connection.dup())
        connection.shutdown(socket.SHUT_RD)
