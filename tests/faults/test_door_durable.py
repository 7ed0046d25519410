"""What the receiver has answered with a 2xx is stored, whoever dies and whatever the API server says."""

import random
import secrets
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Request, Response

from dev.bot.install import Accounts
from dev.cluster import Cluster
from tests.faults.receiver import Receiver, receiving

KILLS = 50
FULL = '{"kind": "Status", "code": 500, "message": "etcdserver: mvcc: database space exceeded"}'


@pytest.fixture(scope="module")
def receiver(cluster: Cluster, installed: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(cluster, installed, tmp_path_factory.mktemp("durable")) as made:
        yield made


def cut(request: Request) -> Response | None:
    raise ConnectionAbortedError(request.path)


REFUSALS: dict[str, Callable[[Request], Response | None]] = {
    "429": lambda _: Response("{}", 429),
    "500": lambda _: Response("{}", 500),
    "503": lambda _: Response("no endpoints", 503),
    "507": lambda _: Response("full", 507),
    "etcd is full": lambda _: Response(FULL, 500),
    "forbidden": lambda _: Response("{}", 403),
    "not JSON": lambda _: Response("<html>", 200),
    "nothing": lambda _: Response("", 200),
    "cut": cut,
}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_durable_before_2xx__refused(receiver: Receiver, method: str) -> None:
    for number, (name, refuse) in enumerate(REFUSALS.items(), 1 if method == "PATCH" else 101):
        guid = secrets.token_hex(16)
        receiver.way.before = lambda request, refuse=refuse: refuse(request) if request.method == method else None  # type: ignore[misc]
        assert (receiver.deliver(receiver.event(number), guid=guid) or 0) >= 500, name
        assert receiver.poke(number) is None, name
        receiver.way.before = lambda _: None
        assert receiver.deliver(receiver.event(number), guid=guid) == 202, name
        assert str(receiver.poke(number)).startswith(guid), name


def test_durable_before_2xx__killed(receiver: Receiver) -> None:
    draw = random.Random(1)  # noqa: S311 - the same points every time
    # A first delivery is two calls of the API server; it may die before and after each, and after its answer.
    points = [(when, method) for when in ("before", "after") for method in ("PATCH", "POST")] + [("answered", "")]
    lost = 0
    for number in range(201, 201 + KILLS):
        when, method = draw.choice(points)
        guid = secrets.token_hex(16)

        def dies(request: Request, *_: Response, method: str = method) -> None:
            if request.method == method:
                receiver.dies()
                raise ConnectionAbortedError

        receiver.way.before = dies if when == "before" else lambda _: None
        receiver.way.after = dies if when == "after" else lambda *_: None
        told = receiver.deliver(receiver.event(number), guid=guid)
        assert told == (202 if when == "answered" else None)
        receiver.way.before, receiver.way.after = lambda _: None, lambda *_: None
        if when == "answered":
            receiver.dies()
        else:
            lost += 1
            assert receiver.deliver(receiver.event(number), guid=guid) == 202
        assert str(receiver.poke(number)).startswith(guid)
    assert 0 < lost < KILLS
