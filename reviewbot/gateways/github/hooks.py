"""What GitHub tells the App of itself: its webhook deliveries, and where it is installed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from reviewbot.gateways.github.payloads import Payload, parse
from reviewbot.model import Delivery, InstallationId, RepositoryId


class _Delivery(Payload):
    id: int
    guid: str
    delivered_at: datetime
    redelivery: bool = False
    status: str
    event: str
    action: str | None = None
    installation_id: int | None = None


class _Account(Payload):
    id: int
    login: str


class _Installation(Payload):
    id: int
    account: _Account


def deliveries(items: Iterable[Any]) -> list[Delivery]:
    """Attempts to deliver webhooks, as they are listed."""
    read = (parse(_Delivery, item) for item in items)
    return [
        Delivery(
            id=each.id,
            guid=each.guid,
            at=each.delivered_at,
            delivered=each.status == "OK",
            event=each.event,
            action=each.action or "",
            installation=InstallationId(each.installation_id) if each.installation_id else None,
            again=each.redelivery,
        )
        for each in read
    ]


class _Repository(Payload):
    id: int
    full_name: str
    archived: bool = False


def repositories(items: Iterable[Any]) -> Iterator[tuple[RepositoryId, str]]:
    """Each repository that can be written to, by id and name."""
    for item in items:
        found = parse(_Repository, item)
        if not found.archived:
            yield RepositoryId(found.id), found.full_name


def installations(items: Iterable[Any]) -> Iterator[tuple[InstallationId, tuple[int, str]]]:
    """Each installation with the id and the login of its account."""
    for item in items:
        found = parse(_Installation, item)
        yield InstallationId(found.id), (found.account.id, found.account.login)
