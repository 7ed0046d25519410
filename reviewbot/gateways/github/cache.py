"""Answers that GitHub need not send again: it says 304 if nothing changed, which its hourly limit does not count.

GitHub's tags depend on the token, so an answer is of use only for as long as the token it was given to.
"""

import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass

# A thousand pull requests that wait for their tests take about 7,000 answers of 1 KB, compressed.
MOST_ANSWERS = 8_000
MOST_BYTES = 16_000_000
# A single answer that takes more of it than that is not worth what it drives out.
_LARGEST_SHARE = 8

# The token's secret, and the address with its query.
_Key = tuple[str, str]


@dataclass(frozen=True)
class Cached:
    """An answer's tag, its `Link` header and its compressed text."""

    etag: str
    link: str
    packed: bytes

    @property
    def text(self) -> str:
        """The answer's text as GitHub sent it."""
        return zlib.decompress(self.packed).decode()


class Cache:
    """The answers that were used last, within bounds. Safe to share between threads."""

    def __init__(self, most_answers: int = MOST_ANSWERS, most_bytes: int = MOST_BYTES) -> None:
        self._most_answers = most_answers
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[_Key, Cached] = OrderedDict()
        self._bytes = 0

    def find(self, token: str, address: str) -> Cached | None:
        """What the address answered to this token last, if that is still held."""
        with self._lock:
            found = self._answers.get((token, address))
            if found is not None:
                self._answers.move_to_end((token, address))
            return found

    def keep(self, token: str, address: str, etag: str, link: str, text: str) -> None:
        """Hold an answer in place of the one before it; what was not used for longest makes room."""
        answer = Cached(etag, link, zlib.compress(text.encode(), 1))
        with self._lock:
            self._drop((token, address))
            if len(answer.packed) > self._most_bytes // _LARGEST_SHARE:
                return
            self._answers[token, address] = answer
            self._bytes += len(answer.packed)
            while len(self._answers) > self._most_answers or self._bytes > self._most_bytes:
                self._drop(next(iter(self._answers)))

    def _drop(self, key: _Key) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped.packed)
