"""The API as a Flask application: routes onto the state, under its lock, with GitHub's manners."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from dev.github.api import auth
from dev.github.api.http import Call, Refused, Reply, not_found
from dev.github.api.routes import ELSEWHERE, IN_REPOSITORY, RepositoryRoute, Route
from dev.github.state import App, Rate, Repository, Token
from dev.github.store import Store

VERSIONS = ("2022-11-28", "2026-03-10")
PREFIXES = ("/repos/<owner>/<name>", "/repositories/<int:repository_id>")
WINDOW = 3600
# where the request carries its store
STORE = "github.store"

View = Callable[..., Response]
Caller = tuple[Token | None, App | None]


@cache
def create_app() -> Flask:
    """One application serves every world, as building its routes takes a while; the request brings its store."""
    app = Flask(__name__, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    for route in ELSEWHERE:
        app.add_url_rule(route.path, f"{route.method} {route.path}", _view(route), methods=[route.method])
    for prefix in PREFIXES:
        for below in IN_REPOSITORY:
            path = prefix + below.path
            view = _view(below)
            app.add_url_rule(path, f"{below.method} {path}", view, methods=[below.method])
    app.register_error_handler(HTTPException, lambda _: _respond(_refusal(not_found()), None))
    return app


def _store() -> Store:
    return cast(Store, request.environ[STORE])


def _view(route: Route | RepositoryRoute) -> View:
    def view(**args: Any) -> Response:
        store = _store()
        token: Token | None = None
        with store.lock:
            try:
                token, issuer = _caller(store)
                _within_limits(store, token)
                reply = _answer(store, route, (token, issuer), args)
            except Refused as refused:
                reply = _refusal(refused)
                if refused.status == 403 and isinstance(route, RepositoryRoute):
                    reply.headers["X-Accepted-GitHub-Permissions"] = "; ".join(route.needs).replace(":", "=")
            return _respond(reply, token)

    return view


def _caller(store: Store) -> Caller:
    if not request.headers.get("User-Agent"):
        raise Refused(403, "Request forbidden by administrative rules. Please send a User-Agent.")
    version = request.headers.get("X-GitHub-Api-Version", VERSIONS[0])
    if version not in VERSIONS:
        raise Refused(400, f'Bad Request: "{version}" is not a supported version.')
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None, None
    if scheme.lower() not in ("bearer", "token"):
        raise Refused(401, "Bad credentials")
    if credential.startswith("ghs_"):
        return auth.token_of(store, credential), None
    return None, auth.app_of_jwt(store, credential)


def _answer(store: Store, route: Route | RepositoryRoute, caller: Caller, args: dict[str, Any]) -> Reply:
    token, issuer = caller
    call = Call(
        store=store,
        api=request.root_url.rstrip("/"),
        url=request.base_url,
        args=args,
        query=request.args.to_dict(),
        headers=request.headers,
        json=_body(),
        token=token,
        issuer=issuer,
    )
    if isinstance(route, Route):
        if route.caller == "app" and issuer is None:
            raise Refused(401, "A JSON web token could not be decoded")
        if route.caller == "installation" and token is None:
            raise Refused(403, "Resource not accessible by integration")
        return route.handler(call)
    return _in_repository(call, route)


def _body() -> dict[str, Any]:
    raw = request.get_data()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "Body should be a JSON object")
    return body


def _in_repository(call: Call, route: RepositoryRoute) -> Reply:
    repo, moved = _find(call)
    if not route.needs:
        if call.issuer is None:
            raise Refused(401, "A JSON web token could not be decoded")
    elif call.issuer is not None:
        raise Refused(403, "Resource not accessible by integration")
    else:
        auth.authorize(call.token, repo, route.method, route.needs)
    return _redirect(call, repo, route.method) if moved else route.handler(call, repo)


def _find(call: Call) -> tuple[Repository, bool]:
    """The repository of this call, and whether it was called by a name it no longer has."""
    if "repository_id" in call.args:
        repo, moved = call.store.repository_by_id(call.args["repository_id"]), False
    else:
        name = f"{call.args['owner']}/{call.args['name']}"
        repo, moved = call.store.repository(name), False
        if repo is None:
            repo, moved = call.store.repository_once_called(name), True
    if repo is None:
        raise not_found()
    return repo, moved


def _redirect(call: Call, repo: Repository, method: str) -> Reply:
    tail = "/".join(request.full_path.rstrip("?").split("/")[4:])
    address = f"{call.api}/repositories/{repo.id}" + (f"/{tail}" if tail else "")
    status, message = (301, "Moved Permanently") if method == "GET" else (307, "Temporary Redirect")
    return Reply({"message": message, "url": address}, status, {"Location": address})


def _refusal(refused: Refused) -> Reply:
    body: dict[str, Any] = {"message": refused.message}
    if refused.errors:
        body["errors"] = refused.errors
    elif refused.status != 422:
        body["status"] = str(refused.status)
    return Reply(body | {"documentation_url": "https://docs.github.com/rest"}, refused.status)


def _within_limits(store: Store, token: Token | None) -> None:
    if token is None:
        return
    rate, now = token.installation.rate, int(store.clock().timestamp())
    if now >= rate.reset:
        rate.used, rate.reset = 0, now + WINDOW
    if rate.used >= rate.limit and request.path != "/rate_limit":
        raise Refused(403, f"API rate limit exceeded for installation ID {token.installation.id}.")


def _respond(reply: Reply, token: Token | None) -> Response:
    raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    response = Response(raw if reply.status != 204 else b"", reply.status, headers=reply.headers)
    response.content_type = "application/json; charset=utf-8"
    if isinstance(reply.body, bytes):
        response.content_type = "application/vnd.github.raw+json; charset=utf-8"
    if request.method == "GET" and reply.status == 200:
        # GitHub's tags differ between tokens, so that a new token finds nothing cached
        seen_by = token.value.encode() if token else b""
        response.set_etag(hashlib.sha256(seen_by + raw).hexdigest(), weak=True)
        response.make_conditional(request.environ)
    _count(response, token.installation.rate if token else Rate(limit=60))
    response.headers["X-GitHub-Request-Id"] = uuid.uuid4().hex.upper()
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    return response


def _count(response: Response, rate: Rate) -> None:
    if response.status_code != 304 and request.path != "/rate_limit":
        rate.used = min(rate.used + 1, rate.limit)
    response.headers["X-RateLimit-Limit"] = str(rate.limit)
    response.headers["X-RateLimit-Remaining"] = str(rate.limit - rate.used)
    response.headers["X-RateLimit-Used"] = str(rate.used)
    response.headers["X-RateLimit-Reset"] = str(rate.reset)
    response.headers["X-RateLimit-Resource"] = "core"
