"""List once, watch ever after; whatever breaks the watch, another list shows what was missed."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from reviewbot.engine.watch import Watch
from reviewbot.errors import GiveUp, Unseen

Object = dict[str, Any]


def an_item(name: str, version: int) -> Object:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


class Impatient(threading.Event):
    """Nobody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        return self.is_set()


class Server:
    """What an API server answers, call by call; when there is no more, the watch is told to stop."""

    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)
        self.stopping = Impatient()
        self.asked: list[tuple[Any, ...]] = []
        self.told: list[str] = []

    def items_at(self, *what: Any) -> tuple[list[Object], str]:
        self.asked.append(("list", *what))
        items, version = self._next(([], "0"))
        return items, version

    def watch(self, *what: Any) -> Iterator[tuple[str, Object]]:
        self.asked.append(("watch", *what))
        yield from self._next([])

    def _next(self, end: Any) -> Any:
        answer = next(self._answers, None)
        if answer is None:
            self.stopping.set()
            return end
        if isinstance(answer, Exception):
            raise answer
        return answer

    def listed(self, items: Iterable[Object]) -> None:
        self.told.append("all: " + " ".join(item["metadata"]["name"] for item in items))

    def changed(self, change: str, item: Object) -> None:
        self.told.append(f"{change} {item['metadata']['name']}")

    def run(self) -> None:
        Watch(self, "EndpointSlice", None, {"label": None}).run(self.listed, self.changed, self.stopping)


def breaking(*events: tuple[str, Object]) -> Callable[[], Iterator[tuple[str, Object]]]:
    def stream() -> Iterator[tuple[str, Object]]:
        yield from events
        raise Unseen("the watch ended: Expired")

    return stream


WHAT = ("EndpointSlice", None, {"label": None})


def test_each_watch_goes_on_where_the_one_before_ended() -> None:
    changes = [("ADDED", an_item("b", 7)), ("BOOKMARK", an_item("", 9))]
    server = Server(([an_item("a", 3)], "5"), changes, [("DELETED", an_item("a", 12))])
    server.run()
    assert server.told == ["all: a", "ADDED b", "DELETED a"]
    assert server.asked == [("list", *WHAT), *(("watch", *WHAT, since) for since in ("5", "9", "12"))]


def test_watch_dies_silently__a_break_leads_to_another_list() -> None:
    server = Server(
        GiveUp("endpointslices is forbidden"),
        ([], "5"),
        breaking(("ADDED", an_item("b", 7)))(),
        ([an_item("c", 8)], "8"),
    )
    server.run()
    assert server.told == ["all: ", "ADDED b", "all: c"]
    assert [call[0] for call in server.asked] == ["list", "list", "watch", "list", "watch"]
    assert server.asked[-1][-1] == "8"
