"""GitHub's JSON for commits, which every place that mentions one shapes anew."""

from __future__ import annotations

from dev.github import git
from dev.github.shapes import Json, account, html, repository_url, time
from dev.github.state import Account, Commit, PullRequest, Repository


def _signature(who: Account) -> Json:
    return {"name": who.login, "email": f"{who.login}@users.noreply.github.com"}


def reference(api: str, repo: Repository, sha: str) -> Json:
    return {"sha": sha, "url": f"{repository_url(api, repo)}/commits/{sha}"}


def _page(api: str, repo: Repository, sha: str) -> str:
    return f"{html(api)}/{repo.full_name}/commit/{sha}"


def _content(api: str, repo: Repository, of: Commit) -> Json:
    home, signature = repository_url(api, repo), _signature(of.author) | {"date": time(of.at)}
    tree, unsigned = git.tree_sha(of.files), dict.fromkeys(("signature", "payload", "verified_at"))
    return {
        "message": of.message,
        "author": signature,
        "committer": signature,
        "tree": {"sha": tree, "url": f"{home}/git/trees/{tree}"},
        "url": f"{home}/git/commits/{of.sha}",
        "verification": {"verified": False, "reason": "unsigned"} | unsigned,
    }


def commit(api: str, repo: Repository, of: Commit) -> Json:
    return reference(api, repo, of.sha) | {
        "node_id": f"C_{of.sha}",
        "html_url": _page(api, repo, of.sha),
        "comments_url": f"{repository_url(api, repo)}/commits/{of.sha}/comments",
        "commit": _content(api, repo, of) | {"comment_count": 0},
        "author": account(api, of.author),
        "committer": account(api, of.author),
        "parents": [reference(api, repo, sha) | {"html_url": _page(api, repo, sha)} for sha in of.parents],
    }


def git_commit(api: str, repo: Repository, of: Commit) -> Json:
    """As git has it, without GitHub's accounts."""
    home, place = f"{repository_url(api, repo)}/git/commits", _page(api, repo, of.sha)
    parents = [{"sha": sha, "url": f"{home}/{sha}", "html_url": _page(api, repo, sha)} for sha in of.parents]
    named = {"sha": of.sha, "node_id": f"C_{of.sha}", "html_url": place, "parents": parents}
    return _content(api, repo, of) | named


def head(of: Commit) -> Json:
    """How a check suite tells what it is about."""
    who = _signature(of.author)
    return {
        "id": of.sha,
        "tree_id": git.tree_sha(of.files),
        "message": of.message,
        "timestamp": time(of.at),
        "author": who,
        "committer": who,
    }


def pushed(api: str, repo: Repository, of: Commit) -> Json:
    before = repo.commits[of.parents[0]].files if of.parents else {}
    shared = before.keys() & of.files.keys()
    return head(of) | {
        "distinct": True,
        "url": _page(api, repo, of.sha),
        "added": sorted(of.files.keys() - shared),
        "removed": sorted(before.keys() - shared),
        "modified": sorted(path for path in shared if before[path] != of.files[path]),
    }


def changed_file(api: str, of: PullRequest, path: str) -> Json:
    """A file that a pull request changes; a moved one is told as removed and added, and lines are not counted."""
    commits = of.repo.commits
    old, new = commits[of.base.sha].files.get(path), commits[of.head.sha].files.get(path)
    blob = new if new is not None else old
    place, page = repository_url(api, of.repo), f"{html(api)}/{of.repo.full_name}"
    return {
        "sha": git.blob_sha(blob) if blob is not None else None,
        "filename": path,
        "status": "removed" if new is None else "added" if old is None else "modified",
        **dict.fromkeys(("additions", "deletions", "changes"), 0),
        "blob_url": f"{page}/blob/{of.head.sha}/{path}",
        "raw_url": f"{page}/raw/{of.head.sha}/{path}",
        "contents_url": f"{place}/contents/{path}?ref={of.head.sha}",
    }
