"""What the API server answers to a watch: changes, bookmarks, and in two ways that its history is gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reviewbot.errors import Unseen
from reviewbot.gateways.cluster import Cluster

TOO_OLD = {
    "kind": "Status",
    "status": "Failure",
    "reason": "Expired",
    "code": 410,
    "message": "too old resource version",
}
CHANGE = {"type": "ADDED", "object": {"metadata": {"name": "web", "resourceVersion": "8"}}}


class Answer:
    """A status and what is streamed after it, in these pieces."""

    def __init__(self, status: int, *pieces: bytes) -> None:
        self.status = status
        self.response = self
        self.closed = False
        self._pieces = pieces

    def param_serialize(self, *_: Any, **__: Any) -> tuple[()]:
        return ()

    def call_api(self, _request_timeout: Any) -> "Answer":
        assert _request_timeout
        return self

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield from self._pieces

    def read(self) -> bytes:
        return b"".join(self._pieces)

    def close(self) -> None:
        self.closed = True


def watch(answer: Answer) -> list[tuple[str, Any]]:
    cluster = Cluster(answer, lambda: None)  # type: ignore[arg-type]
    return list(cluster.watch("EndpointSlice", None, {"a": None}, since="1"))


def test_changes_come_whole_however_they_are_cut() -> None:
    line = json.dumps(CHANGE).encode() + b"\n"
    answer = Answer(200, line[:10], line[10:] + line)
    assert watch(answer) == [("ADDED", CHANGE["object"])] * 2
    assert answer.closed


@pytest.mark.parametrize(
    "answer",
    [
        Answer(410, json.dumps(TOO_OLD).encode()),
        Answer(200, json.dumps({"type": "ERROR", "object": TOO_OLD}).encode() + b"\n"),
    ],
    ids=["at once", "in the stream"],
)
def test_watch_dies_silently__where_history_is_gone(answer: Answer) -> None:
    with pytest.raises(Unseen):
        watch(answer)
    assert answer.closed


@pytest.mark.parametrize("line", [b"<html>back soon</html>\n", b"null\n"])
def test_watch_dies_silently__where_no_api_server_speaks(line: bytes) -> None:
    answer = Answer(200, line)
    with pytest.raises(Unseen):
        watch(answer)
    assert answer.closed
