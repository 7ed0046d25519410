"""A watch's answer, from a stream of bytes to changes."""

from collections.abc import Iterator
from typing import Any, Literal

from reviewbot.errors import Unseen
from reviewbot.gateways.parsed import parsed

Object = dict[str, Any]
Event = tuple[Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"], Object]


def events(stream: Any) -> Iterator[Event]:
    """The changes, one a line, until the stream ends; Unseen if the server says that it has to."""
    for line in _lines(stream):
        event = parsed(line)
        if event["type"] == "ERROR":
            raise Unseen(f"the watch ended: {event['object'].get('reason', 'error')}")
        yield event["type"], event["object"]


def _lines(stream: Any) -> Iterator[bytes]:
    rest = b""
    for chunk in stream.stream(amt=None, decode_content=False):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
