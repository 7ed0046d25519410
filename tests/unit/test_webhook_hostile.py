"""Signed but hostile bodies: pokes that name something possible, or Malformed, and never anything else."""

import json
from typing import Any

import pytest

from reviewbot.webhook import CommitPoke, Malformed, Poke, PullRequestPoke, hear
from tests.unit.builders import HEAD, OWN_APP

EVENTS = ["pull_request", "check_run", "check_suite", "status", "installation", "installation_repositories"]
OWNER = {"id": 42, "login": "acme"}
SHOP = {"id": 4711, "full_name": "acme/shop", "owner": OWNER, "private": True}
RUN = {"head_sha": HEAD, "app": {"id": 7}, "conclusion": "success", "pull_requests": []}
WHOLE = {
    "action": "completed",
    "installation": {"id": 31, "account": OWNER},
    "repository": SHOP,
    "pull_request": {"number": 12, "head": {"sha": HEAD, "repo": None}},
    "check_run": RUN,
    "check_suite": RUN,
    "sender": OWNER,
    "sha": HEAD,
    "repositories": [SHOP],
    "repositories_added": [SHOP],
}
LARGEST = 2**63 - 1


def possible(poke: Poke) -> bool:
    """Whether the records' API would take it: ids are positive and have 64 bits."""
    ref = poke.ref if isinstance(poke, PullRequestPoke) else None
    repository, installation = (ref or poke).repository, (ref or poke).installation  # type: ignore[union-attr]
    numbers = [repository or 1, installation, ref.number if ref else 1]
    commit = len(poke.sha) == 40 if isinstance(poke, CommitPoke) else True
    return commit and all(0 < number <= LARGEST for number in numbers)


def short(value: object) -> str:
    """A name for a row, however large the row."""
    return repr(value)[:24]


def outcome(event: str, body: bytes) -> tuple[Poke, ...] | str:
    try:
        found = hear(event, body, OWN_APP, ["acme"]).pokes
    except Malformed as malformed:
        return str(malformed)
    assert all(possible(poke) for poke in found), body[:500]
    return found


NOT_JSON = "the body is not JSON that can be read"
NOT_AN_OBJECT = "the body is not a JSON object"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", NOT_JSON),
        (b"\x00", NOT_JSON),
        (b"\xff\xff", NOT_JSON),
        (b"\xfe\xff\x00", NOT_JSON),
        (b"payload=%7B%7D", NOT_JSON),
        (b'{"a": 1} trailing', NOT_JSON),
        (b"{'a': 1}", NOT_JSON),
        (b"[" * 100_000, NOT_JSON),
        (b"[" * 100_000 + b"]" * 100_000, NOT_JSON),
        (b'{"installation":' * 100_000 + b"1" + b"}" * 100_000, NOT_JSON),
        (b'{"installation": {"id": ' + b"9" * 5000 + b"}}", NOT_JSON),
        (b"9" * 5000, NOT_JSON),
        (b"null", NOT_AN_OBJECT),
        (b"true", NOT_AN_OBJECT),
        (b"12", NOT_AN_OBJECT),
        (b"NaN", NOT_AN_OBJECT),
        (b"-Infinity", NOT_AN_OBJECT),
        (b'"text"', NOT_AN_OBJECT),
        (b"[]", NOT_AN_OBJECT),
        (b"[{}]", NOT_AN_OBJECT),
        (b"{}", "missing or of the wrong type: installation"),
        (b'{"\\ud800": 1}', "missing or of the wrong type: installation"),
        (b'{"installation": null}', "missing or of the wrong type: installation"),
        (b'{"installation": []}', "missing or of the wrong type: installation"),
        (b'{"installation": {"id": NaN}}', "missing or of the wrong type: installation.id"),
        (b'{"installation": {"id": Infinity}}', "missing or of the wrong type: installation.id"),
        (b'{"installation": {"id": true}}', "missing or of the wrong type: installation.id"),
        (b'{"installation": {"id": 1e2}}', "missing or of the wrong type: installation.id"),
        (b'{"installation": {"id": "1"}}', "missing or of the wrong type: installation.id"),
    ],
    ids=short,
)
def test_hostile_json_never_500__bodies(event: str, body: bytes, expected: str) -> None:
    assert outcome(event, body) == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pull_request.number", 0),
        ("pull_request.number", -1),
        ("pull_request.number", 2**63),
        ("repository.id", 0),
        ("repository.id", -1),
        ("repository.id", 2**63),
        ("repository.id", 10**4000),
        ("installation.id", 0),
        ("installation.id", 2**64),
        ("repository.full_name", "\ud800"),
        ("repository.full_name", None),
        ("repository.full_name", ""),
        ("repository.full_name", "shop"),
        ("repository.full_name", "acme/shop\n"),
        ("repository.full_name", "a" * 200 + "/" + "b" * 100),
        ("repository.owner", "acme"),
        ("repository.owner.login", ["acme"]),
        ("repository.owner.login", "acme\x00"),
        ("sender.login", "\ud800"),
        ("sender.login", "a" * 101),
        ("pull_request.number", "12"),
        ("pull_request", [12]),
    ],
    ids=short,
)
def test_hostile_json_never_500__impossible_values(path: str, value: Any) -> None:
    *parents, last = path.split(".")
    document = json.loads(json.dumps(WHOLE))
    inner = document
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    assert outcome("pull_request", json.dumps(document).encode()) == f"missing or of the wrong type: {path}"


@pytest.mark.parametrize("sha", ["", "a" * 39, "a" * 41, "A" * 40, "g" * 40, HEAD + "\n", "../" * 13 + "a", "\ud800"])
def test_hostile_json_never_500__commits(sha: str) -> None:
    assert outcome("status", json.dumps(WHOLE | {"sha": sha}).encode()) == "missing or of the wrong type: sha"
    runs = json.dumps(WHOLE | {"check_run": RUN | {"head_sha": sha}}).encode()
    assert outcome("check_run", runs) == "missing or of the wrong type: check_run.head_sha"


def test_the_last_of_a_repeated_key_counts() -> None:
    body = json.dumps(WHOLE).encode().replace(b'"number": 12', b'"number": "x", "number": 13')
    (poke,) = hear("pull_request", body, OWN_APP, ["acme"]).pokes
    assert isinstance(poke, PullRequestPoke)
    assert poke.ref.number == 13
