"""Names and addresses: valid, distinct, stable under renames, and hosts that nobody can guess."""

import itertools
import re

import pytest

from reviewbot.model import InstallationId, PullRequestRef
from reviewbot.render.names import Address, host_label, namespace
from tests.unit.builders import REF, a_ref

KEY = "0123456789abcdef"
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NUMBERS = [1, 12, 99_999, 2**31 - 1]
IDS = [1, 4711, 10**9, 2**63 - 1]
LONG = "x" * 100


@pytest.mark.parametrize(
    ("full_name", "slug"),
    [
        ("acme/shop", "shop"),
        ("acme/Shop.App", "shop-app"),
        ("acme/shop__app", "shop-app"),
        ("acme/.github", "github"),
        ("acme/-", "app"),
        ("acme/...", "app"),
        ("acme/ünïcödé", "n-c-d"),
        ("acme/日本語", "app"),
        ("acme/a--b", "a-b"),
        ("shop", "shop"),
        ("", "app"),
        (f"acme/{LONG}", "x" * 46),
        (f"acme/{'x' * 45}.{LONG}", "x" * 45),
    ],
)
def test_host_labels_are_readable(full_name: str, slug: str) -> None:
    label = host_label(REF, full_name, KEY)
    assert re.fullmatch(rf"{re.escape(slug)}-pr-12-[a-z2-7]{{10}}", label)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("repository", IDS)
@pytest.mark.parametrize("length", [1, 30, 36, 37, 46, 47, 63, 64, 100])
def test_names__are_valid_labels(number: int, repository: int, length: int) -> None:
    ref = a_ref(number, repository)
    label = host_label(ref, f"acme/{'x' * (length - 1)}-", KEY)
    assert LABEL.fullmatch(label)
    assert LABEL.fullmatch(host_label(ref, f"acme/{'x' * length}", KEY))
    assert re.fullmatch(r"rb-[a-z2-7]{20}", namespace(ref))


def test_the_longest_label_is_used_up() -> None:
    assert len(host_label(REF, f"acme/{LONG}", KEY)) == 63
    assert len(host_label(REF, f"acme/{'x' * 45}.{LONG}", KEY)) == 62


def test_names__are_distinct() -> None:
    refs = [a_ref(number, repository) for repository in range(1, 101) for number in range(1, 201)]
    assert len({namespace(ref) for ref in refs}) == len(refs)
    assert len({host_label(ref, "acme/shop", KEY) for ref in refs}) == len(refs)


def test_names__are_distinct_whatever_the_repositories_are_called() -> None:
    """A hundred thousand pull requests of repositories whose names are alike once they are made fit for a host."""
    alike = itertools.cycle(
        ["a-b/c", "a/b-c", "acme/Shop.App", "acme/shop-app", "acme/日本語", "acme/-", f"acme/{LONG}"]
    )
    refs = [a_ref(number, 2**40 + repository) for repository in range(100) for number in range(1, 1001)]
    labels = {host_label(ref, name, KEY) for ref, name in zip(refs, alike, strict=False)}
    assert len(labels) == len({namespace(ref) for ref in refs}) == len(refs)
    assert all(map(LABEL.fullmatch, labels))


def test_numbers_do_not_run_together() -> None:
    pairs = [a_ref(23, 1), a_ref(3, 12), a_ref(123, 1)]
    assert len({namespace(ref) for ref in pairs}) == 3
    assert len({host_label(ref, "a/b", KEY)[-10:] for ref in pairs}) == 3


@pytest.mark.parametrize(("one", "other"), [("a-b/c", "a/b-c"), ("acme/shop", "other/shop")])
def test_names__are_not_shared_by_owners(one: str, other: str) -> None:
    assert host_label(a_ref(1, 1), one, KEY) != host_label(a_ref(1, 2), other, KEY)


def test_names__outlive_renames_and_transfers() -> None:
    moved = PullRequestRef(REF.repository, InstallationId(77), REF.number)
    assert namespace(moved) == namespace(REF)
    assert host_label(moved, "acme/shop", KEY) == host_label(REF, "acme/shop", KEY)
    assert host_label(REF, "acme/store", KEY)[-10:] == host_label(REF, "acme/shop", KEY)[-10:]


def test_hosts_cannot_be_guessed_without_the_key() -> None:
    ours, theirs = (host_label(REF, "acme/shop", key)[-10:] for key in (KEY, KEY + "x"))
    assert ours != theirs
    assert ours not in namespace(REF)


@pytest.mark.parametrize(
    ("previews_url", "host", "url"),
    [
        ("https://preview.example.com", "x.preview.example.com", "https://x.preview.example.com"),
        ("https://preview.example.com:443", "x.preview.example.com", "https://x.preview.example.com:443"),
        ("http://preview.localhost:8080", "x.preview.localhost", "http://x.preview.localhost:8080"),
        ("https://PREVIEW.example.com", "x.preview.example.com", "https://x.preview.example.com"),
    ],
)
def test_address(previews_url: str, host: str, url: str) -> None:
    address = Address("x", previews_url)
    assert (address.host, address.url) == (host, url)


def test_the_published_names_stay() -> None:
    # Another algorithm would leave every running preview behind under its old name.
    assert namespace(REF) == "rb-6ls4g7i3yebhxsfdktix"
    assert host_label(REF, "acme/shop", KEY) == "shop-pr-12-xpn3lm2o2p"
