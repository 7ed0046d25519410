"""Keeps callers waiting."""

import re
import threading
from dataclasses import dataclass, field

from tests.faults.calls import Call
from tests.faults.proxy import Answer, Moment

# Only a bound, for a test that fails before it lets anybody go.
_PATIENCE_SECONDS = 120


@dataclass
class Place:
    """Where callers wait: at a moment of calls to a backend whose path matches."""

    backend: str
    path: str
    moment: Moment
    caught: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let everybody go on, who waits or comes later."""
        self.released.set()


class Hold:
    """A meddler at whose places callers wait."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def at(self, backend: str, path: str, moment: Moment) -> Place:
        """From now on keep such callers waiting."""
        made = Place(backend, path, moment)
        self._places.append(made)
        return made

    def __call__(self, call: Call, moment: Moment, answer: Answer | None) -> None:
        """Meet a request."""
        del answer
        for place in self._places:
            if (call.backend, moment) == (place.backend, place.moment) and re.fullmatch(place.path, call.path):
                place.caught.set()
                place.released.wait(_PATIENCE_SECONDS)
