"""What may be in a log and must not be shown."""

import pytest

from reviewbot.redact import GONE, redact

HEX = "0123456789abcdef" * 4
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
TOKEN = "ghs_" + "aB3" * 12
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-_"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("DATABASE_URL=postgres://shop:hunter2@db:5432/x", f"DATABASE_URL=postgres://{GONE}@db:5432/x"),
        (f"https://x-access-token:{TOKEN}@github.com/acme", f"https://{GONE}@github.com/acme"),
        (f"https://{TOKEN}@github.com/acme", f"https://{GONE}@github.com/acme"),
        (f"got {TOKEN}.", f"got {GONE}"),
        ("github_pat_11ABCDEFG0123456789_abc", GONE),
        (f"jwt {JWT} sent", f"jwt {GONE} sent"),
        ("key AKIAIOSFODNN7EXAMPLE", f"key {GONE}"),
        ("xoxb-123456789012-abcdefghij", GONE),
        ("sk_live_abcdefghijklmnop", GONE),
        ("PASSWORD=hunter2", f"PASSWORD={GONE}"),
        ("password: 'two words'", f"password: {GONE}"),
        ('{"api_key": "abc def", "n": 1}', f'{{"api_key": {GONE}, "n": 1}}'),
        (r"{\"secret\": \"abc\"}", rf"{{\"secret\": \{GONE}}}"),
        ("SESSION_SECRET => abc", f"SESSION_SECRET => {GONE}"),
        ("x-auth-token=abc&y=1", f"x-auth-token={GONE}&y=1"),
        ("Proxy: Basic dXNlcjpwYXNz", f"Proxy: Basic {GONE}"),
        (f"generated {HEX}", f"generated {GONE}"),
        (f"sess_{HEX}x sha256:{HEX.upper()}", f"sess_{GONE}x sha256:{GONE}"),
        (f"before\n{KEY}\nafter", f"before\n{GONE}\nafter"),
        (KEY.partition("\nIBAAKC")[0], GONE),
        (f"IBAAKC{KEY.partition('IBAAKC')[2]}\nafter", f"{GONE}\nafter"),
        ("A" * 64 + "\n", GONE),
        ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab", GONE),
    ],
)
def test_no_secret_in_logs_or_comments__what_looks_like_one(text: str, shown: str) -> None:
    assert redact(text, ()) == shown


@pytest.mark.parametrize(
    "text",
    [
        "listening on http://0.0.0.0:8080/healthz",
        "commit 0123456789012345678901234567890123456789",
        f"image shop@sha256:{HEX}",
        'File "/usr/lib/python3.11/site-packages/django/db/backends/postgresql/base.py", line 3, in connect',
        "at com.example.shop.orders.OrderRepositoryImplementation.findAll(OrderRepository.java:12)",
        "12 tokens used, authors listed",
        "a:b@c and https://example.com/@acme",
    ],
)
def test_what_helps_stays(text: str) -> None:
    assert redact(text, ()) == text


def test_no_secret_in_logs_or_comments__what_is_known_in_every_form() -> None:
    value = 'sword/fish "1"\nsecond line'
    text = 'sword/fish "1" and sword%2Ffish%20%221%22 and sword/fish \\"1\\" and second line, one'
    assert redact(text, [value, "one", " "]) == f"{GONE} and {GONE} and {GONE} and {GONE}, one"


@pytest.mark.parametrize("between", ["\t", "\u00a0", "\u200b", "\x1b[1m"])
def test_no_secret_in_logs_or_comments__what_is_known_and_not_printable(between: str) -> None:
    secret = f"correct horse{between}battery staple"
    assert redact(f"it is {secret}.", [secret]) == f"it is {GONE}."


@pytest.mark.parametrize("value", ["\x1b[0;31m", "\u200b" * 6, "\x1b[1m$ \x1b[0m"])
def test_what_helps_stays__where_little_of_a_value_is_printable(value: str) -> None:
    assert redact(f"costs {value}12 $ a day", [value]).endswith("12 $ a day")


def test_the_longest_value_goes_first() -> None:
    assert redact("swordfish-long", ["swordfish", "swordfish-long"]) == GONE


def test_only_printable_lines_are_left() -> None:
    text = "\x1b[31mred\x1b[0m\x07 a\tb\x1b]0;title\x07\r\nleft\N{RIGHT-TO-LEFT OVERRIDE}right\N{ZERO WIDTH SPACE}\x00"
    assert redact(text, ()) == "red a    b\nleftright"


def test_a_secret_in_colours_is_one_too() -> None:
    assert redact("sword\x1b[1mfish", ["swordfish"]) == GONE


@pytest.mark.parametrize(
    "part",
    ["a", "-", "-a", "eyJ", "-eyJ", "://", "ghs_", "secret", "secret=", "A1a+", "-----BEGIN ", "\x1b[", "b " * 9],
)
@pytest.mark.timeout(60)
def test_a_strangers_text_comes_to_an_end(part: str) -> None:
    # A moment for one pass over it; minutes for a pattern that begins again at every character.
    redact((part * 1_000_000)[:1_000_000], ["value-" * 3])
