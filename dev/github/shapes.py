"""GitHub's JSON for people, repositories and pull requests; `api` is the address the reader used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dev.github import git
from dev.github.state import Account, App, Commit, Installation, PullRequest, Ref, Repository

Json = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def html(api: str) -> str:
    """The address people read at, beside the API's."""
    return api.removesuffix("/api/v3").replace("//api.", "//")


def node_id(kind: str, number: int) -> str:
    return f"{kind}_{number}"


def account(api: str, who: Account) -> Json:
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("U", who.id),
        "type": who.type,
        "site_admin": False,
        "url": f"{api}/users/{who.login}",
        "html_url": f"{html(api)}/{who.login}",
        "avatar_url": f"{html(api)}/{who.login}.png",
    }


def app(api: str, of: App) -> Json:
    return {
        "id": of.id,
        "client_id": of.client_id,
        "slug": of.slug,
        "name": of.slug,
        "node_id": node_id("A", of.id),
        "owner": account(api, of.owner),
        "description": "",
        "external_url": html(api),
        "html_url": f"{html(api)}/apps/{of.slug}",
        "permissions": of.permissions,
        "events": sorted(of.events),
    }


def installation(api: str, of: Installation) -> Json:
    address = f"{api}/app/installations/{of.id}"
    return {
        "id": of.id,
        "node_id": node_id("I", of.id),
        "account": account(api, of.account),
        "app_id": of.app.id,
        "client_id": of.app.client_id,
        "app_slug": of.app.slug,
        "target_id": of.account.id,
        "target_type": of.account.type,
        "repository_selection": of.selection,
        "permissions": of.permissions,
        "events": sorted(of.app.events),
        "access_tokens_url": f"{address}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{html(api)}/settings/installations/{of.id}",
        "created_at": time(of.created_at),
        "updated_at": time(of.suspended_at or of.created_at),
        "suspended_at": time(of.suspended_at),
        "suspended_by": None,
    }


def repository_brief(repo: Repository) -> Json:
    """What the installation events carry."""
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }


def repository_url(api: str, repo: Repository) -> str:
    return f"{api}/repos/{repo.full_name}"


def repository(api: str, repo: Repository) -> Json:
    return repository_brief(repo) | {
        "owner": account(api, repo.owner),
        "url": repository_url(api, repo),
        "html_url": f"{html(api)}/{repo.full_name}",
        "clone_url": f"{html(api)}/{repo.full_name}.git",
        "fork": repo.fork_of is not None,
        "archived": repo.archived,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
    }


def _ref(api: str, end: Ref, owner: Account) -> Json:
    return {
        "label": f"{owner.login}:{end.ref}",
        "ref": end.ref,
        "sha": end.sha,
        "user": account(api, owner),
        "repo": repository(api, end.repo) if end.repo else None,
    }


def pull(api: str, of: PullRequest) -> Json:
    home, page = repository_url(api, of.repo), f"{html(api)}/{of.repo.full_name}/pull/{of.number}"
    return {
        "id": of.id,
        "node_id": node_id("PR", of.id),
        "number": of.number,
        "state": of.state,
        "locked": of.locked,
        "draft": of.draft,
        "title": of.title,
        "body": of.body,
        "user": account(api, of.user),
        "labels": [{"id": i, "name": name} for i, name in enumerate(of.labels, 1)],
        "url": f"{home}/pulls/{of.number}",
        "html_url": page,
        "issue_url": f"{home}/issues/{of.number}",
        "comments_url": f"{home}/issues/{of.number}/comments",
        "statuses_url": f"{home}/statuses/{of.head.sha}",
        "head": _ref(api, of.head, of.head_owner),
        "base": _ref(api, of.base, of.repo.owner),
        "author_association": "CONTRIBUTOR",
        "merge_commit_sha": of.merge_commit_sha,
        "created_at": time(of.created_at),
        "updated_at": time(of.updated_at),
        "closed_at": time(of.closed_at),
        "merged_at": time(of.merged_at),
    }


def pull_in_full(api: str, of: PullRequest) -> Json:
    """The single reading and the events say more than the list does."""
    comments = sum(1 for comment in of.repo.comments.values() if comment.number == of.number)
    mergeable = of.state == "open" and of.merge_commit_sha is not None
    return pull(api, of) | {
        "merged": of.merged_at is not None,
        "mergeable": mergeable if of.state == "open" else None,
        "mergeable_state": "clean" if mergeable else "unknown",
        "comments": comments,
        "maintainer_can_modify": False,
    }


def issue(api: str, of: PullRequest) -> Json:
    whole = pull(api, of)
    kept = ("number", "state", "locked", "title", "body", "user", "labels", "created_at", "updated_at")
    return {key: whole[key] for key in kept} | {
        "id": of.id + 1,
        "node_id": node_id("I", of.id + 1),
        "url": whole["issue_url"],
        "html_url": whole["html_url"],
        "comments_url": whole["comments_url"],
        "pull_request": {"url": whole["url"], "html_url": whole["html_url"], "merged_at": whole["merged_at"]},
    }


def commit(api: str, repo: Repository, of: Commit) -> Json:
    address = f"{repository_url(api, repo)}/commits/{of.sha}"
    signature = {
        "name": of.author.login,
        "email": f"{of.author.login}@users.noreply.github.com",
        "date": time(of.at),
    }
    tree = {"sha": git.tree_sha(of.files), "url": f"{repository_url(api, repo)}/git/trees/{of.sha}"}
    return {
        "sha": of.sha,
        "node_id": f"C_{of.sha}",
        "url": address,
        "html_url": f"{html(api)}/{repo.full_name}/commit/{of.sha}",
        "commit": {"message": of.message, "author": signature, "committer": signature, "tree": tree},
        "author": account(api, of.author),
        "committer": account(api, of.author),
        "parents": [{"sha": parent} for parent in of.parents],
    }
