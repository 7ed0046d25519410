"""The receiver and the pages. Which host was asked for decides what answers, before anything else is looked at."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from reviewbot import webhook
from reviewbot.errors import GiveUp, Wait
from reviewbot.model import REDEPLOY, AppId, InstallationId, PullRequestRef, Record, RepositoryId, Request, Sha
from reviewbot.web import pages
from reviewbot.web.metrics import DELIVERIES

log = logging.getLogger(__name__)

Reply = tuple[Response, int]
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")


class Mailbox(Protocol):
    """Where pokes go, and where the status page looks."""

    def poke(self, ref: PullRequestRef) -> None: ...
    def poke_repository(self, repository: RepositoryId, installation: InstallationId, full_name: str) -> None: ...
    def poke_known(self, installation: InstallationId, repository: RepositoryId | None = None) -> None: ...
    def poke_commit(self, repository: RepositoryId, sha: Sha, asked: Request | None = None) -> int: ...
    def record_at(self, host_label: str) -> Record | None: ...


@dataclass(frozen=True)
class Door:
    """What the receiver needs to know of this installation."""

    url: str
    previews_url: str
    app_id: AppId
    accounts: tuple[str, ...]
    secrets: tuple[str, ...]


def create_app(door: Door, mailbox: Mailbox) -> Flask:
    """The application for the public port."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = webhook.MAXIMUM_BODY
    own, previews = urlsplit(door.url).hostname, urlsplit(door.previews_url).hostname

    @app.before_request
    def dispatch() -> Response | None:
        host = _host_name(request.host)
        label, _, parent = host.partition(".")
        if parent == previews:
            return _preview_page(mailbox, label)
        return None if host == own else Response("Nothing is served under this name.\n", 421, mimetype="text/plain")

    @app.get("/")
    def home() -> Response:
        return pages.home()

    @app.post("/webhook")
    def receive() -> Reply:
        return _receive(door, mailbox)

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Reply:
        return jsonify(error=error.name), error.code or 500

    return app


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _preview_page(mailbox: Mailbox, label: str) -> Response:
    try:
        record = mailbox.record_at(label)
    except (Wait, GiveUp):
        return pages.unavailable()
    return pages.status(record.phase, record.reason) if record else pages.status(None)


def _receive(door: Door, mailbox: Mailbox) -> Reply:
    body = request.get_data(cache=False)
    if len(body) >= webhook.MAXIMUM_BODY:
        # A body without a declared length is cut there rather than refused.
        abort(413)
    try:
        webhook.authenticate(body, request.headers.get("X-Hub-Signature-256"), door.secrets)
    except webhook.Unauthenticated:
        return _reply("unauthenticated", 401, error="the signature is missing or wrong")
    try:
        pokes = webhook.pokes(request.headers.get("X-GitHub-Event", ""), body, door.app_id, door.accounts)
    except webhook.Malformed as malformed:
        return _reply("malformed", 400, error=str(malformed))
    try:
        for poke in pokes:
            _post(mailbox, poke, request.headers.get("X-GitHub-Delivery", ""))
    except (Wait, GiveUp) as failure:
        # Nothing was promised: GitHub keeps the delivery, and it is asked for again.
        log.warning("a delivery could not be stored: %s", failure.sentence)
        return _reply("unavailable", 503, error="it could not be stored; deliver it again")
    return _reply("accepted", 202, pokes=len(pokes)) if pokes else _reply("ignored", 200, pokes=0)


def _post(mailbox: Mailbox, poke: webhook.Poke, delivery: str) -> None:
    match poke:
        case webhook.PullRequestPoke(ref):
            mailbox.poke(ref)
        case webhook.RepositoryPoke(repository, installation, full_name):
            mailbox.poke_repository(repository, installation, full_name)
        case webhook.KnownPoke(installation, known):
            mailbox.poke_known(installation, known)
        case webhook.CommitPoke(repository, installation, full_name, sha, asker):
            # A commit nobody knows may be the head of a pull request whose own event is still on its way.
            asked = None
            if asker and _DELIVERY.fullmatch(delivery):
                asked = Request(delivery, REDEPLOY, sha, asker, datetime.now(UTC))
            if mailbox.poke_commit(repository, sha, asked) == 0:
                mailbox.poke_repository(repository, installation, full_name)


def _reply(outcome: str, code: int, **body: str | int) -> Reply:
    DELIVERIES.labels(outcome).inc()
    return jsonify(outcome=outcome, **body), code
