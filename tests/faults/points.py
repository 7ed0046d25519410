"""Where a step of a life can be cut: which calls it makes, and what can happen at each.

Passes that find nothing new repeat themselves, as often as a pod takes to start. So a call is known by its name and
by the chapter in which it is made, which is the reason that the record shows at that moment.
"""

import json
import random
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.faults.calls import CLUSTER, GITHUB, Call
from tests.faults.proxy import Answer, Moment

_ANY = "any chapter"


@dataclass(frozen=True, order=True)
class Place:
    """A call in a step's story."""

    chapter: str
    call: str
    writes: bool

    def __str__(self) -> str:
        return f"{self.call} [{self.chapter or 'before anything is noted'}]"

    @property
    def anywhere(self) -> "Place":
        """The same call in whichever chapter it is made."""
        return replace(self, chapter=_ANY)

    def meets(self, wanted: "Place") -> bool:
        """Whether this is the one that is wanted."""
        return wanted in (self, self.anywhere)


@dataclass(frozen=True)
class Point:
    """A place in a step, how far the call has come, and what happens then."""

    step: str
    place: Place
    moment: Moment
    strike: str

    def __str__(self) -> str:
        return f"{self.step}: {self.strike} {self.moment.value} of {self.place}"

    @property
    def anywhere(self) -> "Point":
        """The same in whichever chapter the call is made."""
        return replace(self, place=self.place.anywhere)


# What a controller does when it starts, and now and then, whatever happens to pull requests.
_ERRANDS = re.compile(
    r"cluster: GET (/api/v1/namespaces|.*/serviceaccounts|.*/reviewapps|.*/endpointslices|.*/gateways/reviewbot)"
    r"|cluster: \w+ .*/(repositories(/.*)?|configmaps/reviewbot-deliveries)|cluster: POST .* \(dry run\)"
    r"|github: \w+ (/app/.*|/installation/repositories|/repositories/{id}/pulls)"
)


class Reader:
    """Tells of each call where in a step it is made; None if not in the step.

    `record` names whose step it is; `starts` says whether what is done at every start belongs to it.
    """

    def __init__(self, record: str, starts: bool) -> None:
        self._record = record
        self._starts = starts
        self._lock = threading.Lock()
        self._chapter = ""

    def place(self, call: Call) -> Place | None:
        """To be asked when the call is made."""
        if call.streams or "/leases/" in call.path or (not self._starts and _ERRANDS.fullmatch(call.name)):
            return None
        with self._lock:
            return Place(self._chapter, call.name, call.writes)

    def hear(self, call: Call, moment: Moment) -> None:
        """To be told of each moment, to know when a chapter begins."""
        if moment is Moment.DONE and call.backend == CLUSTER and call.path.endswith(f"/{self._record}/status"):
            reason = (json.loads(call.body or b"{}").get("status") or {}).get("reason")
            with self._lock:
                self._chapter = reason or self._chapter


class Recorder:
    """A meddler that does nothing but note where calls are made."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._places: dict[Place, None] = {}

    @property
    def places(self) -> list[Place]:
        """Each where it came first."""
        return list(self._places)

    def __call__(self, call: Call, moment: Moment, answer: Answer | None) -> None:
        """Note a request."""
        del answer
        if moment is Moment.ASKED:
            place = self._reader.place(call)
            if place:
                self._places.setdefault(place)
        self._reader.hear(call, moment)


def points(step: str, places: Iterable[Place]) -> Iterator[Point]:
    """Everything that can happen in a step, in the order of its calls.

    What reads changes nothing, so its three moments are one; and who is told to end meanwhile finishes the look, as who
    is told so at its first write. A frozen process matters where a write cannot be fenced by the one who receives it,
    which is on GitHub.
    """
    for place in places:
        for moment in Moment if place.writes else (Moment.ASKED,):
            yield Point(step, place, moment, "SIGKILL")
        if place.writes:
            yield Point(step, place, Moment.ASKED, "SIGTERM")
        else:
            yield Point(step, place, Moment.DONE, "an older answer")
        if place.writes and place.call.startswith(GITHUB):
            yield Point(step, place, Moment.ASKED, "SIGSTOP")


def moves(name: str, places: Iterable[Place]) -> list[Point]:
    """Of what somebody does meanwhile, which can come before any call."""
    return [Point(name, place, Moment.ASKED, "it comes") for place in places]


def sample(recorded: Mapping[str, Sequence[Place]], seed: int, each: int) -> dict[str, list[Point]]:
    """So many points of each step, by the seed, in the order of their calls. No frozen ones, which take long."""
    drawn = random.Random(seed)  # noqa: S311 - to be the same in every run
    found = {}
    for step, places in recorded.items():
        quick = [point for point in points(step, places) if point.strike != "SIGSTOP"]
        chosen = sorted(drawn.sample(range(len(quick)), min(each, len(quick))))
        found[step] = [quick[at] for at in chosen]
    return found
