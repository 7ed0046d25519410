"""The public port: which host answers what, and the pages, which tell a stranger nothing."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from syrupy.assertion import SnapshotAssertion

from reviewbot.errors import GiveUp, Unseen
from reviewbot.model import Deployed, Phase, Record
from tests.unit.builders import HEAD, NOW, REF, a_record
from tests.unit.posts import Box, a_client

LABEL = "shop-pr-12-abcdefghij"
PREVIEW = f"{LABEL}.preview.example.com"
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def client(box: Box | None = None, url: str = "https://bot.example.org") -> FlaskClient:
    return a_client(box or Box(), url)


def code_at(host: str, path: str = "/", url: str = "https://bot.example.org") -> int:
    return client(url=url).get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("bot.example.org", 200),
        ("bot.example.org:443", 200),
        ("bot.example.org:8080", 200),
        ("BOT.Example.ORG", 200),
        ("bot.example.org.", 200),
        ("bot.example.org.:8080", 200),
        (PREVIEW, 404),
        (f"{PREVIEW}:8443", 404),
        (PREVIEW.upper(), 404),
        (f"{PREVIEW}.", 404),
        ("preview.example.com", 421),
        (f"a.{PREVIEW}", 421),
        ("x.bot.example.org", 421),
        ("xbot.example.org", 421),
        ("bot.example.org.evil.example", 421),
        (f"{PREVIEW}.evil.example", 421),
        ("example.org", 421),
        ("localhost", 421),
        ("10.0.0.1", 421),
        ("10.0.0.1:8080", 421),
        ("[::1]", 421),
        ("[::1]:8080", 421),
    ],
)
def test_public_pages_are_closed__the_host_decides(host: str, code: int) -> None:
    assert code_at(host) == code


@pytest.mark.parametrize(
    ("url", "host", "code"),
    [
        ("http://[::1]:8080", "[::1]:8080", 200),
        ("http://[::1]:8080", "[::1]", 200),
        ("http://[::1]:8080", "[::2]:8080", 421),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", 200),
        ("http://LOCALHOST:8080", "localhost:8080", 200),
    ],
)
def test_the_own_address_may_be_a_literal(url: str, host: str, code: int) -> None:
    assert code_at(host, url=url) == code


@pytest.mark.parametrize(
    "host",
    ["", "[", "[::1", "::1", "bot.example.org:port", "bot.example.org/x", "user@bot.example.org", "a b", "\xe9", "@:"],
)
def test_public_pages_are_closed__a_hostile_host_is_refused(host: str) -> None:
    box = Box()
    reply = client(box).get("/", environ_overrides={"HTTP_HOST": host, "SERVER_NAME": "internal"})
    assert 400 <= reply.status_code < 500
    assert box.asked == []


@pytest.mark.parametrize("path", ["/", "/webhook", "/anything", "/%2e%2e/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_public_pages_are_closed__other_hosts_get_nothing(method: str, path: str) -> None:
    box = Box()
    reply = client(box).open(path, method=method, headers={"Host": "other.example.net"})
    assert (reply.status_code, box.asked, box.poked) == (421, [], [])


@pytest.mark.parametrize("path", ["/", "/webhook", "/deep/path?query"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_public_pages_are_closed__preview_hosts_get_the_status_page(method: str, path: str) -> None:
    box = Box(a_record(phase=Phase.WAITING, host=LABEL))
    reply = client(box).open(path, method=method, headers={"Host": PREVIEW})
    assert (reply.status_code, box.asked, box.poked) == (503, [LABEL], [])


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("host", ["bot.example.org", PREVIEW, "other.example.net"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/webhook",
        "/webhook/",
        "//webhook",
        "//evil.example",
        "//evil.example/%2e%2e",
        "/\\evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        f"/{SCRIPT}?next=https://evil.example&q={SCRIPT}",
    ],
)
def test_public_pages_are_closed(path: str, host: str) -> None:
    box = Box(a_record(phase=Phase.WAITING, host=LABEL))
    visitor = client(box)
    for method in ("GET", "POST", "HEAD", "OPTIONS", "DELETE"):
        reply = visitor.open(path, method=method, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert reply.status_code < 500 or host == PREVIEW
        assert HEADERS.items() <= dict(reply.headers).items()
        assert {"Set-Cookie", "Access-Control-Allow-Origin"} & set(dict(reply.headers)) == set()
        assert urlsplit(reply.headers.get("Location", "")).hostname in {None, host}
        assert "evil" not in f"{reply.text}{reply.headers}"
        assert "<script" not in reply.text
    assert box.poked == []


def full(phase: Phase | None) -> Record:
    """A record whose every secret would be seen on a page that told it."""
    serving = Deployed("release-canary", HEAD, NOW)
    return a_record(phase=phase, host=LABEL, head=HEAD, poke="poke-canary", release=serving, serving=serving)


def private(text: str) -> Iterable[str]:
    canaries = [HEAD, HEAD[:7], "canary", "acme", "4711", REF.name, "record-uid", "reviewbot-system"]
    return [canary for canary in canaries if canary in text]


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (Phase.WAITING, 503),
        (Phase.SKIPPED, 404),
        (Phase.DEPLOYING, 503),
        (Phase.RUNNING, 503),
        (Phase.FAILED, 503),
        (Phase.CLOSING, 410),
        (Phase.CLOSED, 410),
    ],
)
def test_status_page(phase: Phase, code: int, snapshot: SnapshotAssertion) -> None:
    reply = client(Box(full(phase))).get("/", headers={"Host": PREVIEW})
    assert reply.status_code == code
    assert HEADERS.items() <= dict(reply.headers).items()
    assert reply.headers.get("Retry-After") == ("5" if code == 503 else None)
    assert reply.mimetype == "text/html"
    assert "Set-Cookie" not in reply.headers
    assert private(reply.text) == []
    assert reply.text == snapshot


def test_many_who_look_at_one_page_ask_the_cluster_once() -> None:
    box, now = Box(full(Phase.DEPLOYING)), 0.0
    visitor = a_client(box, seconds=lambda: now)
    pages = {visitor.get(path, headers={"Host": PREVIEW}).text for path in ("/", "/healthz", "/")}
    assert (len(pages), box.asked) == (1, [LABEL])
    now = 1.0
    visitor.get("/", headers={"Host": PREVIEW})
    assert box.asked == [LABEL] * 2


def test_a_record_nobody_has_looked_at_says_as_little_as_none() -> None:
    unknown, fresh = (client(Box(*records)).get("/", headers={"Host": PREVIEW}) for records in ([], [full(None)]))
    assert (unknown.status_code, unknown.text) == (fresh.status_code, fresh.text)
    assert unknown.status_code == 404
    assert "Nothing is known under this address." in unknown.text


@pytest.mark.parametrize("failure", [Unseen("cluster canary"), GiveUp("canary is not installed")])
def test_a_state_that_cannot_be_read_is_said_to_be_so(failure: Exception) -> None:
    reply = client(Box(failure=failure)).get("/", headers={"Host": PREVIEW})
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert "cannot be read at the moment" in reply.text
    assert private(reply.text) == []


def test_home(snapshot: SnapshotAssertion) -> None:
    reply = client().get("/", headers={"Host": "bot.example.org"})
    assert HEADERS.items() <= dict(reply.headers).items()
    assert reply.text == snapshot


@pytest.mark.parametrize(
    ("method", "path", "code", "error"),
    [
        ("GET", "/nothing", 404, "Not Found"),
        ("GET", "/webhook", 405, "Method Not Allowed"),
        ("POST", "/", 405, "Method Not Allowed"),
        ("GET", "/static/x", 404, "Not Found"),
    ],
)
def test_errors_are_json(method: str, path: str, code: int, error: str) -> None:
    reply = client().open(path, method=method, headers={"Host": "bot.example.org"})
    assert (reply.status_code, reply.json) == (code, {"error": error})


def test_a_bug_is_json_without_its_reason() -> None:
    box = Box(failure=RuntimeError("canary"))
    reply = client(box).get("/", headers={"Host": PREVIEW})
    assert (reply.status_code, reply.json) == (500, {"error": "Internal Server Error"})


def test_what_was_running_is_not_said_to_start(snapshot: SnapshotAssertion) -> None:
    reply = client(Box(replace(full(Phase.DEPLOYING), reason="NotReady"))).get("/", headers={"Host": PREVIEW})
    assert reply.status_code == 503
    assert reply.text == snapshot


@pytest.mark.parametrize("reason", ["Gone", "Archived"])
def test_what_was_not_closed_is_not_said_to_be(reason: str) -> None:
    reply = client(Box(replace(full(Phase.CLOSED), reason=reason))).get("/", headers={"Host": PREVIEW})
    assert reply.status_code == 410
    assert "The preview has been removed." in reply.text
