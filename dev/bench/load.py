"""Callers of an HTTP endpoint: as many at once as asked for, each on a connection of its own."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from http.client import BadStatusLine, HTTPConnection
from urllib.parse import urlsplit

from dev.github.log import Delivery


class Caller:
    """Posts deliveries to one address; Refused where one is not accepted."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._local = threading.local()

    def post(self, delivery: Delivery) -> float:
        """The seconds until it was acknowledged."""
        if not hasattr(self._local, "connection"):
            self._local.connection = HTTPConnection(self._address, timeout=30)
        began = time.monotonic()
        try:
            status = self._ask(delivery)
        except (BadStatusLine, ConnectionError):
            # A connection that was idle for a while has been closed; the next request opens it again.
            self._local.connection.close()
            status = self._ask(delivery)
        if status >= 300:
            raise Refused(f"{self._address} answered {status}")
        return time.monotonic() - began

    def _ask(self, delivery: Delivery) -> int:
        connection: HTTPConnection = self._local.connection
        connection.request("POST", "/webhook", delivery.body, delivery.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


class Carrier:
    """Carries what GitHub sends to one address, many at once, and counts what is not accepted."""

    def __init__(self, url: str, at_once: int = 16) -> None:
        self._caller = Caller(url)
        self._pool = ThreadPoolExecutor(at_once)
        self._under_way: list[Future[float]] = []

    def __call__(self, delivery: Delivery) -> None:
        """Have it posted."""
        if delivery.app.webhook_secret:
            self._under_way.append(self._pool.submit(self._carry, delivery))

    def _carry(self, delivery: Delivery) -> float:
        try:
            took = self._caller.post(delivery)
        except Refused:
            delivery.ended(datetime.now(UTC), 503)
            raise
        # What has no outcome would be asked for again.
        delivery.ended(datetime.now(UTC), 202, duration=took)
        return took

    def settle(self) -> tuple[list[float], int]:
        """Wait for every answer: how long those took that were accepted, and how many were not."""
        ended, self._under_way = [each for each in self._under_way if not wait([each]).not_done], []
        return [each.result() for each in ended if each.exception() is None], sum(
            each.exception() is not None for each in ended
        )


class Refused(Exception):
    """A delivery was not accepted, so there is nothing to be measured."""


def together(url: str, deliveries: Sequence[Delivery], at_once: int, seconds: float) -> tuple[float, list[float]]:
    """Each caller posts one after the other; acknowledgements per second, and how long each took."""
    caller, turn, until = Caller(url), itertools.cycle(deliveries), time.monotonic() + seconds

    def calls() -> list[float]:
        return list(_until(until, caller, turn))

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        took = [each for done in [pool.submit(calls) for _ in range(at_once)] for each in done.result()]
    return len(took) / (time.monotonic() - began), took


def _until(until: float, caller: Caller, turn: Iterator[Delivery]) -> Iterator[float]:
    while time.monotonic() < until:
        yield caller.post(next(turn))


def paced(url: str, deliveries: Sequence[Delivery], per_second: float) -> list[float]:
    """All of them at their times, whether the ones before are answered or not; how long each took from its time on."""
    caller, began = Caller(url), time.monotonic()

    def call(number: int) -> float:
        at = began + number / per_second
        time.sleep(max(0.0, at - time.monotonic()))
        caller.post(deliveries[number])
        return time.monotonic() - at

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(call, range(len(deliveries))))


def listens(url: str) -> bool:
    """Whether somebody takes connections there."""
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0
