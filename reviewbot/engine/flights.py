"""A watch inside a preview's namespace for as long as something in it is in flight."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from reviewbot.errors import GiveUp, Wait

Look = Callable[[str], None]


class Target(Protocol):
    """What is needed of the cluster that previews run on."""

    def watch(self, kind: str, namespace: str, since: str = "") -> Iterator[tuple[str, dict[str, Any]]]: ...


class Watches:
    """Every change of a followed preview's endpoints is a reason to look; failures are seen by timers."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._running: set[str] = set()

    def follow(self, name: str, namespace: str, look: Look) -> None:
        """Call `look` at every change until left, or until the watch breaks; the next pass follows again."""
        with self._lock:
            self._wanted.add(name)
            if name in self._running:
                return
            self._running.add(name)
        threading.Thread(target=self._watch, args=(name, namespace, look), name=f"watch {name}", daemon=True).start()

    def leave(self, name: str) -> None:
        """Stop looking; the watch ends with its next event or its minute."""
        with self._lock:
            self._wanted.discard(name)

    def _watch(self, name: str, namespace: str, look: Look) -> None:
        try:
            while name in self._wanted:
                for change, _ in self._target.watch("EndpointSlice", namespace):
                    if name not in self._wanted:
                        return
                    if change != "BOOKMARK":
                        look(name)
        except (Wait, GiveUp):
            return
        finally:
            with self._lock:
                self._running.discard(name)
