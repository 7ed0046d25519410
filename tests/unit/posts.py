"""The public port in a test: a mailbox that only remembers, a client, and deliveries as GitHub signs them."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reviewbot.model import AppId, InstallationId, PullRequestRef, Record, RepositoryId, Request, Sha
from reviewbot.web.app import Door, Mailbox, create_app
from tests.unit.builders import HEAD, INSTALLATION, OWN_APP, REPOSITORY

SECRET = "0123456789abcdef"
OLD_SECRET = "fedcba9876543210"
OWN_HOST = "bot.example.org"
PULL_EVENT = {
    "action": "opened",
    "installation": {"id": INSTALLATION},
    "repository": {"id": REPOSITORY, "full_name": "acme/shop", "owner": {"id": 42, "login": "acme"}},
    "pull_request": {"number": 12},
    "check_run": {"head_sha": HEAD, "app": {"id": 7}},
}


class Box:
    """Where pokes go. `heads` are the commits that it knows pull requests of."""

    def __init__(self, *records: Record, failure: Exception | None = None, heads: tuple[Sha, ...] = ()) -> None:
        self.records = {record.host: record for record in records}
        self.failure = failure
        self.heads = heads
        self.poked: list[str] = []
        self.deliveries: list[str] = []
        self.asked: list[str] = []

    def poke(self, ref: PullRequestRef, delivery: str = "") -> None:
        self._poke(ref.name, delivery)

    def poke_repository(
        self, repository: RepositoryId, installation: InstallationId, full_name: str, delivery: str = ""
    ) -> None:
        self._poke(f"repository {repository} {installation} {full_name}", delivery)

    def poke_known(
        self, installation: InstallationId, repository: RepositoryId | None = None, delivery: str = ""
    ) -> None:
        self._poke(f"known {repository or 'all'} of {installation}", delivery)

    def poke_commit(self, repository: RepositoryId, sha: Sha, asked: Request | None = None, delivery: str = "") -> int:
        self._poke(f"commit {repository} {sha}" + (f" {asked.verb} by {asked.sender}" if asked else ""), delivery)
        return self.heads.count(sha)

    def record_at(self, host_label: str) -> Record | None:
        self.asked.append(host_label)
        if self.failure:
            raise self.failure
        return self.records.get(host_label)

    def _poke(self, what: str, delivery: str) -> None:
        if self.failure:
            raise self.failure
        self.poked.append(what)
        self.deliveries.append(delivery)


def an_app(
    box: Mailbox,
    own: AppId = OWN_APP,
    url: str = f"https://{OWN_HOST}",
    secrets: tuple[str, ...] = (SECRET, OLD_SECRET),
    seconds: Callable[[], float] = lambda: 0.0,
) -> Flask:
    """The public port; its clock stands still unless there is another."""
    return create_app(Door(url, "https://preview.example.com:8443", own, ("acme",), secrets), box, seconds)


def a_client(box: Mailbox, url: str = f"https://{OWN_HOST}", seconds: Callable[[], float] = lambda: 0.0) -> FlaskClient:
    return an_app(box, url=url, seconds=seconds).test_client()


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(box: Box, event: str, payload: Any, **headers: str) -> TestResponse:
    """A delivery as GitHub makes it; `payload` may be the raw body."""
    return post(a_client(box), event, payload, **headers)


def post(client: FlaskClient, event: str, payload: Any, **headers: str) -> TestResponse:
    """The same, to a door that is there already."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    sent = {"Host": OWN_HOST, "X-GitHub-Event": event, "X-Hub-Signature-256": sign(body)} | headers
    return client.post("/webhook", data=body, headers=sent, content_type="application/json")
