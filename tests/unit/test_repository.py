"""A repository's listing against our records: who gets a look, and that settled pull requests cost nothing."""

from datetime import datetime
from typing import Any

import pytest

from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import Unseen
from reviewbot.model import InstallationId, Phase, PullRequest, Record, RepositoryId
from reviewbot.reconcile.repository import RESYNC, Lister, changed
from reviewbot.scope import outline
from tests.unit.builders import INSTALLATION, NOW, OLDER, REPOSITORY, a_pull, a_record, a_ref, minutes
from tests.unit.stores import Store


def known(number: int = 12, **changes: Any) -> Record:
    return a_record(ref=a_ref(number), **({"seen": outline(a_pull()), "phase": Phase.RUNNING} | changes))


SETTLED = [Phase.RUNNING, Phase.FAILED, Phase.SKIPPED, Phase.DEPLOYING]


@pytest.mark.parametrize(
    ("pulls", "records", "expected"),
    [
        ([], [], []),
        # New.
        ([a_pull()], [], [12]),
        ([a_pull()], [known(13)], [12, 13]),
        # Pushed, or never looked at.
        ([a_pull(head=OLDER)], [known()], [12]),
        ([a_pull()], [known(seen=None, phase=None)], [12]),
        ([a_pull()], [known(phase=None)], [12]),
        # Another branch, label or state of work, of which no event came.
        ([a_pull(base_ref="next")], [known(phase=Phase.SKIPPED)], [12]),
        ([a_pull(labels=("preview",))], [known(phase=Phase.SKIPPED)], [12]),
        ([a_pull(draft=True)], [known()], [12]),
        # What it waits for may have come without a word: a check, a label, "ready for review".
        ([a_pull()], [known(phase=Phase.WAITING)], [12]),
        ([a_pull(draft=True)], [known(phase=Phase.WAITING, reason="Draft")], [12]),
        ([a_pull()], [known(phase=Phase.WAITING, reason="Draft")], []),
        # Opened again.
        ([a_pull()], [known(phase=Phase.CLOSED)], [12]),
        *[([a_pull()], [known(phase=phase)], []) for phase in SETTLED],
        # Not listed: looked at, never taken for closed.
        *[([], [known(phase=phase)], [12]) for phase in Phase if phase is not Phase.CLOSED],
        ([], [known(phase=Phase.CLOSED)], []),
        (
            [a_pull(number=number) for number in (5, 3, 1)],
            [known(1), known(2), known(4, phase=Phase.CLOSED), known(5, seen=outline(a_pull(head=OLDER)))],
            [2, 3, 5],
        ),
    ],
)
def test_changed(pulls: list[PullRequest], records: list[Record], expected: list[int]) -> None:
    assert changed(pulls, records) == expected


def test_a_settled_repository_costs_nothing() -> None:
    numbers = range(1, 201)
    assert changed([a_pull(number=number) for number in numbers], [known(number) for number in numbers]) == []


class Listing:
    """The open pull requests as GitHub lists them, or its refusal to."""

    def __init__(self, *pulls: PullRequest, failure: Exception | None = None) -> None:
        self.pulls, self.failure = list(pulls), failure
        self.asked: list[tuple[int, int]] = []

    def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]:
        self.asked.append((repository, installation))
        if self.failure:
            raise self.failure
        return self.pulls


@pytest.fixture
def mailbox() -> Mailbox:
    box = Mailbox(Store())
    box.poke_repository(REPOSITORY, INSTALLATION, "acme/shop")
    return box


def listed(mailbox: Mailbox, listing: Listing) -> datetime | None:
    return Lister(listing, mailbox, lambda: NOW).list("repo-4711")


def test_listing_pokes_what_changed_and_comes_back(mailbox: Mailbox) -> None:
    listing = Listing(a_pull(number=1), a_pull(number=2))
    again = listed(mailbox, listing)
    assert listing.asked == [(4711, 31)]
    assert {record.ref for record in mailbox.records_of(REPOSITORY)} == {a_ref(1), a_ref(2)}
    repository = mailbox.repository("repo-4711")
    assert repository is not None
    assert not repository.due
    assert again is not None
    assert RESYNC * 0.8 <= again - NOW <= RESYNC * 1.2 <= minutes(15)


def test_a_listing_that_failed_is_no_listing(mailbox: Mailbox) -> None:
    mailbox.poke(a_ref(1))
    with pytest.raises(Unseen):
        listed(mailbox, Listing(failure=Unseen("GitHub answered 500")))
    repository, (record,) = mailbox.repository("repo-4711"), mailbox.records_of(REPOSITORY)
    assert repository is not None
    assert (repository.due, record.due) == (True, True)


def test_the_delivery_that_asked_for_a_listing_is_named_by_what_it_pokes(mailbox: Mailbox) -> None:
    mailbox.poke_repository(REPOSITORY, INSTALLATION, "acme/shop", "a-guid")
    Lister(Listing(a_pull()), mailbox, lambda: NOW).list("repo-4711")
    (record,) = mailbox.records_of(REPOSITORY)
    assert record.delivery == "a-guid"


def test_a_poke_while_listing_stays_due(mailbox: Mailbox) -> None:
    class Slow(Listing):
        def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]:
            mailbox.poke_repository(repository, installation, "acme/shop")
            return super().open_pulls(repository, installation)

    listed(mailbox, Slow())
    repository = mailbox.repository("repo-4711")
    assert repository is not None
    assert repository.due


def test_an_unknown_repository_is_not_listed() -> None:
    listing = Listing()
    assert listed(Mailbox(Store()), listing) is None
    assert listing.asked == []


def test_listings_are_spread() -> None:
    box = Mailbox(Store())
    box.poke_repository(REPOSITORY, INSTALLATION, "acme/shop")
    assert len({listed(box, Listing()) for _ in range(20)}) > 1
