"""Callers who want the same at once."""

import threading


class Key:
    """What callers want; it notices when all of them have said so."""

    def __init__(self, callers: int) -> None:
        self._callers: set[int] = set()
        self._number = callers
        self.wanted = threading.Event()

    def __hash__(self) -> int:
        self._callers.add(threading.get_ident())
        if len(self._callers) == self._number:
            self.wanted.set()
        return 1
