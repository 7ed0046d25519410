"""GitHub's JSON for pull requests, and for the issues they are at the same time."""

from __future__ import annotations

from zlib import crc32

from dev.github import git, shapes
from dev.github.shapes import Json
from dev.github.state import Account, PullRequest, Ref, Repository

ISSUE_TOO = (
    *("number", "state", "locked", "active_lock_reason", "draft", "title", "body", "labels"),
    *("user", "assignee", "assignees", "author_association", "milestone"),
    *("created_at", "updated_at", "closed_at"),
)


def _ref(api: str, end: Ref, owner: Account) -> Json:
    return {
        "label": f"{owner.login}:{end.ref}",
        "ref": end.ref,
        "sha": end.sha,
        "user": shapes.account(api, owner),
        "repo": shapes.repository(api, end.repo) if end.repo else None,
    }


def label(api: str, repo: Repository, name: str) -> Json:
    number = crc32(name.encode())
    return {
        "id": number,
        "node_id": shapes.node_id("LA", number),
        "url": f"{shapes.repository_url(api, repo)}/labels/{name}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def _addresses(api: str, of: PullRequest) -> dict[str, str]:
    home, page = shapes.repository_url(api, of.repo), f"{shapes.html(api)}/{of.repo.full_name}/pull/{of.number}"
    pull, issue = f"{home}/pulls/{of.number}", f"{home}/issues/{of.number}"
    return {
        "url": pull,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{pull}/commits",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{home}/statuses/{of.head.sha}",
        "review_comments_url": f"{pull}/comments",
        "review_comment_url": f"{home}/pulls/comments{{/number}}",
    }


def pull(api: str, of: PullRequest) -> Json:
    places = _addresses(api, of)
    linked = ("html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")
    links = {"self": places["url"]} | {name: places[f"{name}_url"] for name in linked}
    return places | {
        "id": of.id,
        "node_id": shapes.node_id("PR", of.id),
        "number": of.number,
        "state": of.state,
        "locked": of.locked,
        "active_lock_reason": None,
        "draft": of.draft,
        "title": of.title,
        "body": of.body,
        "user": shapes.account(api, of.user),
        "labels": [label(api, of.repo, name) for name in of.labels],
        **dict.fromkeys(("assignee", "auto_merge", "milestone")),
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _ref(api, of.head, of.head_owner),
        "base": _ref(api, of.base, of.repo.owner),
        "author_association": "CONTRIBUTOR",
        "merge_commit_sha": of.merge_commit_sha,
        "created_at": shapes.time(of.created_at),
        "updated_at": shapes.time(of.updated_at),
        "closed_at": shapes.time(of.closed_at),
        "merged_at": shapes.time(of.merged_at),
        "_links": {name: {"href": address} for name, address in links.items()},
    }


def pull_in_full(api: str, of: PullRequest) -> Json:
    """The single reading and the events say more than the list does; lines are not counted here."""
    mergeable = of.state == "open" and of.merge_commit_sha is not None
    commits = of.repo.commits
    old, new = commits[of.base.sha].files, commits[of.head.sha].files
    return pull(api, of) | {
        "merged": of.merged_at is not None,
        "merged_by": shapes.account(api, of.merged_by) if of.merged_by else None,
        "mergeable": mergeable if of.state == "open" else None,
        "mergeable_state": "clean" if mergeable else "unknown",
        "comments": _comments(of),
        "review_comments": 0,
        "commits": len(set(git.ancestors(of.repo, of.head.sha)) - set(git.ancestors(of.repo, of.base.sha))),
        "changed_files": sum(old.get(path) != new.get(path) for path in old.keys() | new.keys()),
        "additions": 0,
        "deletions": 0,
        "maintainer_can_modify": False,
    }


def _comments(of: PullRequest) -> int:
    return sum(1 for comment in of.repo.comments.values() if comment.number == of.number)


def reactions(subject: str) -> Json:
    kinds = ("total_count", "+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{subject}/reactions", **dict.fromkeys(kinds, 0)}


def issue(api: str, of: PullRequest) -> Json:
    whole = pull(api, of)
    home, linked = whole["issue_url"], ("url", "html_url", "diff_url", "patch_url", "merged_at")
    return {key: whole[key] for key in ISSUE_TOO} | {
        "id": of.id + 1,
        "node_id": shapes.node_id("I", of.id + 1),
        "url": home,
        "html_url": whole["html_url"],
        "repository_url": shapes.repository_url(api, of.repo),
        "comments_url": whole["comments_url"],
        "events_url": f"{home}/events",
        "labels_url": f"{home}/labels{{/name}}",
        "comments": _comments(of),
        "reactions": reactions(home),
        "pull_request": {name: whole[name] for name in linked},
    }
