"""How much is read of a delivery: what GitHub sends at most, and not much more."""

from collections.abc import Iterator

import pytest

from reviewbot.webhook import MAXIMUM_BODY
from tests.unit.posts import OWN_HOST, Box, a_client, deliver, sign

TOO_LARGE = {"error": "Request Entity Too Large"}


@pytest.mark.parametrize("length", [MAXIMUM_BODY + 1, 10**9, 10**18])
def test_oversize_body_is_bounded__declared(length: int) -> None:
    headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"")}
    reply = a_client(Box()).post("/webhook", headers=headers, environ_overrides={"CONTENT_LENGTH": str(length)})
    assert (reply.status_code, reply.json) == (413, TOO_LARGE)


class Endless:
    """A body without an end, as gunicorn hands on a chunked one, counting what was read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.taken += size
        return b"x" * size

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)

    def readlines(self, _hint: int = -1) -> list[bytes]:
        raise AssertionError

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError


def test_oversize_body_is_bounded__chunked() -> None:
    body = Endless()
    environment = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"")}
    reply = a_client(Box()).post("/webhook", headers=headers, environ_overrides=environment)
    assert (reply.status_code, reply.json) == (413, TOO_LARGE)
    assert body.taken <= MAXIMUM_BODY + 1_000_000


def test_oversize_body_is_bounded__largest() -> None:
    body = b'{"zen": "' + b"x" * (25 * 1024 * 1024 - 20) + b'"}'
    assert deliver(Box(), "ping", body).status_code == 200


def test_oversize_body_is_bounded__cut_short() -> None:
    headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"{}")}
    environment = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "100"}
    reply = a_client(Box()).post("/webhook", data=b"{}", headers=headers, environ_overrides=environment)
    assert reply.status_code == 408


def test_a_bad_length_is_refused() -> None:
    for length in ("-1", "x", "1e9"):
        headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"{}")}
        reply = a_client(Box()).post("/webhook", headers=headers, environ_overrides={"CONTENT_LENGTH": length})
        assert 400 <= reply.status_code < 500
