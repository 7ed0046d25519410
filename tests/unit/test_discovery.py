"""Repositories of which no event came: all of every served account, whoever cannot be asked at the moment."""

import pytest

from reviewbot.errors import GiveUp, Unseen, Wait
from reviewbot.model import InstallationId, RepositoryId
from reviewbot.reconcile.discovery import EVERY, Discoverer
from tests.unit.builders import NOW

ACME, LABS, STRANGER = InstallationId(31), InstallationId(32), InstallationId(33)
SHOP, BLOG, LAB = (RepositoryId(1), "acme/shop"), (RepositoryId(2), "acme/blog"), (RepositoryId(3), "labs/lab")


class Outside:
    """Who has the App, on which repositories, and what was made known of it."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.asked: list[InstallationId] = []
        self.known: list[tuple[RepositoryId, InstallationId, str]] = []

    def installations(self) -> dict[InstallationId, tuple[int, str]]:
        return {ACME: (5, "Acme"), LABS: (6, "labs"), STRANGER: (7, "mallory")}

    def repositories(self, installation: InstallationId) -> list[tuple[RepositoryId, str]]:
        self.asked.append(installation)
        if self.failure and installation == ACME:
            raise self.failure
        return {ACME: [SHOP, BLOG], LABS: [LAB]}[installation]

    def know_repository(self, repository: RepositoryId, installation: InstallationId, full_name: str) -> None:
        self.known.append((repository, installation, full_name))


def discover(outside: Outside) -> None:
    again = Discoverer(outside, outside, ["acme", "6"], lambda: NOW).discover()
    assert NOW + EVERY * 0.8 <= again <= NOW + EVERY * 1.2


def test_every_repository_of_the_accounts_that_are_served() -> None:
    outside = Outside()
    discover(outside)
    assert outside.known == [(*SHOP[:1], ACME, SHOP[1]), (*BLOG[:1], ACME, BLOG[1]), (*LAB[:1], LABS, LAB[1])]
    assert outside.asked == [ACME, LABS]


@pytest.mark.parametrize("failure", [Wait("The App's installation is suspended."), GiveUp("No."), Unseen("500")])
def test_one_that_cannot_be_asked_holds_up_no_other(failure: Exception) -> None:
    outside = Outside()
    outside.failure = failure
    discover(outside)
    assert outside.known == [(*LAB[:1], LABS, LAB[1])]
