"""The receiver is told to end, or the process that serves is stuck, in the middle of deliveries."""

import http.client
import json
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from tests.faults.calls import Call
from tests.faults.proxy import Answer, Moment
from tests.faults.receiver import Receiver, receiving

SENDERS, SHARE = 8, 10
# The first deliveries of each are not held.
FREE = 3 * SENDERS
# A first delivery is both: half of them are held before anything is stored, and half when all is.
HELD = {("PATCH", Moment.ASKED): 0, ("POST", Moment.DONE): 1}
# What Kubernetes gives a pod that asks for nothing else.
GRACE_SECONDS = 30
# Gunicorn waits 30 seconds for a worker to say that it lives.
REPLACED_SECONDS = 120


@pytest.fixture
def receiver(cluster: Cluster, installed: Accounts, tmp_path: Path) -> Iterator[Receiver]:
    with receiving(cluster, installed, tmp_path) as made:
        yield made


class Burst:
    """Deliveries about as many pull requests; what the API server is asked for them is held until it is released."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.guids = {number: secrets.token_hex(16) for number in range(1, SENDERS * SHARE + 1)}
        self.told: dict[int, int | None] = {}
        self.in_hand: set[int] = set()
        self.released = threading.Event()
        receiver.way.meddler = self._holds

    def _holds(self, call: Call, moment: Moment, answer: Answer | None) -> None:
        del answer
        half = HELD.get((call.method, moment))
        if half is not None:
            number = json.loads(call.body)["spec"]["source"]["pullRequest"]["number"]
            if number > FREE and number % 2 == half:
                self.in_hand.add(number)
                self.released.wait(60)

    def delivers(self, number: int) -> int | None:
        """Once more, under the same name."""
        return self.receiver.deliver(self.receiver.event(number), guid=self.guids[number])

    def sends(self, sender: int) -> None:
        """One after the other, whatever becomes of them."""
        for number in range(sender, SENDERS * SHARE + 1, SENDERS):
            self.told[number] = self.delivers(number)

    def is_kept(self) -> None:
        """All that was promised is stored, and nobody was told that it is our fault."""
        assert set(self.told) == set(self.guids)
        assert set(self.told.values()) <= {202, 503, None}
        assert 202 in self.told.values()
        for number, status in self.told.items():
            if status == 202:
                assert str(self.receiver.poke(number)).startswith(self.guids[number])


@contextmanager
def burst(receiver: Receiver) -> Iterator[Burst]:
    """All send at once, and each has a delivery in hand; at the end all of them have done."""
    made = Burst(receiver)
    with ThreadPoolExecutor(SENDERS) as every:
        sent = every.map(made.sends, range(1, SENDERS + 1))
        try:
            until(lambda: len(made.in_hand) >= SENDERS, "a delivery in each hand")
            yield made
        finally:
            made.released.set()
        list(sent)


def _is_ending(connection: http.client.HTTPConnection) -> bool:
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("Connection") == "close"


def test_sigterm_drains__of_the_receiver(receiver: Receiver) -> None:
    with burst(receiver) as sent, closing(receiver.connect()) as kept:
        assert not _is_ending(kept)
        in_hand = set(sent.in_hand)
        receiver.process.send_signal(signal.SIGTERM)
        until(lambda: _is_ending(kept), "the receiver to know")
    assert receiver.process.wait(GRACE_SECONDS) == 0
    sent.is_kept()
    # On a machine that is busy the API server may seem to take too long: no promise, but an answer.
    assert {sent.told[number] for number in in_hand} <= {202, 503}
    # They went on to send when it was over.
    assert None in sent.told.values()


def test_sigterm_drains__a_worker_that_is_stuck(receiver: Receiver) -> None:
    before = receiver.worker
    with burst(receiver) as sent:
        os.kill(before, signal.SIGSTOP)
        sent.released.set()
        until(lambda: not Path(f"/proc/{before}").exists(), "the end of the worker", REPLACED_SECONDS)
    sent.is_kept()
    lost = [number for number, status in sent.told.items() if status != 202]
    assert lost
    for number in lost:
        until(lambda number=number: sent.delivers(number) == 202, "its second delivery")  # type: ignore[misc]
        assert str(receiver.poke(number)).startswith(sent.guids[number])
