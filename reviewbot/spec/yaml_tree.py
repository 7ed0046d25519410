"""YAML with positions, from the parser's events: whatever expands, constructs or repeats is refused."""

import re
from typing import Any, NoReturn

import yaml
from yaml.reader import ReaderError

from reviewbot.spec.problems import START, Place, Report, shown
from reviewbot.spec.source import Source
from reviewbot.spec.tree import Node, Spot, Value, check_key, check_text

MAX_DEPTH = 16
MAX_NODES = 1_000

_WHOLE = re.compile(r"[-+]?[0-9]{1,9}")
_TAB = r"found character '\t'"
_TAG = "tag:yaml.org,2002:"


def read_yaml(source: Source, report: Report) -> Node | None:
    """The file's one document, or None if there is none; stops at what is not plain YAML."""
    reader: _Reader | None = None
    try:
        reader = _Reader(source, report)
        return reader.document()
    except ReaderError as error:
        report.stop(source.place(error.position), "a control character is not allowed here")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "this is not YAML"
        if reason.startswith(_TAB):
            reason = "a tab is not allowed here; YAML is indented with spaces"
        report.stop(_place(mark) if mark else START, shown(reason, 200))
    except (ValueError, OverflowError):
        # PyYAML hands the numbers of escapes and directives to chr() and int() unchecked.
        report.stop(reader.here() if reader else START, "a number is out of range")


class _Reader:
    def __init__(self, source: Source, report: Report) -> None:
        # The stubs leave the loader's events and marks untyped.
        self._loader: Any = yaml.SafeLoader(source.text)
        self._report = report
        self._nodes = 0

    def here(self) -> Place:
        return _place(self._loader.get_mark())

    def document(self) -> Node | None:
        self._loader.get_event()
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._loader.get_event()
        node = self._node(Spot(self._next_place()))
        self._loader.get_event()
        if not self._loader.check_event(yaml.StreamEndEvent):
            self._stop(self._loader.peek_event(), "only one document is allowed")
        return node

    def _node(self, spot: Spot) -> Node:
        event = self._plain_event(spot)
        place = _place(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            check_text(event.value, place, spot.path, self._report)
            return Node(place, spot.key, spot.path, self._scalar(event), _inset(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(place, spot.key, spot.path, self._sequence(spot))
        return Node(place, spot.key, spot.path, self._mapping(spot))

    def _plain_event(self, spot: Spot) -> Any:
        event = self._loader.get_event()
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES} values")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._stop(event, "anchors and aliases are not allowed")
        if event.tag is not None:
            self._stop(event, "tags are not allowed")
        if isinstance(event, yaml.CollectionStartEvent) and spot.depth == MAX_DEPTH:
            self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
        return event

    def _next_place(self) -> Place:
        return _place(self._loader.peek_event().start_mark)

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit).removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return event.value.lower() in ("true", "yes", "on")
        if tag == "int" and _WHOLE.fullmatch(event.value):
            return int(event.value)
        # Dates, fractions and YAML 1.1's other numbers mean nothing here: all that matters is that they are
        # no strings, so that the author is told to quote them.
        return event.value if tag == "str" else float("nan")

    def _sequence(self, spot: Spot) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            found.append(self._node(Spot(self._next_place(), spot.path, spot.depth + 1)))
        self._loader.get_event()
        return tuple(found)

    def _mapping(self, spot: Spot) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            event = self._plain_event(spot)
            key = _place(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, "a key must be a string")
            check_text(event.value, key, spot.path, self._report)
            check_key(event.value, key, found, spot, self._report)
            found[event.value] = self._node(Spot(key, (*spot.path, event.value), spot.depth + 1))
        self._loader.get_event()
        return found

    def _stop(self, event: Any, message: str) -> NoReturn:
        self._report.stop(_place(event.start_mark), message)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _inset(event: Any) -> int | None:
    start, end = event.start_mark, event.end_mark
    inset = 1 if event.style in ("'", '"') else 0
    plainly = start.line == end.line and end.index - start.index == len(event.value) + 2 * inset
    return inset if plainly else None
