"""What was decided, told to those who run this: a line in the log, an event on the record, a measured time."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from reviewbot.decide import Plan, described
from reviewbot.engine.events import Events
from reviewbot.metrics import GREEN_TO_READY
from reviewbot.model import Phase, PullRequest, Record, Sha

log = logging.getLogger(__name__)


class Decisions:
    """Tells news only: while something is in flight the same is decided many times a minute."""

    def __init__(self, events: Events, clock: Callable[[], datetime]) -> None:
        self._events = events
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, int] = {}
        self._deploying: dict[str, tuple[Sha, datetime]] = {}

    def tell(self, record: Record, pull: PullRequest, plan: Plan) -> None:
        """Tell what was decided, if that is news."""
        steps = described(plan.steps)
        if self._is_news(record.ref.name, plan, (pull.head, plan.phase, plan.reason, plan.sentence, *steps)):
            self._log(record, pull, plan, steps)
        if (record.phase, record.reason) != (plan.phase, plan.reason):
            self._events.transition(record, plan)
        self._measure(record, pull, plan)

    def _is_news(self, name: str, plan: Plan, decision: tuple[str, ...]) -> bool:
        with self._lock:
            news = self._told.get(name) != hash(decision)
            self._told[name] = hash(decision)
            if plan.phase is Phase.CLOSED:
                del self._told[name]
            return news

    def _log(self, record: Record, pull: PullRequest, plan: Plan, steps: list[str]) -> None:
        fields = {
            "repository": pull.full_name,
            "repository_id": record.ref.repository,
            "pull_request": pull.number,
            "app": record.ref.app,
            "commit": pull.head,
            "phase": plan.phase,
            "reason": plan.reason,
            "sentence": plan.sentence,
            "steps": steps,
            "delivery": record.delivery,
        }
        log.info("decided", extra={name: value for name, value in fields.items() if value != ""})

    def _measure(self, record: Record, pull: PullRequest, plan: Plan) -> None:
        """From the first look that found the commit green until its address answered, both seen by this process."""
        name, now = record.ref.name, self._clock()
        with self._lock:
            sha, since = self._deploying.get(name, (None, now))
            if sha == pull.head and plan.phase is Phase.RUNNING:
                GREEN_TO_READY.observe((now - since).total_seconds())
            served = record.serving is not None and record.serving.sha == pull.head
            if plan.phase not in {Phase.DEPLOYING, Phase.WAITING} or served:
                self._deploying.pop(name, None)
            elif plan.phase is Phase.DEPLOYING and sha != pull.head:
                self._deploying[name] = (pull.head, now)
