"""YAML with positions, from the parser's events: whatever expands, constructs or repeats is refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.reader import ReaderError
from yaml.resolver import Resolver

from reviewbot.spec.problems import START, Place, Report, shown
from reviewbot.spec.source import Source
from reviewbot.spec.tree import Node, Spot, Value, check_key, check_text

_WHOLE = re.compile(r"[-+]?[0-9]{1,9}")
_TAB = r"found character '\t'"
_TAG = "tag:yaml.org,2002:"
_RESOLVER: Any = Resolver()


def settings_value(text: str) -> Value:
    """What a scalar without quotes means in a file of settings."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if tag == "int" and _WHOLE.fullmatch(text):
        return int(text)
    # Dates, fractions and YAML 1.1's other numbers mean nothing here: all that matters is that they are
    # no strings, so that the author is told to quote them.
    return text if tag == "str" else float("nan")


@dataclass(frozen=True)
class Dialect:
    """How much a file may hold and what scalars without quotes mean; with `text_keys` a key has to mean its text."""

    documents: int = 1
    depth: int = 16
    nodes: int = 1_000
    value: Callable[[str], Value] = settings_value
    text_keys: bool = False


SETTINGS = Dialect()


def read_yaml(source: Source, report: Report) -> Node | None:
    """The file's one document, or None if there is none; stops at what is not plain YAML."""
    return next(iter(read_documents(source, report, SETTINGS)), None)


def read_documents(source: Source, report: Report, dialect: Dialect) -> list[Node]:
    """The file's documents; stops at what is not plain YAML."""
    reader: _Reader | None = None
    try:
        reader = _Reader(source, report, dialect)
        return reader.documents()
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
    def __init__(self, source: Source, report: Report, dialect: Dialect) -> None:
        # The stubs leave the loader's events and marks untyped.
        self._loader: Any = yaml.SafeLoader(source.text)
        self._report = report
        self._dialect = dialect
        self._nodes = 0

    def here(self) -> Place:
        return _place(self._loader.get_mark())

    def documents(self) -> list[Node]:
        self._loader.get_event()
        found: list[Node] = []
        while not self._loader.check_event(yaml.StreamEndEvent):
            if len(found) == self._dialect.documents:
                one = len(found) == 1
                message = "only one document is allowed" if one else f"more than {len(found)} documents"
                self._stop(self._loader.peek_event(), message)
            self._loader.get_event()
            found.append(self._node(Spot(self._next_place())))
            self._loader.get_event()
        return found

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
        if self._nodes > self._dialect.nodes:
            self._stop(event, f"more than {self._dialect.nodes} values")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._stop(event, "anchors and aliases are not allowed")
        if event.tag is not None:
            self._stop(event, "tags are not allowed")
        if isinstance(event, yaml.CollectionStartEvent) and spot.depth == self._dialect.depth:
            self._stop(event, f"nested deeper than {self._dialect.depth} levels")
        return event

    def _next_place(self) -> Place:
        return _place(self._loader.peek_event().start_mark)

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        return event.value if event.style else self._dialect.value(event.value)

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
            self._check_text_key(event)
            check_key(event.value, key, found, spot, self._report)
            found[event.value] = self._node(Spot(key, (*spot.path, event.value), spot.depth + 1))
        self._loader.get_event()
        return found

    def _check_text_key(self, event: Any) -> None:
        if not self._dialect.text_keys or event.style:
            return
        if event.value == "<<":
            self._stop(event, "merge keys are not allowed")
        if not isinstance(self._scalar(event), str):
            self._stop(event, f"the key {shown(event.value)} is not read as text; put it in quotes")

    def _stop(self, event: Any, message: str) -> NoReturn:
        self._report.stop(_place(event.start_mark), message)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _inset(event: Any) -> int | None:
    start, end = event.start_mark, event.end_mark
    inset = 1 if event.style in ("'", '"') else 0
    plainly = start.line == end.line and end.index - start.index == len(event.value) + 2 * inset
    return inset if plainly else None
