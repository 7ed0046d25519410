"""What a delivery asks to look at: a table of events, and nothing for what is foreign, unknown or our own."""

import json
from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import RepositoryId
from reviewbot.webhook import CommitPoke, KnownPoke, Malformed, Poke, PullRequestPoke, RepositoryPoke, hear
from tests.unit.builders import HEAD, INSTALLATION, OWN_APP, REF, REPOSITORY

OWNER = {"id": 42, "login": "Acme"}
SHOP = {"id": REPOSITORY, "full_name": "acme/shop", "owner": OWNER}
CART = {"id": 4712, "full_name": "acme/cart"}
COMMIT = CommitPoke(REPOSITORY, INSTALLATION, "acme/shop", HEAD)
LISTING = RepositoryPoke(REPOSITORY, INSTALLATION, "acme/shop")
KNOWN = KnownPoke(INSTALLATION, REPOSITORY)
KNOWN_CART = KnownPoke(INSTALLATION, RepositoryId(4712))
ALL_KNOWN = KnownPoke(INSTALLATION)
CART_LISTING = RepositoryPoke(RepositoryId(4712), INSTALLATION, "acme/cart")


def an_event(**fields: Any) -> dict[str, Any]:
    return {"installation": {"id": INSTALLATION}, "repository": SHOP, "sender": {"id": 1}} | fields


def of_account(**fields: Any) -> dict[str, Any]:
    return {"installation": {"id": INSTALLATION, "account": OWNER}} | fields


def asked(event: str, payload: Any, accounts: tuple[str, ...] = ("acme",)) -> tuple[Poke, ...]:
    return hear(event, json.dumps(payload).encode(), OWN_APP, accounts).pokes


PULL = {"number": 12, "head": {"repo": None}}
RUN: dict[str, Any] = {"head_sha": HEAD, "app": {"id": 7}, "pull_requests": [], "head_branch": None}
OWN_RUN = RUN | {"app": {"id": OWN_APP}}


@pytest.mark.parametrize("action", ["opened", "synchronize", "closed", "reopened", "edited", "brand_new", ""])
def test_pull_request(action: str) -> None:
    assert asked("pull_request", an_event(action=action, pull_request=PULL)) == (PullRequestPoke(REF),)


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
@pytest.mark.parametrize("action", ["created", "completed", "requested", "rerequested", "brand_new"])
def test_checks_name_their_commit(event: str, action: str) -> None:
    assert asked(event, an_event(action=action, **{event: RUN})) == (COMMIT,)
    assert asked(event, an_event(action=action, **{event: RUN | {"app": None}})) == (COMMIT,)


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [("created", ()), ("completed", ()), ("requested", ()), ("brand_new", ()), ("rerequested", (COMMIT,))],
)
def test_our_own_checks_are_not_heard_but_a_person_asking_again_is(
    event: str, action: str, expected: tuple[Poke, ...]
) -> None:
    assert asked(event, an_event(action=action, **{event: OWN_RUN})) == expected


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
@pytest.mark.parametrize(("run", "asker"), [(OWN_RUN, (5, "alice")), (RUN, None)])
def test_who_asks_for_our_own_check_again_is_told(event: str, run: Any, asker: Any) -> None:
    payload = an_event(action="rerequested", sender={"id": 5, "login": "alice"}, **{event: run})
    assert asked(event, payload) == (replace(COMMIT, asker=asker),)


def test_find_prs_by_sha_only__of_foreign_pull_requests_nothing_is_taken() -> None:
    foreign = RUN | {"pull_requests": [{"number": 1, "base": {"repo": {"id": 1}}}]}
    assert asked("check_suite", an_event(check_suite=foreign)) == (COMMIT,)


