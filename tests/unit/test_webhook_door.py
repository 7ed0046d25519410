"""Who may come in: the signature over the raw bytes, against every live secret, whatever the header holds."""

import hashlib
import hmac

import pytest

from reviewbot.webhook import Unauthenticated, authenticate

# GitHub's own example, from "Validating webhook deliveries".
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
GOOD = f"sha256={DIGEST}"


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_wrong_signature_leaks_nothing__published_vector() -> None:
    authenticate(BODY, GOOD, [SECRET])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "=",
        "sha256",
        "sha256=",
        "sha256 =",
        "sha256==",
        DIGEST,
        f"={DIGEST}",
        f"SHA256={DIGEST}",
        f"sha1={DIGEST}",
        f"sha512={DIGEST}",
        f"sha256={DIGEST[:-1]}",
        f"sha256={DIGEST}0",
        f"sha256={DIGEST.upper()}",
        f"sha256= {DIGEST}",
        f" sha256={DIGEST}",
        f"sha256={DIGEST}\n",
        f"{GOOD},{GOOD}",
        f"{GOOD}, {GOOD}",
        f"sha256={DIGEST[:-1]}é",
        f"sha256={DIGEST[:-1]}…",
        f"sha256={DIGEST[:-1]}\ud800",
        "sha256=" + "é" * 64,
        "sha256=" + "\x00" * 64,
        "sha256=" + "0" * 10_000,
        "sha256=" + "0" * 64,
    ],
)
def test_malformed_signature_header_is_4xx(header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(BODY, header, [SECRET])


@pytest.mark.parametrize("position", range(0, 8 * len(BODY), 7))
def test_wrong_signature_leaks_nothing__flipped_bit(position: int) -> None:
    body = bytearray(BODY)
    body[position // 8] ^= 1 << position % 8
    with pytest.raises(Unauthenticated):
        authenticate(bytes(body), GOOD, [SECRET])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"a":1,"a":2}',
        b'{ "path" : "a\\/b" }\r\n',
        b'{"emoji":"\xf0\x9f\x90\x99","escaped":"\\ud83d\\udc19"}',
        b'{"lone":"\\ud800"}',
        b"\xff\xfe\x00not text",
        b"payload=%7B%7D",
    ],
)
def test_hmac_is_over_raw_bytes(body: bytes) -> None:
    authenticate(body, sign(body, SECRET), [SECRET])
    with pytest.raises(Unauthenticated):
        authenticate(body + b" ", sign(body, SECRET), [SECRET])


def test_secrets_rotate_and_are_required__two_are_live() -> None:
    new = "the next secret of this App"
    for live in ([SECRET, new], [new, SECRET]):
        authenticate(BODY, sign(BODY, SECRET), live)
        authenticate(BODY, sign(BODY, new), live)
    authenticate(BODY, sign(BODY, new), [new])
    with pytest.raises(Unauthenticated):
        authenticate(BODY, sign(BODY, SECRET), [new])


def test_secrets_rotate_and_are_required__none_accepts_nobody() -> None:
    for header in (GOOD, sign(BODY, ""), None):
        with pytest.raises(Unauthenticated):
            authenticate(BODY, header, [])


def test_wrong_signature_leaks_nothing__refusal() -> None:
    with pytest.raises(Unauthenticated) as caught:
        authenticate(BODY, "sha256=" + "0" * 64, [SECRET])
    assert str(caught.value) == ""
    assert caught.value.__cause__ is None


def test_secrets_need_not_be_ascii() -> None:
    authenticate(BODY, sign(BODY, "pässword 🐙 for this app"), ["pässword 🐙 for this app"])
