"""A connection to GitHub. The only module that knows PyGithub.

PyGithub signs and knows GitHub's addresses and headers. Its pacing, repeating and sleeping are switched off, because
they would hold a worker for an hour and write comments twice; below it lies a connection of our own, because it asks
for ever what is only accepted, and loses the query of what is redirected. Objects of its own are not used: they read
behind one's back.
"""

import logging
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import github
import requests
from github.Auth import AppAuth, Auth, Token
from github.Requester import HTTPSRequestsConnectionClass, RequestsResponse
from urllib3 import Timeout

from reviewbot.gateways.github.calls import Call
from reviewbot.model import AppId

# It has a way of its own to stderr, past our log and what that leaves out.
logging.getLogger("github").handlers.clear()

# For all of it, redirects included: whoever writes was allowed to for as long as that.
TIMEOUT_SECONDS = 7
_REDIRECTED = {301, 302, 307, 308}
_MOST_REDIRECTS = 2

# What proves who asks.
Proof = Auth
# Status, headers and text.
Reply = tuple[int, Mapping[str, str], str]


class Unfit(requests.RequestException):
    """A reply that is none: a reading that was only accepted, or sent elsewhere again and again."""


class Wire:
    """Asks one thing after another over one connection, as the App or as any of its installations.

    A connection takes most of a megabyte, and there may be hundreds of repositories.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._connection = _Connection(api_url)

    def ask(self, proof: Proof, call: Call) -> Reply:
        """Send it once; raises what `requests` and the network raise."""
        condition = {"If-None-Match": call.etag} if call.etag else {}
        caller = github.Github(
            base_url=self._api_url,
            auth=proof,
            user_agent="reviewbot",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        connection = cast(HTTPSRequestsConnectionClass, self._connection)
        return caller.requester.requestJson(call.verb, call.path, dict(call.query), condition, call.body, connection)


def as_app(app_id: AppId, sign: Callable[[dict[str, Any]], str]) -> Proof:
    """What proves that we are the App."""
    return AppAuth(app_id, sign_func=sign)


def by_token(secret: str) -> Proof:
    """What proves that we are one of its installations."""
    return Token(secret)


class _Connection:
    """What PyGithub sends requests by. A redirect means the same request at another place of the same host."""

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._session = requests.Session()
        # Otherwise a password in somebody's .netrc would take the place of ours.
        self._session.auth = lambda request: request
        # Whoever asks next may be somebody else.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(self, verb: str, url: str, body: str | None, headers: dict[str, str], stream: bool) -> None:
        """Note what is asked for next."""
        del stream
        self._verb, self._body, self._headers = verb, body, headers
        self._address = self._origin + url

    def getresponse(self) -> RequestsResponse:
        """Send what was asked for."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        reply = self._send(self._address, deadline)
        for _ in range(_MOST_REDIRECTS):
            place = self._place(reply)
            if place is None:
                break
            reply = self._send(place, deadline)
        if self._place(reply) or (reply.status_code == 202 and self._verb == "GET"):
            raise Unfit(f"GitHub answered {reply.status_code}")
        return RequestsResponse(reply)

    def _send(self, address: str, deadline: float) -> requests.Response:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Unfit("GitHub took too long")
        return self._session.request(
            self._verb,
            address,
            headers=self._headers,
            data=self._body,
            timeout=Timeout(total=left),  # type: ignore[arg-type]  # a float would count for each part
            allow_redirects=False,
        )

    def _place(self, reply: requests.Response) -> str | None:
        if reply.status_code not in _REDIRECTED or "location" not in reply.headers:
            return None
        place = urljoin(reply.url, reply.headers["location"])
        if not place.startswith(f"{self._origin}/"):
            raise Unfit("GitHub sends us to another host")
        return place
