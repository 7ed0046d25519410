"""Records and pokes: made when they are missing, never lost when two write at once, and read into our nouns."""

import pytest

from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.records import RepositoryRecord, repository_name
from reviewbot.errors import Conflict, Unseen
from reviewbot.model import (
    InstallationId,
    Phase,
    PullRequestRef,
    Record,
    RepositoryId,
)
from tests.unit.builders import HEAD, INSTALLATION, OLDER, REF, REPOSITORY, a_record, a_ref
from tests.unit.stores import Store, at_once

POKE = "reviewbot.dev/poke"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def mailbox(store: Store) -> Mailbox:
    return Mailbox(store)


def poke_of(store: Store, kind: str, name: str) -> str:
    value: str = store.items[kind, name]["metadata"]["annotations"][POKE]
    return value


def the_record(mailbox: Mailbox, ref: PullRequestRef = REF) -> Record:
    record = mailbox.record(ref.name)
    assert record is not None
    return record


def test_the_first_poke_makes_the_record(store: Store, mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    assert [method for method, *_ in store.calls] == ["patch", "create"]
    assert store.items["ReviewApp", "pr-4711-12"] == {
        "apiVersion": "reviewbot.dev/v1alpha1",
        "kind": "ReviewApp",
        "metadata": {
            "name": "pr-4711-12",
            "namespace": "reviewbot-system",
            "labels": {"reviewbot.dev/repository-id": "4711"},
            "annotations": {POKE: poke_of(store, "ReviewApp", "pr-4711-12")},
            "uid": "uid-of-pr-4711-12",
            "resourceVersion": "1",
        },
        "spec": {"repositoryId": 4711, "installationId": 31, "source": {"pullRequest": {"number": 12}}},
    }


def test_a_repository_has_a_record_of_its_own(store: Store, mailbox: Mailbox) -> None:
    mailbox.poke_repository(REPOSITORY, INSTALLATION, "acme/shop")
    assert store.items["Repository", "repo-4711"]["spec"] == {"installationId": 31, "fullName": "acme/shop"}
    poke = poke_of(store, "Repository", "repo-4711")
    assert mailbox.repository("repo-4711") == RepositoryRecord(
        REPOSITORY, INSTALLATION, "acme/shop", poke, None, "uid-of-repo-4711", "1"
    )
    assert mailbox.repository("repo-1") is None


def test_every_poke_is_another(store: Store, mailbox: Mailbox) -> None:
    seen = set()
    for _ in range(5):
        mailbox.poke(REF)
        seen.add(poke_of(store, "ReviewApp", REF.name))
    assert len(seen) == 5
    assert [method for method, *_ in store.calls] == ["patch", "create", "patch", "patch", "patch", "patch"]


def test_a_record_that_appears_in_between_is_poked(store: Store, mailbox: Mailbox) -> None:
    store.before = at_once("create", lambda: Mailbox(store).poke(REF))
    mailbox.poke(REF)
    assert [method for method, *_ in store.calls] == ["patch", "create", "patch", "create", "patch"]
    first = store.items["ReviewApp", REF.name]
    assert first["metadata"]["resourceVersion"] == "2"


def test_a_poke_follows_the_installation_but_keeps_what_was_found(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    mailbox.write_status(REF.name, {"phase": "Running"})
    mailbox.poke(PullRequestRef(REPOSITORY, InstallationId(77), 12))
    record = the_record(mailbox)
    assert (record.ref.installation, record.phase) == (77, Phase.RUNNING)


def test_due_until_somebody_has_looked(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    seen = the_record(mailbox)
    assert seen.due
    mailbox.write_status(REF.name, {"observedPoke": seen.poke})
    assert not the_record(mailbox).due


def test_a_poke_while_somebody_looks_stays_due(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    seen = the_record(mailbox)
    mailbox.poke(REF)
    mailbox.write_status(REF.name, {"observedPoke": seen.poke})
    assert the_record(mailbox).due


def test_the_delivery_that_asked_last_is_named_until_it_is_answered(mailbox: Mailbox) -> None:
    for delivery in ("guid-1", "guid-2"):
        mailbox.poke(REF, delivery)
    seen = the_record(mailbox)
    assert seen.delivery == "guid-2"
    mailbox.write_status(REF.name, {"observedPoke": seen.poke})
    assert the_record(mailbox).delivery == ""
    mailbox.poke(REF)
    assert the_record(mailbox).delivery == ""


def test_our_own_status_is_no_cause(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    mailbox.write_status(REF.name, {"observedPoke": the_record(mailbox).poke, "phase": "Running"})
    mailbox.write_status(REF.name, {"comment": {"id": 1, "digest": "x"}})
    assert not the_record(mailbox).due


def test_the_status_of_a_record_that_is_gone_is_nobodys(mailbox: Mailbox) -> None:
    mailbox.write_status("pr-1-1", {"phase": "Running"})
    assert mailbox.record("pr-1-1") is None


@pytest.fixture
def labelled(mailbox: Mailbox) -> Mailbox:
    heads = {a_ref(1): HEAD, a_ref(2): HEAD, a_ref(3): OLDER, a_ref(1, repository=4712): HEAD}
    for ref, head in heads.items():
        mailbox.poke(ref)
        mailbox.label(the_record(mailbox, ref), head, f"host-of-{ref.name}")
        mailbox.write_status(ref.name, {"observedPoke": the_record(mailbox, ref).poke})
    return mailbox


def test_a_commit_pokes_every_pull_request_that_has_it_as_its_head(labelled: Mailbox) -> None:
    assert labelled.poke_commit(REPOSITORY, HEAD) == 2
    due = {ref.name: the_record(labelled, ref).due for ref in (a_ref(1), a_ref(2), a_ref(3), a_ref(1, 4712))}
    assert due == {"pr-4711-1": True, "pr-4711-2": True, "pr-4711-3": False, "pr-4712-1": False}


def test_a_commit_nobody_knows_pokes_nobody(labelled: Mailbox, store: Store) -> None:
    before = len(store.calls)
    assert labelled.poke_commit(REPOSITORY, "c" * 40) == 0  # type: ignore[arg-type]
    assert [method for method, *_ in store.calls[before:]] == ["list"]


def test_records_are_found_by_repository_and_by_host(labelled: Mailbox) -> None:
    assert [record.ref.number for record in labelled.records_of(REPOSITORY)] == [1, 2, 3]
    assert labelled.records_of(RepositoryId(1)) == []
    found = labelled.record_at("host-of-pr-4711-3")
    assert found is not None
    assert found.ref == a_ref(3)
    assert labelled.record_at("host-of-nobody") is None


def test_labels_are_written_only_when_they_change(labelled: Mailbox, store: Store) -> None:
    record, before = the_record(labelled, a_ref(1)), len(store.calls)
    labelled.label(record, HEAD, "host-of-pr-4711-1")
    assert len(store.calls) == before
    labelled.label(record, OLDER, "host-of-pr-4711-1")
    moved = the_record(labelled, a_ref(1))
    assert (moved.head, moved.host) == (OLDER, "host-of-pr-4711-1")
    assert [each.ref.number for each in labelled.records_of(REPOSITORY)] == [1, 2, 3]


def test_forgetting(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    mailbox.forget(the_record(mailbox))
    assert mailbox.record(REF.name) is None
    mailbox.forget(a_record())


def test_what_happened_since_it_was_read_is_not_forgotten(mailbox: Mailbox) -> None:
    mailbox.poke(REF)
    read = the_record(mailbox)
    mailbox.poke(REF)
    mailbox.forget(read)
    assert the_record(mailbox).due


@pytest.mark.parametrize(
    ("failure", "raised"), [(Unseen("the cluster does not answer"), True), (Conflict("changed"), False)]
)
def test_a_record_that_could_not_be_forgotten_is_tried_again(
    store: Store, mailbox: Mailbox, failure: Exception, raised: bool
) -> None:
    mailbox.poke(REF)
    record = the_record(mailbox)

    def fail() -> None:
        raise failure

    store.before = at_once("delete", fail)
    if raised:
        with pytest.raises(Unseen):
            mailbox.forget(record)
    else:
        mailbox.forget(record)


def test_names_of_records() -> None:
    assert repository_name(REPOSITORY) == "repo-4711"
    assert REF.name == "pr-4711-12"


@pytest.mark.parametrize(
    ("installation", "full_name", "poked"),
    [(INSTALLATION, "acme/shop", False), (77, "acme/shop", True), (INSTALLATION, "acme/store", True)],
)
def test_a_repository_is_asked_for_only_when_it_is_news(
    mailbox: Mailbox, installation: InstallationId, full_name: str, poked: bool
) -> None:
    mailbox.know_repository(REPOSITORY, INSTALLATION, "acme/shop")
    before = mailbox.repository("repo-4711")
    mailbox.know_repository(REPOSITORY, installation, full_name)
    after = mailbox.repository("repo-4711")
    assert before is not None
    assert after is not None
    assert (after.installation, after.full_name) == (installation, full_name)
    assert (after.poke != before.poke) == poked
    assert after.due
