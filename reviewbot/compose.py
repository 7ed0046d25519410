"""Puts the parts together: which gateway serves which port. The one place that knows them all."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from reviewbot.engine.bookmarks import Bookmarks
from reviewbot.engine.decisions import Decisions
from reviewbot.engine.engine import Engine, Errands
from reviewbot.engine.events import Events
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.sweep import Sweeper
from reviewbot.errors import GiveUp
from reviewbot.gateways.cluster import Cluster
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.gateways.probe import GatewayProbe
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.act import Actor
from reviewbot.reconcile.deliveries import Redeliverer
from reviewbot.reconcile.discovery import Discoverer
from reviewbot.reconcile.observe import Observer, Probe
from reviewbot.reconcile.repository import Lister
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.tell import Teller
from reviewbot.settings import ControllerSettings

Clock = Callable[[], datetime]


class Fence(Protocol):
    """Raises unless this process may write."""

    def __call__(self) -> None: ...


@dataclass(frozen=True)
class Outside:
    """Everything that is not ours, connected: GitHub, the records' cluster, the previews' cluster, the probe."""

    github: GitHub
    home: Cluster
    target: Cluster
    probe: Probe


def utc_now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


def connect_github(settings: ControllerSettings, clock: Clock, fence: Fence) -> GitHub:
    """The App's access to GitHub."""
    client = Client(settings.api_url, settings.app_id, settings.private_key, clock, fence)
    return GitHub(client, settings.accounts)


def connect_probe(settings: ControllerSettings, target: Cluster) -> GatewayProbe:
    """The probe of the configured gateway address, or of the one that the Gateway tells."""
    parts = urlsplit(settings.previews_url)
    address = settings.gateway_address or _gateway_address(settings.gateway, target, parts.port, parts.scheme)
    return GatewayProbe(address, secure=parts.scheme == "https")


def observer(settings: ControllerSettings, outside: Outside, clock: Clock) -> Observer:
    """What reads the facts."""
    site = Site(
        settings.app_id,
        settings.host_key,
        settings.previews_url,
        settings.gateway,
        settings.image,
        settings.pull_secrets or {},
        settings.kustomize_image,
    )
    return Observer(outside.github, outside.target, site, outside.probe, clock)


def engine(settings: ControllerSettings, outside: Outside, clock: Clock) -> Engine:
    """The whole machine, without threads."""
    mailbox = Mailbox(outside.home)
    actor = Actor(outside.github, outside.target, settings.gateway, settings.gateway_proxies)
    decisions = Decisions(Events(outside.home, socket.gethostname(), clock), clock)
    return Engine(
        Reconciler(mailbox, observer(settings, outside, clock), actor, decisions),
        Lister(outside.github, mailbox, clock),
        Teller(outside.github, mailbox, clock),
        _errands(settings, outside, mailbox, clock),
        clock,
    )


def _errands(settings: ControllerSettings, outside: Outside, mailbox: Mailbox, clock: Clock) -> Errands:
    bookmarks = Bookmarks(outside.home, settings.app_id)
    return {
        "installations": Discoverer(outside.github, mailbox, settings.accounts, clock).discover,
        "deliveries": Redeliverer(outside.github, bookmarks, settings.accounts, clock).redeliver,
        "sweep": Sweeper(outside.home, outside.target, mailbox, clock).sweep,
    }


def _gateway_address(gateway: str, target: Cluster, port: int | None, scheme: str) -> str:
    namespace, _, name = gateway.partition("/")
    found = target.get("Gateway", name, namespace)
    addresses = ((found or {}).get("status") or {}).get("addresses") or []
    if not addresses:
        raise GiveUp(f"Gateway {gateway} has no address; set REVIEWBOT_GATEWAY_ADDRESS to its host:port.")
    return f"{addresses[0]['value']}:{port or (443 if scheme == 'https' else 80)}"
