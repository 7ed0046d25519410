"""What an app asks about itself with its own signed token, and what an installation may reach."""

from __future__ import annotations

from typing import Any

from dev.github import shapes
from dev.github.api import auth
from dev.github.api.http import Call, Refused, Reply, not_found, page
from dev.github.state import Installation, Repository


def get(call: Call) -> Reply:
    installed = len(call.store.installations_of(call.app))
    return Reply(shapes.app(call.api, call.app) | {"installations_count": installed})


def installations(call: Call) -> Reply:
    found = call.store.installations_of(call.app)
    return page(call, found, lambda one: shapes.installation(call.api, one))


def installation(call: Call) -> Reply:
    return Reply(shapes.installation(call.api, _installation(call)))


def installation_on(call: Call, repo: Repository) -> Reply:
    found = call.store.installation_on(call.app, repo)
    if found is None:
        raise not_found()
    return Reply(shapes.installation(call.api, found))


def _installation(call: Call) -> Installation:
    found = call.store.installations.get(call.args["id"])
    if found is None or found.deleted or found.app is not call.app:
        raise not_found()
    return found


def create_token(call: Call) -> Reply:
    found = _installation(call)
    if found.suspended_at:
        raise Refused(403, "This installation has been suspended")
    token = auth.mint(call.store, found, call.json, call.headers.get("X-GitHub-Stateless-S2S-Token"))
    body: dict[str, Any] = {
        "token": token.value,
        "expires_at": shapes.time(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": found.selection if token.repository_ids is None else "selected",
    }
    if token.repository_ids is not None:
        chosen = [call.store.repositories[i] for i in sorted(token.repository_ids)]
        body["repositories"] = [shapes.repository(call.api, repo) for repo in chosen]
    return Reply(body, 201)


def installation_repositories(call: Call) -> Reply:
    if call.token is None:
        raise Refused(403, "Resource not accessible by integration")
    token = call.token
    found = [repo for repo in call.store.repositories_of(token.installation) if token.covers(repo)]
    return page(call, found, lambda repo: shapes.repository(call.api, repo), "repositories")


def rate_limit(call: Call) -> Reply:
    rate = call.token.installation.rate if call.token else None
    limit, used, reset = (rate.limit, rate.used, rate.reset) if rate else (60, 0, 0)
    core = {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": reset}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    return Reply({"resources": {"core": core, "search": search}, "rate": core})


def meta(call: Call) -> Reply:
    del call
    return Reply({"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32", "::1/128"]})


def user(call: Call) -> Reply:
    found = call.store.known_account(call.args["login"])
    if found is None:
        raise not_found()
    return Reply(shapes.profile(call.api, found))
