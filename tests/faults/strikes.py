"""What happens to reviewbot at one point of its work, and how it comes back."""

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from tests.faults.calls import Call
from tests.faults.lane import Lane
from tests.faults.points import Point, Reader
from tests.faults.proxy import Answer, Cut, Moment

_NOT_MODIFIED = 304


class Older:
    """What each reading was answered last, and before that changed."""

    def __init__(self) -> None:
        self._last: dict[str, Answer] = {}
        self._before: dict[str, Answer] = {}

    def keep(self, call: Call, answer: Answer) -> None:
        """Keep the answer to a reading, unless it is that nothing has changed."""
        if answer.status == _NOT_MODIFIED:
            return
        key = f"{call.backend} {call.path}?{call.query}"
        last = self._last.get(key)
        if last is not None and last.body != answer.body:
            self._before[key] = last
        self._last[key] = answer

    def answer(self, call: Call) -> Answer | None:
        """What such a reading was answered before that changed for the last time; None if it never did."""
        return self._before.get(f"{call.backend} {call.path}?{call.query}")


class Strikes:
    """A meddler that strikes at each of its points, whichever is met first, and has the controller come back from each.

    A context, at whose end the controller has come back from all that were met.
    """

    def __init__(self, lane: Lane, points: Sequence[Point], older: Older, reader: Reader) -> None:
        self._lane = lane
        self._left = list(points)
        self._older = older
        self._reader = reader
        self._lock = threading.Lock()
        self._aimed: tuple[Call, Point] | None = None
        self._nurse = ThreadPoolExecutor(1, "comes back")
        self._coming: Future[None] | None = None
        self.struck: list[Point] = []
        # Those of them at which there was nothing to deceive with.
        self.idle: list[Point] = []
        lane.misled = False

    def __enter__(self) -> Self:
        self._lane.meddles(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._lane.meddles()
        self._nurse.shutdown()

    @property
    def over(self) -> bool:
        """Whether the controller has come back from the last strike; raises what was wrong with that."""
        if self._is_away():
            return False
        if self._coming is not None:
            self._coming.result()
        return True

    def _is_away(self) -> bool:
        return self._coming is not None and not self._coming.done()

    def __call__(self, call: Call, moment: Moment, answer: Answer | None) -> Answer | None:
        """Meet a request."""
        if moment is Moment.ASKED:
            self._aim(call)
        self._reader.hear(call, moment)
        if moment is Moment.DONE and answer and call.method == "GET":
            self._older.keep(call, answer)
        with self._lock:
            if self._aimed is None or self._aimed[0] is not call or self._aimed[1].moment is not moment:
                return None
            (_, point), self._aimed = self._aimed, None
            self.struck.append(point)
            kind = KINDS[point.strike]
            try:
                return kind.does(self, call, moment)
            finally:
                self._coming = self._nurse.submit(self._comes_back, kind)

    def _aim(self, call: Call) -> None:
        place = self._reader.place(call)
        with self._lock:
            if self._aimed is not None or self._is_away():
                return
            point = next((point for point in self._left if place and place.meets(point.place)), None)
            if point is not None:
                self._left.remove(point)
                self._aimed = call, point

    def _comes_back(self, kind: "Kind") -> None:
        with self._lane.lock:
            kind.after(self._lane)

    def kills(self, _: Call, moment: Moment) -> None:
        """At once."""
        self._lane.controllers[-1].dies()
        if moment is not Moment.ANSWERED:
            raise Cut

    def terminates(self, *_: object) -> None:
        """It may finish what it has in hand."""
        self._lane.controllers[-1].gets(signal.SIGTERM)

    def freezes(self, *_: object) -> None:
        """For so long that another takes over."""
        self._lane.controllers[-1].freezes()

    def deceives(self, call: Call, _: Moment) -> Answer | None:
        """By an answer that was true once."""
        older = self._older.answer(call)
        if older is None:
            self.idle.append(self.struck[-1])
        else:
            self._lane.misled = True
        return older


def _ends_well(lane: Lane) -> None:
    code = lane.controllers.pop().ends()
    assert code == 0, f"told to stop, it ended with {code}"
    lane.start()


def _is_succeeded(lane: Lane) -> None:
    frozen = lane.controllers[-1]
    lane.start()
    lane.is_led_by_another()
    frozen.gets(signal.SIGCONT)
    code = frozen.ends()
    assert code == 1, f"frozen and succeeded, it ended with {code}"
    lane.controllers.remove(frozen)


def _goes_on(_: Lane) -> None:
    pass


@dataclass(frozen=True)
class Kind:
    """What is done while the call is at its point, and what after that."""

    does: Callable[[Strikes, Call, Moment], Answer | None]
    after: Callable[[Lane], None]


KINDS = {
    "SIGKILL": Kind(Strikes.kills, Lane.starts_anew),
    "SIGTERM": Kind(Strikes.terminates, _ends_well),
    "SIGSTOP": Kind(Strikes.freezes, _is_succeeded),
    "an older answer": Kind(Strikes.deceives, _goes_on),
}
