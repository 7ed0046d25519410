"""How webhooks come: at once, never, late and in any order, or twice."""

from collections.abc import Callable

from dev.github.faults import Chosen, Late, Twice, about, at_once
from dev.github.log import Delivery
from dev.github.store import Store

FATES = ("at once", "lost", "late", "twice")
EVENTS = ("", "pull_request", "check_run", "check_suite")
_Way = Callable[[Delivery], list[Delivery]]


class Mail:
    """As the stand-in's `carries`: the deliveries of one event, or all, meet the fate that holds now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._late = Late(store, about())
        self._ways: dict[str, _Way] = {
            "at once": at_once,
            "lost": self._loses,
            "late": self._late,
            "twice": Twice(store, about()),
        }
        self._chosen: Chosen = about()
        self._way: _Way = at_once
        self.lost = False

    def meets(self, fate: str, event: str) -> None:
        """From now on."""
        self._chosen, self._way = about(event), self._ways[fate]

    def __call__(self, delivery: Delivery) -> list[Delivery]:
        return self._way(delivery) if self._chosen(delivery) else [delivery]

    def arrives(self, backwards: bool = False, most: int | None = None) -> int:
        """What is late comes now, or so much of it; how much that is."""
        places = list(range(len(self._late.held)))
        chosen = (places[::-1] if backwards else places)[:most]
        self._late.release(chosen)
        return len(chosen)

    def _loses(self, delivery: Delivery) -> list[Delivery]:
        del delivery
        self.lost = True
        return []
