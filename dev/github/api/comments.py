"""Comments on pull requests."""

from __future__ import annotations

from datetime import datetime

from dev.github import shapes_reports
from dev.github.api.http import Call, Refused, Reply, invalid, not_found, page
from dev.github.effects import comments
from dev.github.reports import Comment
from dev.github.state import Repository

LONGEST = 65536


def of_pull(call: Call, repo: Repository) -> Reply:
    number, since = call.pull(repo).number, call.query.get("since")
    found = [comment for comment in repo.comments.values() if comment.number == number]
    if since:
        found = [comment for comment in found if comment.updated_at >= datetime.fromisoformat(since)]
    return page(call, found, lambda comment: shapes_reports.comment(call.api, comment))


def get(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_reports.comment(call.api, _comment(call, repo)))


def create(call: Call, repo: Repository) -> Reply:
    pull = call.pull(repo)
    if pull.locked:
        raise Refused(403, "Unable to create comment because issue is locked.")
    made = comments.create(call.store, pull, call.actor, _body(call), call.app)
    return Reply(shapes_reports.comment(call.api, made), 201)


def edit(call: Call, repo: Repository) -> Reply:
    found = _comment(call, repo)
    comments.edit(call.store, found, _body(call), call.actor)
    return Reply(shapes_reports.comment(call.api, found))


def delete(call: Call, repo: Repository) -> Reply:
    comments.delete(call.store, _comment(call, repo), call.actor)
    return Reply(status=204)


def _comment(call: Call, repo: Repository) -> Comment:
    found = repo.comments.get(call.args["id"])
    if found is None:
        raise not_found()
    return found


def _body(call: Call) -> str:
    body = call.text("body")
    if len(body) > LONGEST:
        raise invalid("body", f"body is too long (maximum is {LONGEST} characters)", "IssueComment")
    return body
