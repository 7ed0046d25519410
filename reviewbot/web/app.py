"""The receiver and the pages. Which host was asked for decides what answers, before anything else is looked at."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from reviewbot import webhook
from reviewbot.errors import GiveUp, Wait
from reviewbot.metrics import DELIVERIES
from reviewbot.model import REDEPLOY, AppId, InstallationId, PullRequestRef, Record, RepositoryId, Request, Sha
from reviewbot.web import pages
from reviewbot.web.breaker import Breaker
from reviewbot.web.recent import Recent
from reviewbot.web.together import Together

log = logging.getLogger(__name__)

Reply = tuple[Response, int]
# Headers are not signed: whoever got hold of a delivery may send it again with others.
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z_]{1,64}")
_MOST_SUBJECTS = 20
# What GitHub sends is smaller almost always; more is read of one delivery at a time, or all threads fill the memory.
_SMALL_BODY = 256 * 1024
_PATIENCE_SECONDS = 2.0
_AT_ONCE = 64 * 1024
# Together as many as the connections to the cluster that are kept. Anybody may look at pages, as often as they like.
_MOST_DELIVERIES, _MOST_PAGES = 56, 8


class Mailbox(Protocol):
    """Where pokes go, and where the status page looks."""

    def poke(self, ref: PullRequestRef, delivery: str = "") -> None: ...
    def poke_repository(
        self, repository: RepositoryId, installation: InstallationId, full_name: str, delivery: str = ""
    ) -> None: ...
    def poke_known(
        self, installation: InstallationId, repository: RepositoryId | None = None, delivery: str = ""
    ) -> None: ...
    def poke_commit(
        self, repository: RepositoryId, sha: Sha, asked: Request | None = None, delivery: str = ""
    ) -> int: ...
    def record_at(self, host_label: str) -> Record | None: ...


@dataclass(frozen=True)
class Door:
    """What the receiver needs to know of this installation."""

    url: str
    previews_url: str
    app_id: AppId
    accounts: tuple[str, ...]
    secrets: tuple[str, ...]


class _Store:
    def __init__(self, mailbox: Mailbox, seconds: Callable[[], float]) -> None:
        self.mailbox = mailbox
        self.breaker = Breaker(_MOST_DELIVERIES, seconds)
        self.together = Together()
        self._pages = Breaker(_MOST_PAGES, seconds)
        self._recent: Recent[Record | None] = Recent(seconds)

    def record_at(self, label: str) -> Record | None:
        """Whose host it is, as of a moment ago."""
        return self._recent.get(label, lambda: self._pages.call(lambda: self.mailbox.record_at(label)))


def create_app(door: Door, mailbox: Mailbox, seconds: Callable[[], float] = time.monotonic) -> Flask:
    """The application for the public port. `seconds` is a monotonic clock."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = webhook.MAXIMUM_BODY
    own, previews = urlsplit(door.url).hostname, urlsplit(door.previews_url).hostname
    store, large = _Store(mailbox, seconds), threading.Lock()

    @app.before_request
    def dispatch() -> Response | None:
        host = _host_name(request.host)
        label, _, parent = host.partition(".")
        if parent == previews:
            return _preview_page(store, label)
        return None if host == own else Response("Nothing is served under this name.\n", 421, mimetype="text/plain")

    @app.get("/")
    def home() -> Response:
        return pages.home()

    @app.post("/webhook")
    def receive() -> Reply:
        with _room(large):
            return _receive(door, store)

    @app.after_request
    def close(reply: Response) -> Response:
        reply.headers.update(pages.HEADERS)
        return reply

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Reply:
        return jsonify(error=error.name), error.code or 500

    return app


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _preview_page(store: _Store, label: str) -> Response:
    try:
        record = store.record_at(label)
    except (Wait, GiveUp):
        return pages.unavailable()
    return pages.status(record.phase, record.reason) if record else pages.status(None)


@contextmanager
def _room(large: threading.Lock) -> Iterator[None]:
    length = request.content_length
    if length is not None and length > webhook.MAXIMUM_BODY:
        abort(413)
    alone = length is None or length > _SMALL_BODY
    if alone and not large.acquire(timeout=_PATIENCE_SECONDS):
        abort(503)
    try:
        yield
    finally:
        if alone:
            large.release()


