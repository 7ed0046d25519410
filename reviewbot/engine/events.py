"""Kubernetes Events on a record, so that `kubectl describe` and `kubectl events` tell its story."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from reviewbot.decide import Plan
from reviewbot.engine.records import API_VERSION
from reviewbot.errors import GiveUp, Wait
from reviewbot.model import Phase, Record
from reviewbot.render.names import SYSTEM_NAMESPACE

log = logging.getLogger(__name__)

CONTROLLER = "reviewbot.dev/controller"
_LONGEST_NOTE = 1024


class Store(Protocol):
    """What is needed of the cluster."""

    def create(self, item: dict[str, Any]) -> bool: ...


class Events:
    """Writes them for one process of that name."""

    def __init__(self, store: Store, instance: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._instance = instance
        self._clock = clock

    def transition(self, record: Record, plan: Plan) -> None:
        """Note that the record is about to get another phase or reason. Nothing depends on it."""
        try:
            self._store.create(event(record, plan, self._instance, self._clock()))
        except (Wait, GiveUp) as failure:
            log.warning("an event could not be written", extra={"record": record.ref.name, "why": failure.sentence})


def event(record: Record, plan: Plan, instance: str, at: datetime) -> dict[str, Any]:
    """The event of one transition. The same one has the same name, however often it is tried."""
    # What the record says until the transition is written there, and never again after it.
    before = (record.phase, record.reason, record.observed_poke, record.again)
    unique = hashlib.sha256(repr((record.uid, before, plan.phase, plan.reason)).encode()).hexdigest()[:16]
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"{record.ref.name}.{unique}", "namespace": SYSTEM_NAMESPACE},
        "eventTime": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "reportingController": CONTROLLER,
        "reportingInstance": instance[:128],
        "action": "Reconcile",
        "reason": plan.reason,
        "type": "Warning" if plan.phase is Phase.FAILED else "Normal",
        "note": plan.sentence.encode()[:_LONGEST_NOTE].decode(errors="ignore"),
        "regarding": {
            "apiVersion": API_VERSION,
            "kind": "ReviewApp",
            "namespace": SYSTEM_NAMESPACE,
            "name": record.ref.name,
            "uid": record.uid,
        },
    }
