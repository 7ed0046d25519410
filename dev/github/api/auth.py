"""Who is calling, an app by its own signed token or an installation by one of ours, and what it may do."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import jwt

from dev.github.api.http import Refused
from dev.github.state import App, Installation, Repository, Token
from dev.github.store import Store

LEVELS = {"read": 1, "write": 2, "admin": 3}
LONGEST_JWT = timedelta(minutes=10)
TOKEN_LIFE = timedelta(hours=1)
# in every part of every token, so that whoever looks for one that got out finds any piece of it
MARK = "TokenOfTheStandIn"


def app_of_jwt(store: Store, text: str) -> App:
    """The app that signed this token, by GitHub's rules for `iss`, `iat` and `exp`."""
    app, claims = _verified(store, text)
    now, issued, expires = store.clock().timestamp(), claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or issued > now:
        raise Refused(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    if not isinstance(expires, int | float) or expires <= now:
        raise Refused(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time"
            " at which the assertion expires",
        )
    if expires > now + LONGEST_JWT.total_seconds():
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    return app


def _verified(store: Store, text: str) -> tuple[App, dict[str, Any]]:
    try:
        app = store.app_by_issuer(jwt.decode(text, options={"verify_signature": False}).get("iss"))
        if app is None or app.public_key is None:
            raise Refused(404, "Integration not found")
        # the times are compared with our clock, not the machine's; a numeric issuer is fine here
        claims = jwt.decode(
            text,
            app.public_key,
            ["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_iss": False},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    return app, claims


def token_of(store: Store, text: str) -> Token:
    token = store.tokens.get(text)
    now = store.clock()
    if token is None or token.installation.deleted or token.expires_at <= now:
        raise Refused(401, "Bad credentials")
    if now < token.created_at + store.token_lag:
        raise Refused(401, "Bad credentials")
    if token.installation.suspended_at:
        raise Refused(403, "This installation has been suspended")
    return token


def mint(store: Store, installation: Installation, asked: dict[str, Any], kind: str | None) -> Token:
    """A token with at most the installation's rights, narrowed as asked; `kind` forces one of the formats."""
    stateless = store.stateless_tokens if kind not in ("enabled", "disabled") else kind == "enabled"
    now: datetime = store.clock()
    token = Token(
        value=_value(installation.app, stateless),
        installation=installation,
        permissions=_permissions(installation, asked.get("permissions") or {}),
        repository_ids=_repositories(store, installation, asked),
        created_at=now,
        expires_at=now + TOKEN_LIFE,
    )
    store.tokens[token.value] = token
    return token


def _value(app: App, stateless: bool) -> str:
    if not stateless:
        return f"ghs_{MARK}{secrets.token_hex(18)}"[:40]
    parts = (secrets.token_urlsafe(size) for size in (14, 87, 243))
    return f"ghs_{app.id}_" + ".".join(MARK + part for part in parts)


def _permissions(installation: Installation, asked: dict[str, str]) -> dict[str, str]:
    if not asked:
        return dict(installation.permissions)
    for name, level in asked.items():
        if LEVELS.get(level, 9) > LEVELS.get(installation.permissions.get(name, ""), 0):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read"} | asked


def _repositories(store: Store, installation: Installation, asked: dict[str, Any]) -> frozenset[int] | None:
    ids, names = asked.get("repository_ids"), asked.get("repositories")
    if ids is None and names is None:
        return None
    granted = {repo.id: repo.name for repo in store.repositories_of(installation)}
    chosen = set(ids or []) | {i for i, name in granted.items() if name in (names or [])}
    if not chosen <= granted.keys() or not set(names or []) <= set(granted.values()):
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return frozenset(chosen)


def may(token: Token, needs: tuple[str, ...]) -> bool:
    """Whether the token holds any of these `permission:level`."""
    for need in needs:
        name, _, level = need.partition(":")
        if LEVELS.get(token.permissions.get(name, ""), 0) >= LEVELS[level]:
            return True
    return False


def authorize(token: Token | None, repo: Repository, method: str, needs: tuple[str, ...]) -> None:
    """Public repositories are readable by anyone; what a token does not cover does not exist for it."""
    reading = method == "GET"
    if reading and not repo.private:
        return
    covered = token is not None and token.covers(repo)
    if not covered and repo.private:
        raise Refused(404, "Not Found")
    if token is None:
        raise Refused(401, "Requires authentication")
    if not covered or not may(token, needs):
        raise Refused(403, "Resource not accessible by integration")
    if repo.archived and not reading:
        raise Refused(403, "Repository was archived so is read-only.")
