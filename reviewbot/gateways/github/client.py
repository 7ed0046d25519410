"""Requests to GitHub, with tokens, conditions and limits."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import requests

from reviewbot.errors import Denied, GiveUp, Missing, Unseen
from reviewbot.gateways.github import traffic
from reviewbot.gateways.github.answers import (
    NotAccepted,
    NotAllowed,
    NotInPlan,
    Unauthorized,
    content,
    failure,
    is_limit,
    is_without_commit,
    items_of,
)
from reviewbot.gateways.github.cache import Cache
from reviewbot.gateways.github.calls import UNCHANGED, Answer, Call
from reviewbot.gateways.github.limits import Caller, Limits
from reviewbot.gateways.github.signing import Signer
from reviewbot.gateways.github.tokens import Scope, Token, Tokens
from reviewbot.gateways.github.wire import Proof, Wire, as_app, by_token
from reviewbot.metrics import GITHUB_REMAINING, GITHUB_REQUESTS
from reviewbot.model import AppId, InstallationId, RepositoryId

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "statuses": "read",
    "pull_requests": "write",
}
# A token is refused as a whole if it asks for more than the installation has been granted.
OPTIONAL_PERMISSIONS = {"deployments": "write"}
_MAXIMUM_PAGES = 100


class Client:
    """One App's access to one GitHub. Each thread has a connection; tokens, answers and limits are shared."""

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
        self._signer = Signer(private_key)
        self._tokens = Tokens(self._mint_widest, clock)
        self._cache = Cache()
        self._limits = Limits(clock)
        self._local = threading.local()
        self._remaining = traffic.Remaining()
        GITHUB_REMAINING.set_function(lambda: self._remaining.least(clock().timestamp()))

    def get(self, scope: Scope, path: str, query: Mapping[str, str] | None = None) -> Any:
        """One object of the repository, or None if it is not there."""
        answer = self._request(scope, Call("GET", _address(scope, path), query or {}))
        return None if answer is None else answer.body

    def first(self, scope: Scope, path: str, query: Mapping[str, str] | None = None) -> list[dict[str, Any]] | None:
        """The first hundred items of a list, or None if it is not there."""
        found = self.get(scope, path, {**(query or {}), "per_page": "100"})
        return None if found is None else items_of(found, None)

    def pages(
        self,
        scope: Scope,
        path: str,
        query: Mapping[str, str] | None = None,
        member: str | None = None,
        *,
        plan_limited: bool = False,
        most: int = _MAXIMUM_PAGES,
    ) -> Iterator[dict[str, Any]]:
        """Every item of every page, or of the first pages where `most` says how many do.

        Each page is read when it is wanted, since a hundred items may take megabytes. Where a plan lacks the feature
        (`plan_limited`), that means none.
        """
        for page in range(1, most + 1):
            full = {**(query or {}), "per_page": "100", "page": str(page)}
            try:
                answer = self._request(scope, Call("GET", _address(scope, path), full))
            except NotInPlan:
                if plan_limited:
                    return
                raise
            if answer is None:
                raise Missing(f"GitHub does not show {path}")
            yield from items_of(answer.body, member)
            if not answer.next_query:
                return
        if most == _MAXIMUM_PAGES:
            raise Unseen(f"{path} has more than {_MAXIMUM_PAGES} pages")

    def write(self, scope: Scope, verb: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send a write once, if the fence lets us; None if what it changes is not there."""
        # The token first: minting it may take so long that the fence would have to be asked again.
        self._limits.check(scope.installation)
        self._tokens.get(scope)
        self._fence()
        answer = self._request(scope, Call(verb, _address(scope, path), {}, body))
        if answer is not None and not isinstance(answer.body, Mapping | None):
            raise Unseen("GitHub did not say what it wrote")
        return None if answer is None else answer.body

    def get_as_app(self, path: str) -> Any:
        """Something that belongs to the App rather than to an installation; None if it is not there."""
        answer = self._request_as_app(Call("GET", path))
        return None if answer is None else answer.body

    def pages_as_app(self, path: str) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list that is the App's own, each read when it is wanted; Denied if there is no such list."""
        query: Mapping[str, str] = {"per_page": "100"}
        while query:
            answer = self._request_as_app(Call("GET", path, query))
            if answer is None:
                raise Denied(f"GitHub does not show {path}")
            yield items_of(answer.body, None)
            query = answer.next_query

    def write_as_app(self, path: str) -> bool:
        """Ask for something that is the App's own, if the fence lets us; False if it is not there."""
        self._fence()
        return self._request_as_app(Call("POST", path)) is not None

    def repository_id(self, installation: InstallationId, full_name: str) -> RepositoryId:
        """The id of a repository that is known by name only."""
        with self._passing(installation) as proof:
            answer = self._send(installation, proof, Call("GET", f"/repos/{full_name}"))
        if answer is None:
            raise GiveUp(f"There is no repository {full_name}, or the App may not see it.")
        return RepositoryId(answer.body["id"])

    def pages_of(self, installation: InstallationId, path: str, member: str) -> list[dict[str, Any]]:
        """Every item of a list that is an installation's own."""
        items: list[dict[str, Any]] = []
        query: Mapping[str, str] = {"per_page": "100"}
        with self._passing(installation) as proof:
            while query:
                answer = self._send(installation, proof, Call("GET", path, query))
                if answer is None:
                    raise Missing(f"GitHub does not show {path}")
                items += items_of(answer.body, member)
                query = answer.next_query
        return items

    @contextmanager
    def _passing(self, installation: InstallationId) -> Iterator[Proof]:
        """A token for the moment, which may see all of the installation's repositories and read none."""
        token = self._mint(installation, {"permissions": {"metadata": "read"}})
        try:
            yield by_token(token.secret)
        except Unauthorized:
            raise Unseen("GitHub does not accept the token (yet)") from None

    def _request(self, scope: Scope, call: Call) -> Answer | None:
        self._limits.check(scope.installation)
        token = self._tokens.get(scope)
        try:
            return self._request_with(scope, token, call)
        except Unauthorized:
            self._tokens.refused(scope, token)
            raise Unseen("GitHub does not accept the token (yet)") from None
        except NotAllowed as refusal:
            if self._tokens.is_new(token):
                raise Unseen(refusal.sentence) from None
            # It may have been granted since; the next token has what is granted then.
            self._tokens.refused(scope, token)
            raise

    def regained(self, scope: Scope) -> bool:
        """Whether the App was given what it lacked here until now; asks GitHub only if it lacks something."""
        return self._tokens.lacks(scope) and not self._tokens.another(scope).narrow

    def _request_with(self, scope: Scope, token: Token, call: Call) -> Answer | None:
        proof = by_token(token.secret)
        if call.verb != "GET":
            return self._send(scope.installation, proof, call)
        held = self._cache.find(token.secret, call.address)
        answer = self._send(scope.installation, proof, replace(call, etag=held.etag if held else ""))
        if held and answer is UNCHANGED:
            return Answer(json.loads(held.text), held.link)
        if answer and answer.etag:
            self._cache.keep(token.secret, call.address, answer.etag, answer.link, answer.text)
        return answer

    def _request_as_app(self, call: Call) -> Answer | None:
        for _ in range(2):
            try:
                return self._send(None, as_app(self.app_id, self._signer), call)
            except Unauthorized as refusal:
                if not self._signer.corrected(refusal.told):
                    break
        raise GiveUp("GitHub does not accept the App's key; are the id and the key right?")

    def _mint_widest(self, scope: Scope) -> Token:
        # Without what is optional, using it is Denied; every token asks again, so a new grant is seen within an hour.
        wanted = {"repository_ids": [scope.repository], "permissions": PERMISSIONS | OPTIONAL_PERMISSIONS}
        try:
            return self._mint(scope.installation, wanted)
        except NotAccepted:
            self._see(scope)
            return replace(self._mint(scope.installation, wanted | {"permissions": PERMISSIONS}), narrow=True)

    def _see(self, scope: Scope) -> None:
        # Every installation may read this much, so where even that is refused it does not cover the repository.
        try:
            self._mint(scope.installation, {"repository_ids": [scope.repository], "permissions": {"metadata": "read"}})
        except NotAccepted:
            raise Missing("The App is no longer installed on the repository.") from None

    def _mint(self, installation: InstallationId, wanted: Mapping[str, Any]) -> Token:
        made = self._clock()
        answer = self._request_as_app(Call("POST", f"/app/installations/{installation}/access_tokens", body=wanted))
        if answer is None:
            raise Missing("The App is no longer installed there.")
        try:
            expires = self._signer.by_our_clock(datetime.fromisoformat(answer.body["expires_at"]))
            return Token(str(answer.body["token"]), made, expires)
        except (KeyError, TypeError, ValueError):
            raise Unseen("GitHub's answer has no token") from None

    def _wire(self) -> Wire:
        if not hasattr(self._local, "wire"):
            self._local.wire = Wire(self._api_url)
        wire: Wire = self._local.wire
        return wire

    def _send(self, caller: Caller, proof: Proof, call: Call) -> Answer | None:
        self._limits.check(caller)
        self._limits.spend(caller, call.verb)
        try:
            status, headers, text = self._wire().ask(proof, call)
        except (requests.RequestException, OSError) as error:
            GITHUB_REQUESTS.labels(traffic.kind(call.verb, call.path), "error").inc()
            raise Unseen(f"GitHub does not answer ({type(error).__name__})") from None
        limited = is_limit(status, headers, text)
        GITHUB_REQUESTS.labels(traffic.kind(call.verb, call.path), traffic.answer(status, limited)).inc()
        if caller is not None:
            self._remaining.note(caller, headers)
        if status == 304 and call.etag:
            return UNCHANGED
        if status == 404:
            if is_without_commit(text):
                raise Unseen("GitHub does not know that branch or commit (yet)")
            return None
        if limited:
            raise self._limits.reached(caller, headers)
        if status >= 300:
            raise failure(status, headers, text, self._clock())
        return Answer(content(status, text), headers.get("link", ""), headers.get("etag", ""), text)


def _address(scope: Scope, path: str) -> str:
    return f"/repositories/{scope.repository}/{path}"
