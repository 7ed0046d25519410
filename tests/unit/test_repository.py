"""A repository's listing against our records: who gets a look, and that settled pull requests cost nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import Denied, Missing, Unseen, Wait
from reviewbot.model import InstallationId, Phase, PullRequest, Record, RepositoryId
from reviewbot.reconcile.missing import GONE_AFTER
from reviewbot.reconcile.repository import KEPT, RESYNC, Lister, changed
from reviewbot.scope import outline
from tests.unit.builders import (
    INSTALLATION,
    NOW,
    OLDER,
    REF,
    REPOSITORY,
    a_pull,
    a_record,
    a_ref,
    minutes,
    seconds,
)
from tests.unit.stores import Store


def known(number: int = 12, **changes: Any) -> Record:
    return a_record(**({"ref": a_ref(number), "seen": outline(a_pull()), "phase": Phase.RUNNING} | changes))


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
        # What is said of its checks may be true no longer.
        ([a_pull()], [known(reason="ChecksChanged")], [12]),
        # Asked for, or not told to the end.
        ([a_pull()], [known(poke="1")], [12]),
        ([a_pull()], [known(report="new", told="old")], [12]),
        # Not shown, at some time.
        ([a_pull()], [known(missing_since=NOW)], [12]),
        # Known under another installation.
        ([a_pull()], [known(ref=replace(a_ref(12), installation=InstallationId(32)))], [12]),
        # Archived: what runs has to go, and what is at rest stays so, until it is archived no longer.
        ([a_pull(archived=True)], [known()], [12]),
        ([a_pull(archived=True)], [known(phase=Phase.CLOSED)], []),
        ([a_pull(archived=True)], [], []),
        ([a_pull(draft=True)], [known(phase=Phase.WAITING, reason="Draft")], [12]),
        ([a_pull()], [known(phase=Phase.WAITING, reason="Draft")], []),
        # Opened again.
        ([a_pull()], [known(phase=Phase.CLOSED)], [12]),
        *[([a_pull()], [known(phase=phase)], []) for phase in SETTLED],
        ([], [known(phase=Phase.CLOSED)], []),
        # Closed, and not told to the end.
        ([], [known(phase=Phase.CLOSED, report="new", told="")], [12]),
        (
            [a_pull(number=number) for number in (5, 3, 1)],
            [known(1), known(2), known(4, phase=Phase.CLOSED), known(5, seen=outline(a_pull(head=OLDER)))],
            [2, 3, 5],
        ),
    ],
)
def test_changed(pulls: list[PullRequest], records: list[Record], expected: list[int]) -> None:
    assert changed(pulls, records, INSTALLATION) == expected


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CLOSED])
def test_absence_is_not_closure__what_is_not_listed_is_looked_at(phase: Phase) -> None:
    # As one that moves to a page that was read already, while the next one is read.
    assert changed([a_pull(number=1)], [known(1), known(12, phase=phase)], INSTALLATION) == [12]


def test_a_settled_repository_costs_nothing() -> None:
    numbers = range(1, 201)
    assert (
        changed([a_pull(number=number) for number in numbers], [known(number) for number in numbers], INSTALLATION)
        == []
    )


class Listing:
    """The open pull requests as GitHub lists them, or its refusal to."""

    def __init__(self, *pulls: PullRequest, failure: Exception | None = None) -> None:
        self.pulls, self.failure = list(pulls), failure
        self.asked: list[tuple[int, int]] = []
        self.covering: InstallationId | None = None
        self.right_again = False

    def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]:
        self.asked.append((repository, installation))
        if self.failure:
            raise self.failure
        return self.pulls

    def installation_of(self, _repository: RepositoryId) -> InstallationId | None:
        return self.covering

    def regained(self, _repository: RepositoryId, _installation: InstallationId) -> bool:
        return self.right_again


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


class Lapse:
    """A repository that GitHub no longer shows, and time that passes."""

    def __init__(self, **status: Any) -> None:
        self.now = NOW
        self.store = Store()
        self.mailbox = Mailbox(self.store)
        self.mailbox.poke_repository(REPOSITORY, INSTALLATION, "acme/shop")
        self.mailbox.poke(REF)
        seen = {"phase": "Running", "observedPoke": self.record().poke, "seen": outline(a_pull())}
        self.mailbox.write_status(REF.name, seen | status)
        self.listing = Listing(failure=Missing("The App is no longer installed there."))

    def record(self) -> Record:
        (record,) = self.mailbox.records_of(REPOSITORY)
        return record

    def looks(self) -> timedelta | None:
        """List it now; in how long again."""
        again = Lister(self.listing, self.mailbox, lambda: self.now).list("repo-4711")
        return None if again is None else again - self.now


def test_a_repository_that_is_missing_is_gone_only_if_it_stays_so() -> None:
    lapse = Lapse()
    assert (lapse.looks(), lapse.record().due) == (seconds(15), False)
    lapse.now += seconds(15)
    assert (lapse.looks(), lapse.record().due) == (GONE_AFTER - seconds(15), False)
    lapse.now = NOW + GONE_AFTER
    assert (lapse.looks(), lapse.record().due, lapse.record().missing_since) == (GONE_AFTER, True, NOW)


@pytest.mark.parametrize("failure", [Unseen("GitHub answered 500"), Denied("No."), Wait("Asleep.")])
def test_what_could_not_be_seen_does_not_count(failure: Exception) -> None:
    lapse = Lapse()
    lapse.listing.failure = failure
    for _ in range(3):
        with pytest.raises(type(failure)):
            lapse.looks()
        lapse.now += GONE_AFTER
    repository = lapse.mailbox.repository("repo-4711")
    assert repository is not None
    assert (repository.missing_since, lapse.record().due) == (None, False)


def test_a_repository_that_is_seen_again_is_not_missing() -> None:
    lapse = Lapse()
    lapse.looks()
    lapse.listing.failure = None
    lapse.looks()
    lapse.listing.failure = Missing("Gone.")
    lapse.now += GONE_AFTER
    assert lapse.looks() == seconds(15)


def test_the_record_of_a_repository_goes_a_day_after_its_last_preview() -> None:
    lapse = Lapse()
    lapse.looks()
    lapse.now += KEPT * 2
    assert lapse.looks() is not None
    lapse.mailbox.write_status(REF.name, {"phase": "Closed"})
    assert lapse.looks() is None
    assert lapse.mailbox.repository("repo-4711") is None


def test_another_installation_is_asked_at_once() -> None:
    lapse = Lapse()
    lapse.listing.covering = InstallationId(32)
    assert lapse.looks() == seconds(0)
    lapse.listing.failure, lapse.listing.pulls = None, [a_pull()]
    lapse.looks()
    assert lapse.listing.asked == [(4711, 31), (4711, 32)]
    assert lapse.record().ref.installation == 32


@pytest.mark.parametrize("right_again", [False, True])
def test_a_right_that_was_given_is_used_at_once(right_again: bool) -> None:
    lapse = Lapse(deploymentsAgain=(NOW + minutes(60)).isoformat())
    lapse.listing.failure, lapse.listing.pulls, lapse.listing.right_again = None, [a_pull()], right_again
    lapse.looks()
    assert (lapse.record().deployments_again is None, lapse.record().due) == (right_again, right_again)
