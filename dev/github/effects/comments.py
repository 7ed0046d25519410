"""Comments are written, edited and removed."""

from __future__ import annotations

from typing import Any

from dev.github import shapes_pulls, shapes_reports, webhooks
from dev.github.reports import Comment
from dev.github.state import Account, App, PullRequest
from dev.github.store import Store


def create(store: Store, pull: PullRequest, user: Account, body: str, app: App | None = None) -> Comment:
    now = store.now()
    comment = Comment(store.next_id(), pull.repo, pull.number, user, body, now, now, app)
    pull.repo.comments[comment.id] = comment
    pull.updated_at = now
    _emit(store, comment, "created", user)
    return comment


def edit(store: Store, comment: Comment, body: str, editor: Account) -> None:
    changes = {"body": {"from": comment.body}}
    comment.body, comment.updated_at = body, store.now()
    _emit(store, comment, "edited", editor, changes=changes)


def delete(store: Store, comment: Comment, who: Account) -> None:
    del comment.repo.comments[comment.id]
    _emit(store, comment, "deleted", who)


def _emit(store: Store, comment: Comment, action: str, sender: Account, **extra: Any) -> None:
    body = {
        "action": action,
        "issue": shapes_pulls.issue(store.api_url, comment.repo.pulls[comment.number]),
        "comment": shapes_reports.comment(store.api_url, comment),
    }
    webhooks.emit(store, comment.repo, "issue_comment", body | extra, sender)
