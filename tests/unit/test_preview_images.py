"""Why an image does not come: what kubelets, runtimes and registries say, and what people read of it."""

import pytest

from reviewbot.preview.images import image_sentence

IMAGE = "ghcr.io/acme/shop:aaaaaaa"
RESOLVE = f'failed to pull and unpack image "{IMAGE}": failed to resolve image: '
HEAD = 'failed to do request: Head "https://ghcr.io/v2/acme/shop/manifests/aaaaaaa": '
STATUS = "unexpected status from HEAD request to https://ghcr.io/v2/acme/shop/manifests/aaaaaaa: "
CLOSED = (
    f"Image `{IMAGE}` was not found, or its registry does not let the cluster pull it."
    " Push it, or give the cluster access."
)
TOO_OFTEN = f"Image `{IMAGE}` cannot be pulled, its registry was asked too often and wants to be asked later."


def silent(why: str) -> str:
    advice = "Mend the registry, or its name under `image:` in `.github/reviewbot.yml`."
    return f"Image `{IMAGE}` cannot be pulled, its registry does not answer: {why}. {advice}"


@pytest.mark.parametrize("prefix", ["", f'Back-off pulling image "{IMAGE}": ErrImagePull: '])
@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (f"{RESOLVE}{IMAGE}: not found", CLOSED),
        (
            f"{RESOLVE}pull access denied, repository does not exist or may require authorization: server message",
            CLOSED,
        ),
        (f"{RESOLVE}failed to authorize: failed to fetch anonymous token: {STATUS}403 Forbidden", CLOSED),
        (f"{RESOLVE}{STATUS}401 Unauthorized", CLOSED),
        ("reading manifest aaaaaaa in ghcr.io/acme/shop: manifest unknown", CLOSED),
        (f"{RESOLVE}{HEAD}dial tcp 127.0.0.1:443: connect: connection refused", silent("connection refused")),
        (f"{RESOLVE}{HEAD}dial tcp: lookup ghcr.io on 10.96.0.10:53: no such host", silent("no such host")),
        (f"{RESOLVE}{HEAD}dial tcp 10.0.0.1:443: i/o timeout", silent("i/o timeout")),
        (
            f"{RESOLVE}{HEAD}read tcp 10.0.0.9:51112->10.0.0.1:443: connection reset by peer",
            silent("connection reset by peer"),
        ),
        (
            f"{RESOLVE}{HEAD}tls: failed to verify certificate: x509: certificate signed by unknown authority",
            silent("certificate signed by unknown authority"),
        ),
        (f"{RESOLVE}{STATUS}503 Service Unavailable", silent("503 Service Unavailable")),
        (f"{RESOLVE}{STATUS}429 Too Many Requests", TOO_OFTEN),
        ("toomanyrequests: You have reached your pull rate limit.", TOO_OFTEN),
        ("no space left on device", f"Image `{IMAGE}` cannot be pulled: no space left on device."),
    ],
)
def test_what_is_said(prefix: str, message: str, sentence: str) -> None:
    assert image_sentence(IMAGE, prefix + message) == sentence
    assert image_sentence(IMAGE, f"{prefix}{message}\nand more") == sentence


@pytest.mark.parametrize("message", ["", f'Back-off pulling image "{IMAGE}"'])
def test_nothing_is_said(message: str) -> None:
    assert image_sentence(IMAGE, message) == f"Image `{IMAGE}` cannot be pulled."


def test_a_name_is_no_reason() -> None:
    image = "registry.example/denied/unauthorized:timeout"
    said = f'failed to pull image "{image}": {image}: unknown compression'
    assert image_sentence(image, said) == f"Image `{image}` cannot be pulled: {said.replace('`', '')}."
