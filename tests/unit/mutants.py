"""Recorded payloads with a few things wrong in them (values, keys, grafts, bytes, ends), sent to the door by seed."""

import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import run_wsgi_app

from tests.unit.posts import OWN_HOST, Box, an_app, sign
from tests.unit.recorded import Recorded, recorded

HOSTILE = [
    *("null", "true", "false", "0", "-1", "-0", "1.5", "1e400", "NaN", "-Infinity", str(2**63), "9" * 400, "9" * 5000),
    *('""', '"\\ud800"', '"\\u0000"', '"../../x"', '"' + "x" * 300 + '"', '"' + "é" * 40 + '"', "'x'", '"', "\\"),
    *("{}", "[]", "[[]]", '{"id": "1"}', '{"id": null, "login": []}', "[" * 2000, "[" * 900 + "]" * 900),
    '{"a":' * 1500 + "1" + "}" * 1500,
]


@dataclass
class Text:
    """A document written out, and where in it each value, and each key with its value, begins and ends."""

    whole: str = ""
    values: list[tuple[int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, document: Any) -> "Text":
        """Written as GitHub does it, without spaces."""
        made = cls()
        made.whole = "".join(made._write(document, 0))
        return made

    def _write(self, value: Any, start: int) -> Iterator[str]:
        end = start
        for piece in self._pieces(value, start):
            end += len(piece)
            yield piece
        self.values.append((start, end))

    def _pieces(self, value: Any, at: int) -> Iterator[str]:
        if not isinstance(value, dict | list):
            yield json.dumps(value)
            return
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        children = value.items() if isinstance(value, dict) else ((None, each) for each in value)
        yield opening
        at += 1
        for number, (key, child) in enumerate(children):
            before = ("," if number else "") + (f"{json.dumps(key)}:" if key is not None else "")
            inner = "".join(self._write(child, at + len(before)))
            yield before + inner
            if key is not None:
                self.pairs.append((at + (1 if number else 0), at + len(before) + len(inner)))
            at += len(before) + len(inner)
        yield closing


def mutant(text: Text, draw: random.Random) -> bytes:
    """One to three things are wrong in it."""
    whole, cut = text.whole, len(text.whole)
    # From the end on, so that the places before it stay where they are.
    for start, end, new in sorted((_wrong(text, draw) for _ in range(draw.choice((1, 1, 2, 3)))), reverse=True):
        if end <= cut:
            whole, cut = whole[:start] + new + whole[end:], start
    body = bytearray(whole.encode("utf-8", "surrogatepass"))
    if draw.random() < 0.2:
        body[draw.randrange(len(body))] = draw.randrange(256)
    if draw.random() < 0.05:
        del body[draw.randrange(len(body)) :]
    return bytes(body)


def mutants(each: Recorded, number: int) -> Iterator[bytes]:
    """So many of one payload, the same every time."""
    text, draw = Text.of(json.loads(each.body)), random.Random(f"{each.event} {each.action}")  # noqa: S311 - the same
    return (mutant(text, draw) for _ in range(number))


def _wrong(text: Text, draw: random.Random) -> tuple[int, int, str]:
    kind = draw.random()
    if kind < 0.6:
        return *_place(text.values, draw), draw.choice(HOSTILE)
    if kind < 0.75:
        return *_place(text.values, draw), text.whole[slice(*draw.choice(text.values))]
    start, end = _place(text.pairs, draw)
    if kind < 0.85:
        return start, end, '"gone":0'
    pair = text.whole[start:end]
    twice = [pair, pair.partition(":")[0] + ":" + draw.choice(HOSTILE)]
    draw.shuffle(twice)
    return start, end, ",".join(twice)


def _place(places: list[tuple[int, int]], draw: random.Random) -> tuple[int, int]:
    # What is written last encloses the most, and is what the door reads.
    return places[-1 - int(len(places) * draw.random() ** 3)]


# What the deliveries of an event may ask to look at, and nothing else.
_COMMITS, _LISTINGS = frozenset({"commit", "repository"}), frozenset({"repository", "known"})
KINDS = {
    "pull_request": frozenset({"pr"}),
    **dict.fromkeys(("check_run", "check_suite", "status"), _COMMITS),
    **dict.fromkeys(("installation", "installation_repositories", "repository"), _LISTINGS),
}
_OUR_WORDS = {"repository", "commit", "known", "all", "of", "redeploy", "by"}


def attack(event: str, number: int) -> Counter[int]:
    """Send that many mutants, each of one of the event's payloads, all signed; how often each status was the answer."""
    own, every = recorded()
    texts = [Text.of(json.loads(each.body)) for each in every if each.event == event]
    draw, told = random.Random(event), Counter[int]()  # noqa: S311 - the same mutants every time
    box = Box()
    app = an_app(box, own)
    for _ in range(number):
        body = mutant(draw.choice(texts), draw)
        box.poked.clear()
        told[_sent(app, event, body)] += 1
        for poked in box.poked:
            _is_named(event, poked, body.decode(errors="replace"))
    box.poked.clear()
    # It is as well as ever.
    assert {_sent(app, event, text.whole.encode()) for text in texts} <= {200, 202}
    assert box.poked
    return told


def _is_named(event: str, poked: str, body: str) -> None:
    words = poked.removeprefix("pr-").replace("-", " ").split() if poked.startswith("pr-") else poked.split()
    assert ("pr" if poked.startswith("pr-") else words[0]) in KINDS[event], (poked, body)
    names = [word.strip("(),'") for word in words if word not in _OUR_WORDS]
    assert all(name in body for name in names), (poked, body)
    assert "acme" in body.lower(), (poked, body)


def _sent(app: Flask, event: str, body: bytes) -> int:
    # As a server does it: the client that Flask has for tests takes longer than the rest together.
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/webhook",
        "SERVER_NAME": OWN_HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": OWN_HOST,
        "HTTP_X_GITHUB_EVENT": event,
        "HTTP_X_GITHUB_DELIVERY": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "HTTP_X_HUB_SIGNATURE_256": sign(body),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    _, status, _ = run_wsgi_app(app, environ)
    return int(status.split()[0])
