"""The receiver's own process under attack, and while the backends hang."""

import hashlib
import hmac
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from dev.demo.shown import until
from dev.github.webhooks import signature
from tests.faults.attackers import FIFTY, MEGABYTE, Kind, attacked
from tests.faults.calls import Call
from tests.faults.proxy import Answer, passes
from tests.faults.receiver import Receiver, receiving
from tests.unit.recorded import recorded

GROWTH = 64 * MEGABYTE


@pytest.fixture(scope="module")
def receiver(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(cluster, installed, tmp_path_factory.mktemp("door")) as made:
        yield made


def test_unsigned_is_refused_before_parsing__over_the_wire(receiver: Receiver) -> None:
    asked: list[Call] = []
    receiver.way.meddler = lambda call, *_: asked.append(call)
    for event, body in [("ping", b"{}"), *((each.event, each.body) for each in recorded()[1])]:
        digest = hmac.new(receiver.secret.encode(), body, hashlib.sha1).hexdigest()
        for old in ([], [f"X-Hub-Signature: sha1={digest}"]):
            assert receiver.raw([f"X-GitHub-Event: {event}", *old], body)[0] == 401
    assert asked == []
    assert receiver.deliver(receiver.event(5)) == 202
    assert asked
    receiver.way.meddler = passes


def test_wrong_signature_leaks_nothing__over_the_wire(receiver: Receiver) -> None:
    body = receiver.event(6)
    right = signature(receiver.secret, body).removeprefix("sha256=")
    flipped = [f"{int(right, 16) ^ 1 << bit:064x}" for bit in (0, 100, 255)]
    for wrong in [*flipped, "0" * 64, signature("another", body).removeprefix("sha256=")]:
        before = len(receiver.log.read_text())
        status, told = receiver.raw(["X-GitHub-Event: pull_request", f"X-Hub-Signature-256: sha256={wrong}"], body)
        said = receiver.log.read_text()[before:]
        assert (status, "delivery unauthenticated" in said) == (401, True)
        # Not even a part of it.
        assert not any(right[start : start + 8] in told + said for start in range(0, 64, 8))
    assert receiver.poke(6) is None


def test_malformed_signature_header_is_4xx__over_the_wire(receiver: Receiver) -> None:
    body = b"{}"
    right = receiver.headers(body)["X-Hub-Signature-256"]
    for values in (["sha256"], ["="], ["sha256=\xe9"], ["sha256=" + "0" * 10_000], [right, right], [f"{right}\x00"]):
        lines = [f"X-Hub-Signature-256: {value}" for value in values]
        assert 400 <= receiver.raw(lines, body)[0] < 500, values
    assert receiver.raw([f"X-Hub-Signature-256: {right}", "X-GitHub-Event: ping"], body)[0] == 200


def test_oversize_body_is_bounded(receiver: Receiver) -> None:
    assert receiver.deliver(receiver.event(1)) == 202
    before, worker = receiver.peak(), receiver.worker
    answers: set[int | None] = set()
    waited: list[float] = []

    def over() -> bool:
        began = time.monotonic()
        answers.add(receiver.deliver(receiver.event(1)))
        waited.append(time.monotonic() - began)
        return all(each.over for group in mob.values() for each in group)

    with attacked(receiver.port, FIFTY) as mob:
        until(over, "the end of each of them")
        told = {name: {each.status() for each in group} for name, group in mob.items()}
    assert answers == {202}
    print(f"{len(waited)} deliveries meanwhile: median {median(waited):.3f} s, worst {max(waited):.3f} s")
    assert median(waited) < 1
    assert receiver.peak() - before < GROWTH
    # One after the other, if there is time for that.
    assert told.pop("without an end") <= {400, 413, 503}
    assert told == {
        "silent": {None},
        "slow headers": {None},
        "slow body": {408},
        "too large": {413},
        "a little too large": {413},
    }
    legal = receiver.event(2)[:-1] + b', "zen": "' + b"x" * (25 * MEGABYTE - 1000) + b'"}'
    assert receiver.deliver(legal) == 202
    assert receiver.worker == worker


def test_callers_who_do_not_hang_up(receiver: Receiver) -> None:
    with attacked(receiver.port, {"stays": Kind(30, b"GET / HTTP/1.0\r\n\r\n")}) as mob:
        until(lambda: all(each.over for each in mob["stays"]), "an answer for each")
        assert receiver.deliver(receiver.event(3)) == 202


def burst(receiver: Receiver, number: int, senders: int) -> Counter[int]:
    """So many deliveries about one pull request; what was answered, before GitHub would have hung up."""
    body = receiver.event(4)

    def send(share: int) -> Counter[int]:
        connection, told = receiver.connect(), Counter[int]()
        for _ in range(share):
            connection.request("POST", "/webhook", body, receiver.headers(body))
            answer = connection.getresponse()
            answer.read()
            told[answer.status] += 1
        connection.close()
        return told

    with ThreadPoolExecutor(senders) as every:
        return sum(every.map(send, [number // senders] * senders), Counter[int]())


def test_burst_about_one_pull_request(receiver: Receiver) -> None:
    assert burst(receiver, 500, 50) == {202: 500}


def test_ack_under_load_and_hung_backends(receiver: Receiver) -> None:
    released, before = threading.Event(), receiver.peak()
    receiver.way.meddler = lambda *_: None if released.wait(60) else Answer(504)
    # What is not stored is not promised.
    assert burst(receiver, 2000, 100) == {503: 2000}
    assert receiver.peak() - before < GROWTH
    released.set()
    until(lambda: receiver.deliver(receiver.event(4)) == 202, "the receiver after its backend")
