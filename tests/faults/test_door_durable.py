"""What the receiver has answered with a 2xx is stored, whoever dies and whatever the API server says."""

import random
import secrets
from collections.abc import Iterator

import pytest

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.calls import Call
from tests.faults.proxy import Answer, Cut, Moment, passes
from tests.faults.receiver import Receiver, receiving

KILLS = 50
FULL = b'{"kind": "Status", "code": 500, "message": "etcdserver: mvcc: database space exceeded"}'


@pytest.fixture(scope="module")
def receiver(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(cluster, installed, tmp_path_factory.mktemp("durable")) as made:
        yield made


REFUSALS = {
    "429": Answer(429, body=b"{}"),
    "500": Answer(500, body=b"{}"),
    "503": Answer(503, body=b"no endpoints"),
    "507": Answer(507, body=b"full"),
    "etcd is full": Answer(500, body=FULL),
    "forbidden": Answer(403, body=b"{}"),
    "not JSON": Answer(200, body=b"<html>"),
    "nothing": Answer(200),
    "cut": None,
}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_durable_before_2xx__refused(receiver: Receiver, method: str) -> None:
    for number, (name, refusal) in enumerate(REFUSALS.items(), 1 if method == "PATCH" else 101):
        guid = secrets.token_hex(16)

        def refuses(call: Call, *_: object, answer: Answer | None = refusal) -> Answer | None:
            if call.method == method and answer is None:
                raise Cut
            return answer if call.method == method else None

        receiver.way.meddler = refuses
        assert (receiver.deliver(receiver.event(number), guid=guid) or 0) >= 500, name
        assert receiver.poke(number) is None, name
        receiver.way.meddler = passes
        assert receiver.deliver(receiver.event(number), guid=guid) == 202, name
        assert str(receiver.poke(number)).startswith(guid), name


def test_durable_before_2xx__killed(receiver: Receiver) -> None:
    draw = random.Random(1)  # noqa: S311 - the same points every time
    # A first delivery is two calls of the API server; it may die before and after each, and after its answer.
    points = [(when, method) for when in (Moment.ASKED, Moment.DONE) for method in ("PATCH", "POST")] + [(None, "")]
    lost = 0
    for number in range(201, 201 + KILLS):
        when, method = draw.choice(points)
        guid = secrets.token_hex(16)

        def dies(call: Call, moment: Moment, *_: object, at: tuple[Moment | None, str] = (when, method)) -> None:
            if (moment, call.method) == at:
                receiver.dies()
                raise Cut

        receiver.way.meddler = dies
        told = receiver.deliver(receiver.event(number), guid=guid)
        assert told == (None if when else 202)
        receiver.way.meddler = passes
        if when is None:
            receiver.dies()
        else:
            lost += 1
            assert receiver.deliver(receiver.event(number), guid=guid) == 202
        assert str(receiver.poke(number)).startswith(guid)
    assert 0 < lost < KILLS
