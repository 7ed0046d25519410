"""JSON with positions: the standard library's strings, and a small reader around them that keeps places."""

import json
import math
import re
from typing import NoReturn

from reviewbot.spec.problems import START, Report
from reviewbot.spec.source import Source
from reviewbot.spec.tree import Node, Spot, Value, check_key, check_text

MAX_DEPTH = 32
MAX_NODES = 10_000
_MAX_DIGITS = 32

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"-?(?:NaN|Infinity)\b")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_STRING = json.JSONDecoder()


def read_json(source: Source, report: Report) -> Node:
    """The file's one value; stops at what is not JSON."""
    return _Reader(source, report).document()


class _Reader:
    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._text = source.text
        self._report = report
        self._at = 0
        self._nodes = 0

    def document(self) -> Node:
        self._skip()
        if self._at == len(self._text):
            self._report.stop(START, "the file is empty")
        node = self._node(Spot(self._source.place(self._at)))
        self._skip()
        if self._at < len(self._text):
            self._stop("unexpected text after the end")
        return node

    def _node(self, spot: Spot) -> Node:
        place = self._source.place(self._at)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(f"more than {MAX_NODES} values")
        return Node(place, spot.key, spot.path, self._value(spot))

    def _value(self, spot: Spot) -> Value:
        start = self._text[self._at : self._at + 1]
        if start and start in "{[":
            if spot.depth == MAX_DEPTH:
                self._stop(f"nested deeper than {MAX_DEPTH} levels")
            return self._object(spot) if start == "{" else self._array(spot)
        if start == '"':
            return self._string(spot.path)
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        return self._number()

    def _object(self, spot: Spot) -> dict[str, Node]:
        found: dict[str, Node] = {}
        self._at += 1
        if self._taken("}"):
            return found
        while True:
            self._skip()
            key = self._source.place(self._at)
            if not self._text.startswith('"', self._at):
                self._stop("expected a key in double quotes" + self._hint())
            name = self._string(spot.path)
            check_key(name, key, found, spot, self._report)
            if not self._taken(":"):
                self._stop('expected ":"')
            self._skip()
            found[name] = self._node(Spot(key, (*spot.path, name), spot.depth + 1))
            if not self._another("}"):
                return found

    def _array(self, spot: Spot) -> tuple[Node, ...]:
        found: list[Node] = []
        self._at += 1
        if self._taken("]"):
            return ()
        while True:
            self._skip()
            found.append(self._node(Spot(self._source.place(self._at), spot.path, spot.depth + 1)))
            if not self._another("]"):
                return tuple(found)

    def _string(self, path: tuple[str, ...]) -> str:
        place = self._source.place(self._at)
        try:
            text, self._at = _STRING.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = error.pos
            reason = error.msg.removesuffix(" starting at").removesuffix(" at").rstrip(": ")
            self._stop(reason[0].lower() + reason[1:])
        check_text(text, place, path, self._report)
        return str(text)

    def _number(self) -> int | float:
        if strange := _NOT_A_NUMBER.match(self._text, self._at):
            self._stop(f"{strange[0]} is not allowed")
        match = _NUMBER.match(self._text, self._at)
        if not match:
            self._stop("expected a value" + self._hint())
        if len(match[0]) > _MAX_DIGITS:
            self._stop("the number has too many digits")
        number = float(match[0]) if match[1] or match[2] else int(match[0])
        if math.isinf(number):
            self._stop("the number is too large")
        self._at = match.end()
        return number

    def _hint(self) -> str:
        if self._text.startswith(("//", "/*", "#"), self._at):
            return "; JSON has no comments"
        ends = self._text.startswith(("}", "]"), self._at)
        after_comma = self._text[: self._at].rstrip().endswith(",")
        return "; JSON has no comma after the last one" if ends and after_comma else ""

    def _another(self, end: str) -> bool:
        if self._taken(","):
            return True
        if not self._taken(end):
            self._stop(f'expected "," or "{end}"')
        return False

    def _taken(self, character: str) -> bool:
        self._skip()
        if not self._text.startswith(character, self._at):
            return False
        self._at += 1
        return True

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _stop(self, message: str) -> NoReturn:
        self._report.stop(self._source.place(self._at), message)
