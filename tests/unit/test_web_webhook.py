"""A delivery at the public port: stored before it is answered, refused without a word too many."""

import hashlib
import hmac
import json
import logging
import random
import string
from typing import Any

import pytest

from reviewbot import metrics
from reviewbot.errors import GiveUp, Unseen
from tests.unit.builders import HEAD, OWN_APP
from tests.unit.posts import OLD_SECRET, OWN_HOST, PULL_EVENT, SECRET, Box, a_client, an_app, deliver, sign
from tests.unit.recorded import recorded

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
def test_malformed_signature_header_is_4xx__before_anything_is_read(event: str, signature: str) -> None:
    box = Box()
    assert answer(box, event, b"[" * 100_000, **{"X-Hub-Signature-256": signature}) == UNAUTHENTICATED
    assert box.poked == []


def test_unsigned_is_refused_before_parsing() -> None:
    box = Box()
    # What is no JSON would be told so if it had been read.
    bodies = [("ping", b"{}"), ("pull_request", b"[" * 100_000), *((each.event, each.body) for each in recorded()[1])]
    for event, body in bodies:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
        for old in ({}, {"X-Hub-Signature": f"sha1={digest}"}):
            sent = {"Host": OWN_HOST, "X-GitHub-Event": event, **old}
            reply = a_client(box).post("/webhook", data=body, headers=sent)
            assert (reply.status_code, reply.json) == UNAUTHENTICATED
    assert (box.poked, box.asked) == ([], [])


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(PULL_EVENT, indent=3),
        json.dumps(PULL_EVENT).replace("/", "\\/"),
        '{"action": "closed", ' + json.dumps(PULL_EVENT)[1:],
        json.dumps(PULL_EVENT | {"title": "🐙"}, ensure_ascii=False),
        json.dumps(PULL_EVENT | {"title": "🐙 \ud800"}),
        f"\r\n\t {json.dumps(PULL_EVENT)} \n",
    ],
    ids=["spaces", "slashes", "twice the same key", "emoji", "lone surrogate", "around it"],
)
def test_hmac_is_over_raw_bytes__at_the_door(written: str) -> None:
    box = Box()
    assert answer(box, "pull_request", written.encode()) == (202, {"outcome": "accepted", "pokes": 1})
    assert box.poked == ["pr-4711-12"]


def test_secrets_rotate_and_are_required__nothing_is_lost() -> None:
    box, body = Box(), json.dumps(PULL_EVENT).encode()
    phases = [((OLD_SECRET,), OLD_SECRET), ((OLD_SECRET, SECRET), OLD_SECRET), ((OLD_SECRET, SECRET), SECRET)]
    for live, signs in [*phases, ((SECRET,), SECRET)]:
        client = an_app(box, secrets=live).test_client()
        headers = {"Host": OWN_HOST, "X-GitHub-Event": "pull_request", "X-Hub-Signature-256": sign(body, signs)}
        assert {client.post("/webhook", data=body, headers=headers).status_code for _ in range(50)} == {202}
    assert len(box.poked) == 200
    headers = {"Host": OWN_HOST, "X-Hub-Signature-256": sign(body, OLD_SECRET)}
    assert client.post("/webhook", data=body, headers=headers).status_code == 401


def test_unknown_event_or_action_is_2xx() -> None:
    draw, box = random.Random(1), Box(heads=(HEAD,))  # noqa: S311 - the same names every time
    letters = string.printable[:-5] + "äß€"
    before, names = ignored(), ["".join(draw.choices(letters, k=draw.randrange(1, 80))) for _ in range(50)]
    for name in names:
        # A header holds less than a body.
        event = name.encode("ascii", "replace").decode().strip()
        assert answer(box, event, PULL_EVENT) == (200, {"outcome": "ignored", "pokes": 0})
    assert (ignored() - before, box.poked) == (len(names), [])
    for name in names:
        news = {"action": name, name: {name: [name]}, "check_run": {"head_sha": HEAD, "conclusion": name}}
        for event in ("pull_request", "check_run", "repository"):
            assert answer(box, event, PULL_EVENT | news)[0] == 202
    assert set(box.poked) == {"pr-4711-12", COMMIT, LISTING}


def ignored() -> float:
    return metrics.WEB.get_sample_value("reviewbot_deliveries_total", {"outcome": "ignored"}) or 0


def test_malformed_signature_header_is_4xx__twice() -> None:
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
def test_hostile_json_never_500__at_the_door(body: bytes, error: str) -> None:
    assert answer(Box(), "pull_request", body) == (400, {"outcome": "malformed", "error": error})


@pytest.mark.parametrize("failure", [Unseen("canary does not answer"), GiveUp("canary refused it")])
def test_durable_before_2xx__not_stored(failure: Exception) -> None:
    unavailable = (503, {"outcome": "unavailable", "error": "it could not be stored; deliver it again"})
    assert answer(Box(failure=failure), "pull_request", PULL_EVENT) == unavailable
    assert answer(Box(failure=failure), "check_run", PULL_EVENT) == unavailable


def test_durable_before_2xx__bug() -> None:
    code, body = answer(Box(failure=RuntimeError("canary")), "pull_request", PULL_EVENT)
    assert (code, body) == (500, {"error": "Internal Server Error"})


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
