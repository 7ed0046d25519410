"""The log: one JSON object a line on stderr, without what is, or looks like, a secret."""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

from reviewbot.redact import redact, without

# What every record has; whatever else one carries was given as `extra`, and is a field of ours.
_STANDARD = {*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime"}

# Outcomes, events, names: what a log says it says over and over.
_SHORT = 64
_redact_short = lru_cache(1024)(redact)
_COMMIT = re.compile(r"[0-9a-f]{40}")

log = logging.getLogger(__name__)


class Lines(logging.Formatter):
    """Records as lines. `secrets` are values that never appear, whatever they look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(_own(record) | self._clean(said), ensure_ascii=False)

    def _clean(self, value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {str(name): self._clean(each) for name, each in value.items()}
            case list() | tuple():
                return [self._clean(each) for each in value]
            case str() if _COMMIT.fullmatch(value):
                # On a line of its own it would pass for a key. A secret may look like one.
                return without(str(value), self._secrets)
        text = str(value)
        return (_redact_short if len(text) <= _SHORT else redact)(text, self._secrets)


class Out(logging.StreamHandler[TextIO]):
    """Where lines go. Each is made before its thread waits for a turn to write, so that turns are short."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Write one whole line."""
        # What cannot be told must not end what it tells of. The library would show it as it is instead.
        with suppress(Exception):
            line = self._line(record)
            self.acquire()
            try:
                self.stream.write(line)
                self.stream.flush()
            finally:
                self.release()
        return True

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return f"{self.format(record)}\n"
        except Exception as failure:  # noqa: BLE001 - whatever has to be told may fail in any way
            return f"{_lost(record, failure)}\n"


def _own(record: logging.LogRecord) -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
    }


def _lost(record: logging.LogRecord, failure: Exception) -> str:
    # Nothing of what was to be told: nobody looked at it.
    told = {"level": "error", "message": "a line could not be written", "exception": type(failure).__name__}
    return json.dumps(_own(record) | told)


def start(secrets: Iterable[str]) -> None:
    """Have everything this process says go there: our words, the libraries', warnings and what nobody caught."""
    handler = Out(sys.stderr)
    handler.setFormatter(Lines(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = lambda *found: log.critical("the process ends by a bug", exc_info=found)
    threading.excepthook = lambda found: log.critical(
        "thread %s ends by a bug", found.thread and found.thread.name, exc_info=found.exc_value
    )