def _receive(door: Door, store: _Store) -> Reply:
    body = _body()
    try:
        webhook.authenticate(body, request.headers.get("X-Hub-Signature-256"), door.secrets)
    except webhook.Unauthenticated:
        _note(logging.WARNING, "unauthenticated", "the signature is missing or wrong")
        return _reply("unauthenticated", 401, error="the signature is missing or wrong")
    try:
        heard = webhook.hear(request.headers.get("X-GitHub-Event", ""), body, door.app_id, door.accounts)
    except webhook.Malformed as malformed:
        _note(logging.WARNING, "malformed", str(malformed))
        return _reply("malformed", 400, error=str(malformed))
    if not heard.pokes:
        return _reply("ignored", 200, pokes=0)
    about: dict[str, Any] = {
        "action": heard.action,
        "pokes": [_subject(poke) for poke in heard.pokes[:_MOST_SUBJECTS]],
    }
    delivery = _header("X-GitHub-Delivery", _DELIVERY)
    try:
        store.breaker.call(lambda: _post(store, heard.pokes, delivery))
    except (Wait, GiveUp) as failure:
        # Nothing was promised: GitHub keeps the delivery, and it is asked for again.
        _note(logging.WARNING, "unavailable", failure.sentence, **about)
        return _reply("unavailable", 503, error="it could not be stored; deliver it again")
    _note(logging.INFO, "accepted", **about)
    return _reply("accepted", 202, pokes=len(heard.pokes))


def _body() -> bytearray:
    # One that is read as a whole takes twice its size.
    body = bytearray()
    try:
        while part := request.stream.read(_AT_ONCE):
            body += part
        if len(body) < (request.content_length or 0):
            abort(408)
    except HTTPException:
        # The failure keeps this frame until it is answered, and the next large one is read by then.
        body.clear()
        raise
    return body


def _note(level: int, outcome: str, why: str = "", **about: Any) -> None:
    fields = {"delivery": _header("X-GitHub-Delivery", _DELIVERY), "event": _header("X-GitHub-Event", _EVENT), **about}
    log.log(level, "delivery %s", outcome, extra={**fields, "outcome": outcome, **({"why": why} if why else {})})


def _header(name: str, form: re.Pattern[str]) -> str:
    value = request.headers.get(name, "")
    return value if form.fullmatch(value) else ""


def _subject(poke: webhook.Poke) -> str:
    match poke:
        case webhook.PullRequestPoke(ref):
            return ref.name
        case webhook.CommitPoke():
            return f"{poke.full_name}@{poke.sha}"
        case webhook.RepositoryPoke():
            return poke.full_name
        case webhook.KnownPoke(installation, repository):
            return f"repo-{repository}" if repository else f"installation {installation}"


def _post(store: _Store, pokes: Iterable[webhook.Poke], delivery: str) -> None:
    for poke in pokes:
        post = partial(_post_one, store.mailbox, poke, delivery)
        if isinstance(poke, webhook.CommitPoke) and poke.asker:
            # What a person asks for is noted for each of them.
            post()
        else:
            store.together.call(poke, post)


def _post_one(mailbox: Mailbox, poke: webhook.Poke, delivery: str) -> None:
    match poke:
        case webhook.PullRequestPoke(ref):
            mailbox.poke(ref, delivery)
        case webhook.RepositoryPoke(repository, installation, full_name):
            mailbox.poke_repository(repository, installation, full_name, delivery)
        case webhook.KnownPoke(installation, known):
            mailbox.poke_known(installation, known, delivery)
        case webhook.CommitPoke(repository, installation, full_name, sha, asker):
            # A commit nobody knows may be the head of a pull request whose own event is still on its way.
            asked = None
            if asker and delivery:
                asked = Request(delivery, REDEPLOY, sha, asker, datetime.now(UTC))
            if mailbox.poke_commit(repository, sha, asked, delivery) == 0:
                mailbox.poke_repository(repository, installation, full_name, delivery)


def _reply(outcome: str, code: int, **body: str | int) -> Reply:
    DELIVERIES.labels(outcome).inc()
    return jsonify(outcome=outcome, **body), code
