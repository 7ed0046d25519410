"""What happens to reviewbot at one point of its work, and how it comes back."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.calls import Call
from tests.faults.lane import Lane
from tests.faults.points import Point, Reader
from tests.faults.proxy import Answer, Cut, Moment


class Older:
    """What each reading was answered last, and before that changed."""

    def __init__(self) -> None:
        self._last: dict[str, Answer] = {}
        self._before: dict[str, Answer] = {}

    def keep(self, call: Call, answer: Answer) -> None:
        """Keep the answer to a reading."""
        key = f"{call.backend} {call.path}?{call.query}"
        last = self._last.get(key)
        if last is not None and last.body != answer.body:
            self._before[key] = last
        self._last[key] = answer

    def answer(self, call: Call) -> Answer | None:
        """What such a reading was answered before that changed for the last time; None if it never did."""
        return self._before.get(f"{call.backend} {call.path}?{call.query}")


class Strike:
    """A meddler that strikes once, at its point."""

    def __init__(self, lane: Lane, point: Point, older: Older, reader: Reader) -> None:
        self._lane = lane
        self.point = point
        self._older = older
        self._reader = reader
        self._target: Call | None = None
        self.struck = threading.Event()

    def __call__(self, call: Call, moment: Moment, answer: Answer | None) -> Answer | None:
        """Meet a request."""
        point = self.point
        if moment is Moment.ASKED and self._reader.place(call) == point.place:
            self._target = call
        self._reader.hear(call, moment)
        if moment is Moment.DONE and answer and call.method == "GET":
            self._older.keep(call, answer)
        if call is self._target and moment is point.moment:
            try:
                return KINDS[point.strike].does(self, call, moment)
            finally:
                self.struck.set()
        return None

    def comes_back(self) -> None:
        """What happens after the strike, outside."""
        KINDS[self.point.strike].after(self._lane)

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
        self._lane.controllers[-1].gets(signal.SIGSTOP)

    def deceives(self, call: Call, _: Moment) -> Answer | None:
        """By an answer that was true once."""
        return self._older.answer(call)


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

    does: Callable[[Strike, Call, Moment], Answer | None]
    after: Callable[[Lane], None]


KINDS = {
    "SIGKILL": Kind(Strike.kills, Lane.starts_anew),
    "SIGTERM": Kind(Strike.terminates, _ends_well),
    "SIGSTOP": Kind(Strike.freezes, _is_succeeded),
    "an older answer": Kind(Strike.deceives, _goes_on),
}
