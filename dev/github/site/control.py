"""The scene's verbs over HTTP, so that a shell beside the demo can open the next pull request with curl."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from dev.github import shapes
from dev.github.pull import Pull
from dev.github.repo import Repo
from dev.github.world import GitHub

Json = dict[str, Any]
OPTIONS = ("title", "body", "author", "draft", "base", "fork")

ON_PULL: dict[str, Callable[[Pull, Json], object]] = {
    "push": lambda pull, body: pull.push(body.get("files", {}), body.get("message", "More work")),
    "close": lambda pull, body: pull.close(body.get("by", "alice")),
    "reopen": lambda pull, body: pull.reopen(body.get("by", "alice")),
    "merge": lambda pull, body: pull.merge(body.get("by", "alice")),
    "edit": lambda pull, body: pull.edit(body.get("title"), body.get("base"), body.get("by", "alice")),
    "draft": lambda pull, body: pull.set_draft(body.get("draft", True), body.get("by", "alice")),
    "label": lambda pull, body: pull.label(body["name"], body.get("by", "alice")),
    "comments": lambda pull, body: pull.comment(body["body"], body.get("by", "alice")),
}


def create_control(github: GitHub) -> Blueprint:
    control = Blueprint("control", __name__)

    @control.post("/repos")
    def create_repository() -> Response:
        body = _body()
        repo = github.create_repository(body["name"], body.get("files"), body.get("private", True))
        return jsonify({"id": repo.id, "full_name": repo.full_name})

    @control.post("/repos/<owner>/<name>/pulls")
    def open_pull(owner: str, name: str) -> Response:
        body = _body()
        options: Any = {key: body[key] for key in OPTIONS if key in body}
        pull = github.repo(f"{owner}/{name}").open_pull_request(body["branch"], body.get("files"), **options)
        return _shown(github, pull)

    @control.post("/repos/<owner>/<name>/pulls/<int:number>/<verb>")
    def on_pull(owner: str, name: str, number: int, verb: str) -> Response:
        if verb not in ON_PULL:
            raise NotFound(f"the verbs are {', '.join(ON_PULL)}")
        pull = github.repo(f"{owner}/{name}").pull(number)
        ON_PULL[verb](pull, _body())
        return _shown(github, pull)

    @control.post("/repos/<owner>/<name>/<any(statuses, checks, push):verb>")
    def on_repository(owner: str, name: str, verb: str) -> Response:
        return jsonify(_act(github, github.repo(f"{owner}/{name}"), verb, _body()))

    @control.get("/requests")
    def requests() -> Response:
        with github.lock:
            rows = [f"{e.status} {e.method} {e.path}" for e in github.requests]
        return jsonify(rows)

    @control.get("/deliveries")
    def deliveries() -> Response:
        with github.lock:
            rows = [f"{d.status_code} {d.event}.{d.action} {d.guid}" for d in github.deliveries]
        return jsonify(rows)

    control.register_error_handler(LookupError, lambda error: _trouble(404, error))
    control.register_error_handler(ValueError, lambda error: _trouble(422, error))
    return control


def _act(github: GitHub, repo: Repo, verb: str, body: Json) -> Json:
    """Report a status or a check run of the commit `sha` or of a branch's head, or push to a branch."""
    if verb == "push":
        return {"sha": repo.push(body["branch"], body.get("files", {}))}
    sha = body.get("sha") or repo.head(body["branch"])
    state = body.get("state", "success")
    if verb == "statuses":
        return {"id": repo.status(sha, body.get("context", "ci"), state).id}
    wanted = body.get("app", "ci")
    app = next((a for a in github.apps.values() if a.slug == wanted), None) or github.create_app(wanted)
    running = state in ("queued", "in_progress")
    options: Any = {"status": state} if running else {"conclusion": state}
    return {"id": repo.check_run(sha, app, body.get("name", "test"), **options).id}


def _body() -> Json:
    body = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _shown(github: GitHub, pull: Pull) -> Response:
    with github.lock:
        page = f"{shapes.html(github.api_url)}/{pull.model.repo.full_name}/pull/{pull.number}"
        state = "merged" if pull.model.merged_at else pull.model.state
        return jsonify({"number": pull.number, "head": pull.head, "state": state, "url": page})


def _trouble(status: int, error: Exception) -> Response:
    response = jsonify({"message": f"{type(error).__name__}: {error}"})
    response.status_code = status
    return response
