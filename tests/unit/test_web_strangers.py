"""Strangers who look at pages that nobody has, while GitHub delivers: they keep no delivery out."""

import threading
from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient

from reviewbot.errors import Unseen
from reviewbot.model import Record
from tests.unit.posts import PULL_EVENT, Box, a_client, post

PATIENCE = 10
STRANGERS = 64


def looks(visitor: FlaskClient, number: int) -> int:
    return visitor.get("/", headers={"Host": f"random-{number}.preview.example.com"}).status_code


class Slow(Box):
    """It answers no stranger until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Semaphore(0)
        self.released = threading.Event()

    def record_at(self, host_label: str) -> Record | None:
        super().record_at(host_label)
        self.told.release()
        self.released.wait(PATIENCE)
        return None


def test_strangers_look_at_pages__they_take_no_delivery_its_place() -> None:
    box = Slow()
    client = a_client(box)

    def look(number: int) -> int:
        code = looks(client.application.test_client(), number)
        box.told.release()
        return code

    with ThreadPoolExecutor(STRANGERS) as every:
        codes = [every.submit(look, number) for number in range(STRANGERS)]
        # Each waits for its answer by now, or was refused.
        assert all(box.told.acquire(timeout=PATIENCE) for _ in codes)
        delivered = post(client, "pull_request", PULL_EVENT).status_code
        asked = len(box.asked)
        box.released.set()
        ended = [each.result(PATIENCE) for each in codes]
    assert delivered == 202
    assert (asked, ended.count(404), ended.count(503)) == (8, 8, STRANGERS - 8)


def test_strangers_look_at_pages__they_keep_no_delivery_from_trying() -> None:
    now = 0.0

    class Hung(Box):
        def record_at(self, host_label: str) -> Record | None:
            nonlocal now
            now += 5
            super().record_at(host_label)
            raise Unseen("no answer")

    box = Hung()
    client = a_client(box, seconds=lambda: now)
    assert {looks(client, number) for number in range(20)} == {503}
    assert len(box.asked) == 10
    assert post(client, "pull_request", PULL_EVENT).status_code == 202
