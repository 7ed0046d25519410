"""The thread that keeps the lease, which nobody else ends a process for."""

import logging
import multiprocessing
import threading

import pytest

from reviewbot.engine.lease import Lease
from reviewbot.processes import _keep
from reviewbot.render.names import SYSTEM_NAMESPACE
from tests.unit.stores import Store, at_once

PATIENCE = 60


class Broken(Store):
    """One whose every answer is beyond us, once it has given the lease."""

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, object] | None:
        if self.items:
            raise RuntimeError("odd")
        return super().get(kind, name, namespace)


class Rounds(threading.Event):
    """Set after so many waits, of which none takes any time."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self._left = number

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self._left -= 1
        if self._left < 0:
            self.set()
        return self.is_set()


def _raise() -> None:
    raise RuntimeError("odd")


def test_dead_loop_is_visible__a_renewal_that_fails_oddly_is_one_that_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    lease = Lease(store, SYSTEM_NAMESPACE, "me", lambda: 0.0)
    assert lease.renew()
    store.before = at_once("get", _raise)
    _keep(lease, Rounds(2))
    assert [call[0] for call in store.calls] == ["get", "create", "get", "get", "patch"]
    assert [(each.levelno, each.message) for each in caplog.records] == [
        (logging.ERROR, "the lease cannot be renewed; this is a bug")
    ]


def _led_by_a_thread() -> None:
    seconds = iter(range(10**6))
    lease = Lease(Broken(), SYSTEM_NAMESPACE, "me", lambda: float(next(seconds)))
    assert lease.renew()
    thread = threading.Thread(target=_keep, args=(lease, Rounds(100)))
    thread.start()
    thread.join()


def test_dead_loop_is_visible__the_process_ends_when_none_succeeds_in_time() -> None:
    leader = multiprocessing.get_context("spawn").Process(target=_led_by_a_thread)
    leader.start()
    leader.join(PATIENCE)
    assert leader.exitcode == 1
