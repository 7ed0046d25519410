"""A delivery at the public port: stored before it is answered, refused without a word too many, bounded in size."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from reviewbot.errors import GiveUp, Unseen
from reviewbot.webhook import MAXIMUM_BODY
from tests.unit.builders import HEAD, OWN_APP
from tests.unit.posts import OLD_SECRET, OWN_HOST, PULL_EVENT, Box, a_client, deliver, sign

LISTING = "repository 4711 31 acme/shop"
COMMIT = f"commit 4711 {HEAD}"


def answer(box: Box, event: str, payload: Any, **headers: str) -> tuple[int, Any]:
    reply = deliver(box, event, payload, **headers)
    return reply.status_code, reply.json


@pytest.mark.parametrize(
    ("event", "heads", "poked"),
    [
        ("pull_request", (), ["pr-4711-12"]),
        ("check_run", (HEAD,), [COMMIT]),
        ("check_run", (HEAD, HEAD), [COMMIT]),
        # A commit that nobody knows yet: its pull request's own event may be late.
        ("check_run", (), [COMMIT, LISTING]),
        ("repository", (), [LISTING]),
    ],
)
def test_accepted(event: str, heads: Any, poked: list[str]) -> None:
    box = Box(heads=heads)
    assert answer(box, event, PULL_EVENT) == (202, {"outcome": "accepted", "pokes": 1})
    assert box.poked == poked


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("ping", {"zen": "Keep it logically awesome."}),
        ("", PULL_EVENT),
        ("brand_new", b"not even JSON"),
        ("pull_request", PULL_EVENT | {"repository": {"id": 1, "full_name": "x/y", "owner": {"id": 1, "login": "x"}}}),
        ("check_run", PULL_EVENT | {"check_run": {"head_sha": HEAD, "app": {"id": 99}}}),
        ("installation", {"action": "suspend", "installation": {"id": 31, "account": {"id": 42, "login": "acme"}}}),
    ],
)
def test_ignored(event: str, payload: Any) -> None:
    box = Box()
    assert answer(box, event, payload) == (200, {"outcome": "ignored", "pokes": 0})
    assert box.poked == []


def test_the_old_secret_is_good_while_it_is_live() -> None:
    box = Box()
    body = b'{"zen": "x"}'
    assert deliver(box, "ping", body, **{"X-Hub-Signature-256": sign(body, OLD_SECRET)}).status_code == 200


UNAUTHENTICATED = (401, {"outcome": "unauthenticated", "error": "the signature is missing or wrong"})


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "sha256=" + "é" * 64, sign(b"another body")],
)
@pytest.mark.parametrize("event", ["ping", "pull_request"])
def test_a_wrong_signature_is_refused_before_anything_is_read(event: str, signature: str) -> None:
    box = Box()
    assert answer(box, event, b"[" * 100_000, **{"X-Hub-Signature-256": signature}) == UNAUTHENTICATED
    assert box.poked == []


def test_unsigned_is_refused_before_parsing() -> None:
    for headers in ({}, {"X-Hub-Signature": "sha1=" + "0" * 40}):
        reply = a_client(Box()).post(
            "/webhook", data=b"{}", headers={"Host": OWN_HOST, "X-GitHub-Event": "ping"} | headers
        )
        assert (reply.status_code, reply.json) == UNAUTHENTICATED


def test_a_signature_given_twice_is_refused() -> None:
    body = b"{}"
    headers = [("Host", OWN_HOST), ("X-GitHub-Event", "ping"), *[("X-Hub-Signature-256", sign(body))] * 2]
    assert a_client(Box()).post("/webhook", data=body, headers=headers).status_code == 401


def test_wrong_signature_leaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = b'{"zen": "x"}'
    right = sign(body).removeprefix("sha256=")
    reply = deliver(Box(), "ping", body, **{"X-Hub-Signature-256": "sha256=" + "0" * 64})
    told = f"{reply.text} {dict(reply.headers)} {caplog.text}"
    assert not any(right[start : start + 8] in told for start in range(0, 64, 8))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is not JSON that can be read"),
        (b"[" * 100_000, "the body is not JSON that can be read"),
        (b"9" * 5000, "the body is not JSON that can be read"),
        (b"payload=%7B%7D", "the body is not JSON that can be read"),
        (b"[]", "the body is not a JSON object"),
        (b'{"installation": {"id": NaN}}', "missing or of the wrong type: installation.id"),
    ],
)
def test_malformed(body: bytes, error: str) -> None:
    assert answer(Box(), "pull_request", body) == (400, {"outcome": "malformed", "error": error})


@pytest.mark.parametrize("failure", [Unseen("canary does not answer"), GiveUp("canary refused it")])
def test_what_could_not_be_stored_is_not_promised(failure: Exception) -> None:
    unavailable = (503, {"outcome": "unavailable", "error": "it could not be stored; deliver it again"})
    assert answer(Box(failure=failure), "pull_request", PULL_EVENT) == unavailable
    assert answer(Box(failure=failure), "check_run", PULL_EVENT) == unavailable


def test_a_bug_is_no_promise_either() -> None:
    code, body = answer(Box(failure=RuntimeError("canary")), "pull_request", PULL_EVENT)
    assert (code, body) == (500, {"error": "Internal Server Error"})


TOO_LARGE = {"error": "Request Entity Too Large"}


@pytest.mark.parametrize("length", [MAXIMUM_BODY + 1, 10**9, 10**18])
def test_a_body_declared_too_large_is_not_read(length: int) -> None:
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


def test_a_chunked_body_is_read_up_to_the_limit() -> None:
    body = Endless()
    environment = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"")}
    reply = a_client(Box()).post("/webhook", headers=headers, environ_overrides=environment)
    assert (reply.status_code, reply.json) == (413, TOO_LARGE)
    assert body.taken <= MAXIMUM_BODY + 1_000_000


def test_the_largest_delivery_that_github_sends_is_accepted() -> None:
    body = b'{"zen": "' + b"x" * (25 * 1024 * 1024 - 20) + b'"}'
    assert answer(Box(), "ping", body) == (200, {"outcome": "ignored", "pokes": 0})


def test_a_bad_length_is_refused() -> None:
    for length in ("-1", "x", "1e9"):
        headers = {"Host": OWN_HOST, "X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(b"{}")}
        reply = a_client(Box()).post("/webhook", headers=headers, environ_overrides={"CONTENT_LENGTH": length})
        assert 400 <= reply.status_code < 500


@pytest.mark.parametrize(
    ("delivery", "poked"),
    [
        ("8a6b-1", [f"{COMMIT} redeploy by (5, 'alice')"]),
        # Without a name it could not be told from the next one.
        ("", [COMMIT]),
        ("not/a name", [COMMIT]),
    ],
)
def test_a_person_who_asks_again_is_heard_once(delivery: str, poked: list[str]) -> None:
    box = Box(heads=(HEAD,))
    run = {"head_sha": HEAD, "app": {"id": OWN_APP}}
    payload = PULL_EVENT | {"action": "rerequested", "check_run": run, "sender": {"id": 5, "login": "alice"}}
    assert deliver(box, "check_run", payload, **{"X-GitHub-Delivery": delivery}).status_code == 202
    assert box.poked == poked


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    names = ("delivery", "event", "action", "outcome", "pokes", "why")
    return [{name: vars(line)[name] for name in names if name in vars(line)} for line in caplog.records]


GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def test_an_accepted_delivery_is_a_line_and_named_by_its_pokes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    box = Box()
    deliver(box, "pull_request", PULL_EVENT, **{"X-GitHub-Delivery": GUID})
    deliver(box, "check_run", PULL_EVENT, **{"X-GitHub-Delivery": GUID})
    subjects = ["pr-4711-12", f"acme/shop@{HEAD}"]
    assert told(caplog) == [
        {"delivery": GUID, "event": event, "action": "opened", "outcome": "accepted", "pokes": [subject]}
        for event, subject in zip(("pull_request", "check_run"), subjects, strict=True)
    ]
    assert box.deliveries == [GUID, GUID, GUID]


@pytest.mark.parametrize(
    ("event", "payload", "headers", "box", "expected"),
    [
        ("ping", b"{}", {}, Box(), []),
        (
            "pull_request",
            PULL_EVENT,
            {"X-Hub-Signature-256": "sha256=canary"},
            Box(),
            [("unauthenticated", "the signature is missing or wrong")],
        ),
        ("pull_request", b"canary", {}, Box(), [("malformed", "the body is not JSON that can be read")]),
        ("pull_request", PULL_EVENT, {}, Box(failure=Unseen("no answer")), [("unavailable", "no answer")]),
    ],
    ids=["ignored", "refused", "malformed", "not stored"],
)
def test_what_is_not_accepted_is_a_line_that_says_why(
    event: str, payload: Any, headers: dict[str, str], box: Box, expected: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    deliver(box, event, payload, **headers)
    assert [(line["outcome"], line["why"]) for line in told(caplog)] == expected
    assert "canary" not in str([vars(line) for line in caplog.records])


@pytest.mark.parametrize("guid", ["", "a" * 65, "a/b", "a b", '{"x": 1}', "é"])
def test_a_header_of_another_form_is_not_repeated(guid: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    box = Box()
    deliver(box, "pull_request", PULL_EVENT, **{"X-GitHub-Delivery": guid})
    assert (told(caplog)[0]["delivery"], box.deliveries) == ("", [""])
