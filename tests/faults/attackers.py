"""Callers who mean no good: connections that say too much, too slowly or for too long, and never hang up."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """So many of them say this at once, and that again and again."""

    number: int
    begins: bytes
    goes_on: bytes = b""


def head(*lines: str) -> bytes:
    """A delivery without its body."""
    return "\r\n".join(["POST /webhook HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


MUCH = b"x" * MEGABYTE
FIFTY = {
    "silent": Kind(8, b""),
    "slow headers": Kind(16, b"POST /webhook HTTP/1.1\r\n", b"X-Slow: 1\r\n"),
    "slow body": Kind(16, head("Content-Length: 200000"), b"x"),
    "too large": Kind(4, head("Content-Length: 1000000000"), MUCH),
    "a little too large": Kind(3, head(f"Content-Length: {26 * MEGABYTE}"), MUCH),
    "without an end": Kind(3, head("Transfer-Encoding: chunked") + b"7fffffff\r\n", MUCH),
}


class Attacker:
    """One connection that is not closed from this side before the end."""

    def __init__(self, port: int, kind: Kind) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.sendall(kind.begins)
        self._socket.setblocking(False)
        self._goes_on = kind.goes_on
        self._answer = b""
        self.over = False

    def step(self) -> None:
        """Say a little more, and listen; `over` once the other side has closed."""
        try:
            with suppress(BlockingIOError):
                data = self._socket.recv(MEGABYTE)
                self._answer += data
                self.over = not data
            with suppress(BlockingIOError):
                self._socket.send(self._goes_on)
        except OSError:
            self.over = True

    def status(self) -> int | None:
        """What it was told, if anything."""
        found = re.match(rb"HTTP/1\.\d (\d+)", self._answer)
        return int(found[1]) if found else None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@contextmanager
def attacked(port: int, kinds: dict[str, Kind]) -> Iterator[dict[str, list[Attacker]]]:
    """All of them at once, until the context ends."""
    mob = {name: [Attacker(port, kind) for _ in range(kind.number)] for name, kind in kinds.items()}
    every, stop = [each for group in mob.values() for each in group], threading.Event()

    def run() -> None:
        while not stop.wait(0.05):
            for each in every:
                if not each.over:
                    each.step()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield mob
    finally:
        stop.set()
        thread.join()
        for each in every:
            each.close()
