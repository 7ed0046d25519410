"""Tokens, transport and the sorting of failures. The only module that knows PyGithub.

PyGithub signs, connects and times out; its pacing, repeating and sleeping are switched off, because they would
hold a worker for an hour and write comments twice. Objects of its own are not used: they read behind one's back.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import github
import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github import Auth

from reviewbot.errors import Denied, GiveUp, Missing, Unseen
from reviewbot.gateways.github.failures import NotAccepted, NotInPlan, Unauthorized, failure
from reviewbot.model import AppId, InstallationId, RepositoryId

TIMEOUT_SECONDS = 10
PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "statuses": "read",
    "pull_requests": "write",
}
# A token is refused as a whole if it asks for more than the installation has been granted.
OPTIONAL_PERMISSIONS = {"deployments": "write"}
_RENEW_BEFORE = timedelta(minutes=5)
_MAXIMUM_PAGES = 100


@dataclass(frozen=True)
class Scope:
    """A token's reach: one repository of one installation."""

    installation: InstallationId
    repository: RepositoryId


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


class Client:
    """One App's access to one GitHub. Connections belong to threads; tokens are shared."""

    def __init__(
        self,
        api_url: str,
        app_id: AppId,
        private_key: str,
        clock: Callable[[], datetime],
        fence: Callable[[], None],
    ) -> None:
        self.app_id = app_id
        self._api_url = api_url
        self._clock = clock
        self._fence = fence
        self._app_auth = Auth.AppAuth(app_id, sign_func=_signer(private_key))
        self._tokens: dict[Scope, tuple[str, datetime]] = {}
        # Where the last token has less than all we could use.
        self._narrow: set[Scope] = set()
        self._minting: defaultdict[Scope, threading.Lock] = defaultdict(threading.Lock)
        self._local = threading.local()

    def get(self, scope: Scope, path: str, query: Mapping[str, str] | None = None) -> Any:
        """One object of the repository, or None if it is not there."""
        answer = self._request(scope, "GET", self._address(scope, path), query or {})
        return None if answer is None else answer.body

    def pages(
        self,
        scope: Scope,
        path: str,
        query: Mapping[str, str] | None = None,
        member: str | None = None,
        *,
        plan_limited: bool = False,
    ) -> list[dict[str, Any]]:
        """Every item of every page. Where a plan lacks the feature (`plan_limited`), that means none."""
        items: list[dict[str, Any]] = []
        for page in range(1, _MAXIMUM_PAGES + 1):
            full = {**(query or {}), "per_page": "100", "page": str(page)}
            try:
                answer = self._request(scope, "GET", self._address(scope, path), full)
            except NotInPlan:
                if plan_limited:
                    return []
                raise
            if answer is None:
                raise Missing(f"GitHub does not show {path}")
            items += _items(answer.body, member)
            if 'rel="next"' not in answer.headers.get("link", ""):
                return items
        raise Unseen(f"{path} has more than {_MAXIMUM_PAGES} pages")

    def write(self, scope: Scope, verb: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send a write once, if the fence lets us; None if what it changes is not there."""
        self._fence()
        answer = self._request(scope, verb, self._address(scope, path), {}, body)
        return None if answer is None else answer.body

    def get_as_app(self, path: str) -> Any:
        """Something that belongs to the App rather than to an installation."""
        answer = self._as_app("GET", path)
        return None if answer is None else answer.body

    def repository_id(self, installation: InstallationId, full_name: str) -> RepositoryId:
        """The id of a repository that is known by name only."""
        token, _ = self._mint(installation, {"permissions": {"metadata": "read"}})
        connection = self._connect(Auth.Token(token))
        try:
            answer = self._send(connection, "GET", f"/repos/{full_name}", {})
        finally:
            connection.close()
        if answer is None:
            raise GiveUp(f"There is no repository {full_name}, or the App may not see it.")
        return RepositoryId(answer.body["id"])

    def _address(self, scope: Scope, path: str) -> str:
        return f"/repositories/{scope.repository}/{path}"

    def _request(
        self,
        scope: Scope,
        verb: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> _Answer | None:
        token = self._token(scope)
        try:
            return self._send(self._connection(scope, token), verb, path, query, body)
        except Unauthorized:
            self._drop(scope, token)
            raise Unseen("GitHub does not accept the token (yet)") from None
        except NotInPlan:
            raise
        except Denied:
            # It may have been granted since; the next token has what is granted then.
            self._drop(scope, token)
            raise

    def _drop(self, scope: Scope, token: str) -> None:
        with self._minting[scope]:
            if self._tokens.get(scope, ("",))[0] == token:
                del self._tokens[scope]

    def regained(self, scope: Scope) -> bool:
        """Whether the App was given what it lacked here until now; asks GitHub only if it lacks something."""
        with self._minting[scope]:
            if scope not in self._narrow:
                return False
            self._tokens.pop(scope, None)
        self._token(scope)
        return scope not in self._narrow

    def _token(self, scope: Scope) -> str:
        # One refresh per repository, however many workers want it; repositories do not wait for each other.
        with self._minting[scope]:
            token, expires = self._tokens.get(scope, ("", self._clock()))
            if self._clock() + _RENEW_BEFORE < expires:
                return token
            token, expires = self._tokens[scope] = self._mint_widest(scope)
            return token

    def _mint_widest(self, scope: Scope) -> tuple[str, datetime]:
        # Without what is optional, using it is Denied; every token asks again, so a new grant is seen within an hour.
        wanted = {"repository_ids": [scope.repository], "permissions": PERMISSIONS | OPTIONAL_PERMISSIONS}
        try:
            token = self._mint(scope.installation, wanted)
        except NotAccepted:
            self._see(scope)
            self._narrow.add(scope)
            return self._mint(scope.installation, wanted | {"permissions": PERMISSIONS})
        self._narrow.discard(scope)
        return token

    def _see(self, scope: Scope) -> None:
        # Every installation may read this much, so where even that is refused it does not cover the repository.
        try:
            self._mint(scope.installation, {"repository_ids": [scope.repository], "permissions": {"metadata": "read"}})
        except NotAccepted:
            raise Missing("The App is no longer installed on the repository.") from None

    def _mint(self, installation: InstallationId, wanted: Mapping[str, Any]) -> tuple[str, datetime]:
        answer = self._as_app("POST", f"/app/installations/{installation}/access_tokens", wanted)
        if answer is None:
            raise Missing("The App is no longer installed there.")
        return str(answer.body["token"]), datetime.fromisoformat(answer.body["expires_at"])

    def _as_app(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> _Answer | None:
        try:
            return self._send(self._app_connection(), verb, path, {}, body)
        except Unauthorized:
            raise GiveUp("GitHub does not accept the App's key; are the id, the key and the clock right?") from None

    def _connection(self, scope: Scope, token: str) -> github.Github:
        held: dict[Scope, tuple[str, github.Github]] = self._local.__dict__.setdefault("held", {})
        if scope in held and held[scope][0] == token:
            return held[scope][1]
        if scope in held:
            held[scope][1].close()
        connection = self._connect(Auth.Token(token))
        held[scope] = (token, connection)
        return connection

    def _app_connection(self) -> github.Github:
        if not hasattr(self._local, "app"):
            self._local.app = self._connect(self._app_auth)
        connection: github.Github = self._local.app
        return connection

    def _connect(self, auth: Auth.Auth) -> github.Github:
        return github.Github(
            base_url=self._api_url,
            auth=auth,
            timeout=TIMEOUT_SECONDS,
            user_agent="reviewbot",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )

    def _send(
        self,
        connection: github.Github,
        verb: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> _Answer | None:
        prefix = urlsplit(self._api_url).path.rstrip("/")
        try:
            status, headers, text = connection.requester.requestJson(verb, prefix + path, dict(query), None, body)
        except (requests.RequestException, OSError) as error:
            raise Unseen(f"GitHub does not answer ({type(error).__name__})") from None
        if status == 404:
            return None
        if status >= 300:
            raise failure(status, headers, text, self._clock())
        try:
            return _Answer(status, headers, json.loads(text) if text else None)
        except ValueError:
            raise Unseen("GitHub's answer is not JSON") from None


def _signer(private_key: str) -> Callable[[dict[str, Any]], str]:
    # Reading the key takes longer than signing with it, so it is read once.
    key = load_pem_private_key(private_key.encode(), password=None)
    return lambda claims: jwt.encode(claims, key, algorithm="RS256")  # type: ignore[arg-type]  # RSA, as GitHub makes


def _items(body: Any, member: str | None) -> list[dict[str, Any]]:
    items = body.get(member) if member and isinstance(body, Mapping) else body
    if not isinstance(items, list):
        raise Unseen("GitHub's answer is not a list")
    return items