def test_status() -> None:
    branches = [{"name": "elsewhere", "commit": {"sha": "b" * 40}}]
    assert asked("status", an_event(sha=HEAD, state="success", branches=branches)) == (COMMIT,)


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        ("installation", of_account(action="created", repositories=[SHOP, CART]), (LISTING, CART_LISTING)),
        ("installation", of_account(action="unsuspend", repositories=[CART]), (CART_LISTING,)),
        ("installation", of_account(action="new_permissions_accepted"), (ALL_KNOWN,)),
        ("installation", of_account(action="new_permissions_accepted", repositories=[SHOP]), (LISTING,)),
        ("installation", of_account(action="unsuspend"), (ALL_KNOWN,)),
        ("installation", of_account(action="suspend", repositories=[SHOP]), ()),
        ("installation", of_account(action="deleted", repositories=[SHOP, CART]), (KNOWN, KNOWN_CART)),
        ("installation", of_account(action="deleted"), (ALL_KNOWN,)),
        ("repository", an_event(action="deleted"), (KNOWN,)),
        ("repository", an_event(action="archived"), (LISTING,)),
        ("repository", an_event(action="unarchived"), (LISTING,)),
        (
            "installation_repositories",
            of_account(action="added", repositories_added=[CART], repositories_removed=[]),
            (CART_LISTING,),
        ),
        ("installation_repositories", of_account(action="removed", repositories_removed=[CART]), (KNOWN_CART,)),
        ("repository", an_event(action="renamed"), (LISTING,)),
        ("repository", an_event(action="transferred"), (LISTING,)),
    ],
)
def test_installations_and_repositories(event: str, payload: Any, expected: tuple[Poke, ...]) -> None:
    assert asked(event, payload) == expected


@pytest.mark.parametrize("event", ["", "ping", "push", "merge_group", "star", "PULL_REQUEST", "pull_request\n", "é"])
def test_unknown_event_or_action_is_2xx__unread(event: str) -> None:
    assert hear(event, b"not even JSON", OWN_APP, ["acme"]).pokes == ()
    assert asked(event, an_event(action="new", pull_request=PULL)) == ()


@pytest.mark.parametrize(
    ("accounts", "allowed"),
    [
        (("acme",), True),
        (("ACME",), True),
        (("42",), True),
        (("other", "acme"), True),
        (("other",), False),
        (("acm",), False),
        (("acme/shop",), False),
        (("",), False),
        ((), False),
    ],
)
def test_foreign_repo_or_installation_ignored__accounts(accounts: tuple[str, ...], allowed: bool) -> None:
    expected = (PullRequestPoke(REF),) if allowed else ()
    assert asked("pull_request", an_event(pull_request=PULL), accounts) == expected
    listing = asked("installation", of_account(repositories=[SHOP]), accounts)
    assert listing == ((LISTING,) if allowed else ())


@pytest.mark.parametrize(
    "owner",
    [
        None,
        {"id": 7},
        {"id": 7, "login": ""},
        {"id": 7, "login": "stranger"},
        # The number of an allowed account as somebody else's name.
        {"id": 7, "login": "42"},
    ],
)
def test_foreign_repo_or_installation_ignored__owners(owner: Any) -> None:
    repository = SHOP | {"owner": owner}
    assert asked("pull_request", an_event(repository=repository, pull_request=PULL), ("acme", "42")) == ()


def test_foreign_repo_or_installation_ignored__the_repository_decides() -> None:
    payload = of_account(repository=SHOP | {"owner": {"id": 7, "login": "stranger"}}, pull_request=PULL)
    assert asked("pull_request", payload) == ()


@pytest.mark.parametrize(
    ("event", "payload", "sentence"),
    [
        (
            "pull_request",
            an_event(),
            "a pull request event without repository or pull_request",
        ),
        ("check_run", an_event(), "a check event without check_run or check_suite"),
        ("check_suite", of_account(check_suite=RUN), "a check event without repository"),
        ("status", an_event(), "a status event without sha"),
        ("status", {"repository": SHOP, "sha": HEAD}, "missing or of the wrong type: installation"),
        (
            "pull_request",
            an_event(pull_request={"number": "12"}, repository=SHOP | {"id": 1.5}),
            "missing or of the wrong type: repository.id, pull_request.number",
        ),
    ],
)
def test_what_is_missing_is_named(event: str, payload: Any, sentence: str) -> None:
    with pytest.raises(Malformed) as caught:
        asked(event, payload)
    assert str(caught.value) == sentence
