"""GitHub's JSON for people, apps and repositories; `api` is the address the reader used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dev.github import addresses
from dev.github.state import Account, App, Installation, Repository

Json = dict[str, Any]
# accounts and apps are as old as that
BEGINNING = "2020-01-01T00:00:00Z"


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
        "gravatar_id": "",
        "html_url": f"{html(api)}/{who.login}",
        "avatar_url": avatar(api, who),
        **addresses.below(f"{api}/users/{who.login}", addresses.ACCOUNT),
    }


def avatar(api: str, who: Account) -> str:
    return f"{html(api)}/{who.login}.png"


def profile(api: str, who: Account) -> Json:
    """What an account's own page tells."""
    untold: Json = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location", "name"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    return account(api, who) | untold | counts | {"created_at": BEGINNING, "updated_at": BEGINNING}


def organization(api: str, who: Account) -> Json:
    """How the events name the organization they are from."""
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("O", who.id),
        "avatar_url": avatar(api, who),
        "description": None,
        **addresses.below(f"{api}/orgs/{who.login}", addresses.ORGANIZATION),
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
        "created_at": BEGINNING,
        "updated_at": BEGINNING,
    }


def installation(api: str, of: Installation) -> Json:
    address = f"{api}/app/installations/{of.id}"
    return {
        "id": of.id,
        "account": account(api, of.account),
        "app_id": of.app.id,
        "app_slug": of.app.slug,
        "target_id": of.account.id,
        "target_type": of.account.type,
        "repository_selection": of.selection,
        "permissions": of.permissions,
        "events": sorted(of.app.events),
        "single_file_name": None,
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
    page = f"{html(api)}/{repo.full_name}"
    return repository_brief(repo) | {
        "owner": account(api, repo.owner),
        "html_url": page,
        "clone_url": f"{page}.git",
        "git_url": f"{page.replace('http', 'git', 1)}.git",
        "ssh_url": f"git@{page.partition('//')[2]}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "description": None,
        "language": None,
        "license": None,
        "topics": [],
        "fork": repo.fork_of is not None,
        "archived": repo.archived,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
        "created_at": time(repo.created_at),
        "updated_at": time(repo.created_at),
        "pushed_at": time(repo.created_at),
        **dict.fromkeys(("has_discussions", "has_downloads", "has_pages", "has_projects", "has_wiki"), False),
        "has_issues": True,
        **dict.fromkeys(("forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("open_issues", "open_issues_count"), sum(p.state == "open" for p in repo.pulls.values())),
        **addresses.below(repository_url(api, repo), addresses.REPOSITORY),
    }


def repository_in_full(api: str, repo: Repository) -> Json:
    """The single reading says more than lists and events do."""
    return repository(api, repo) | {"network_count": 0, "subscribers_count": 0}
