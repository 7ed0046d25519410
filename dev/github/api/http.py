"""What a handler gets and may answer: a call, a reply, a page of a list, a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import Headers

from dev.github.state import Account, App, PullRequest, Repository, Token
from dev.github.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, status: int, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


def not_found() -> Refused:
    return Refused(404, "Not Found")


def invalid(field_name: str, message: str, resource: str = "Resource") -> Refused:
    error = {"resource": resource, "field": field_name, "code": "custom", "message": message}
    return Refused(422, "Validation Failed", [error])


@dataclass(frozen=True)
class Call:
    store: Store
    api: str
    url: str
    args: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Headers
    json: dict[str, Any]
    token: Token | None
    issuer: App | None

    @property
    def app(self) -> App:
        """The app that signed this call or holds its token."""
        if self.issuer is not None:
            return self.issuer
        if self.token is None:
            raise Refused(401, "Requires authentication")
        return self.token.installation.app

    @property
    def actor(self) -> Account:
        return self.app.bot

    def text(self, name: str) -> str:
        """A string the body must have."""
        value = self.json.get(name)
        if not isinstance(value, str) or not value:
            raise invalid(name, f"{name} is missing or not a string")
        return value

    def pull(self, repo: Repository) -> PullRequest:
        found = repo.pulls.get(self.args["number"])
        if found is None:
            raise not_found()
        return found


Handler = Callable[[Call, Repository], Reply]


def number(call: Call, name: str, default: int, most: int) -> int:
    value = call.query.get(name, "")
    return min(max(int(value), 1), most) if value.isdigit() else default


def page(call: Call, items: Sequence[T], shape: Callable[[T], Any], wrap: str | None = None) -> Reply:
    """The asked part of a list, with the addresses of the other parts in `Link`."""
    size, current = number(call, "per_page", 30, 100), number(call, "page", 1, 10**6)
    last = max(1, -(-len(items) // size))
    shown = [shape(item) for item in items[(current - 1) * size : current * size]]
    places: dict[str, int] = {}
    if current > 1:
        places |= {"prev": current - 1, "first": 1}
    if current < last:
        places |= {"next": current + 1, "last": last}
    links = [f'<{call.url}?{urlencode({**call.query, "page": n})}>; rel="{rel}"' for rel, n in places.items()]
    body: Any = shown if wrap is None else {"total_count": len(items), wrap: shown}
    return Reply(body, headers={"Link": ", ".join(links)} if links else {})
