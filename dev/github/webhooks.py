"""What happened, told to the apps that listen: who hears of it, and the payload GitHub would send.

An app hears of an event when it subscribed to it, is installed on the repository and may read the subject.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from dev.github import shapes
from dev.github.log import Delivery
from dev.github.state import Account, App, Installation, Repository
from dev.github.store import Store

PERMISSION = {
    "pull_request": "pull_requests",
    "status": "statuses",
    "check_run": "checks",
    "check_suite": "checks",
    "issue_comment": "issues",
    "push": "contents",
    "deployment": "deployments",
    "deployment_status": "deployments",
    "repository": "metadata",
    # really merge_queues, which GitHub's description of permissions leaves out
    "merge_group": "metadata",
}
# only the app that owns the check is asked to act on it
OWNERS_ONLY = {"requested", "rerequested", "requested_action"}


def emit(store: Store, repo: Repository, event: str, body: dict[str, Any], sender: Account) -> None:
    """Tell every listening app installed on that repository."""
    for installation in list(store.installations.values()):
        if installation.covers(repo) and _hears(installation, event, body):
            tell(store, installation, event, _about(store, repo) | body, sender)


def _about(store: Store, repo: Repository) -> dict[str, Any]:
    about: dict[str, Any] = {"repository": shapes.repository(store.api_url, repo)}
    if repo.owner.type == "Organization":
        about["organization"] = shapes.organization(store.api_url, repo.owner)
    return about


def _hears(installation: Installation, event: str, body: dict[str, Any]) -> bool:
    app = installation.app
    if event not in app.events or installation.suspended_at:
        return False
    level = installation.permissions.get(PERMISSION[event])
    if body.get("action") in OWNERS_ONLY and event in ("check_run", "check_suite"):
        return level == "write" and body[event]["app"]["id"] == app.id
    return level is not None or PERMISSION[event] == "metadata"


def tell(store: Store, installation: Installation, event: str, body: dict[str, Any], sender: Account) -> None:
    """Record a signed delivery to one installation's app, and send it where somebody sends."""
    app = installation.app
    if app.webhook_secret is None:
        return
    brief = {"id": installation.id, "node_id": shapes.node_id("I", installation.id)}
    payload = {"installation": brief} | body | {"sender": shapes.account(store.api_url, sender)}
    raw = json.dumps(payload, separators=(",", ":")).encode()
    guid = str(uuid.uuid4())
    delivery = Delivery(
        id=store.next_id(),
        guid=guid,
        app=app,
        event=event,
        action=body.get("action"),
        headers=headers(app, event, guid, raw),
        body=raw,
        installation_id=installation.id,
        repository_id=body.get("repository", {}).get("id"),
    )
    send(store, delivery)


def send(store: Store, delivery: Delivery) -> None:
    store.deliveries.append(delivery)
    for one in store.carries(delivery):
        post(store, one)


def post(store: Store, delivery: Delivery) -> None:
    if store.outbox is not None:
        store.outbox(delivery)


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(app: App, event: str, guid: str, body: bytes) -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/0000000",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(app.hook_id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature-256": signature(app.webhook_secret or "", body),
    }


def redeliver(store: Store, first: Delivery) -> Delivery:
    """The same bytes under the same GUID, as a new attempt."""
    again = Delivery(
        id=store.next_id(),
        guid=first.guid,
        app=first.app,
        event=first.event,
        action=first.action,
        headers=headers(first.app, first.event, first.guid, first.body),
        body=first.body,
        installation_id=first.installation_id,
        repository_id=first.repository_id,
        redelivery=True,
    )
    send(store, again)
    return again
