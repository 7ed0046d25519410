"""Branches move and pull requests live: opened, pushed to, edited, closed, merged."""

from __future__ import annotations

from typing import Any

from dev.github import git, shapes, shapes_commits, shapes_pulls, webhooks
from dev.github.effects import checks
from dev.github.state import Account, PullRequest, Repository
from dev.github.store import Store

NOTHING = "0" * 40


def emit(store: Store, pull: PullRequest, action: str, sender: Account, **extra: Any) -> None:
    pull.updated_at = store.now()
    body = {
        "action": action,
        "number": pull.number,
        "pull_request": shapes_pulls.pull_in_full(store.api_url, pull),
    }
    webhooks.emit(store, pull.repo, "pull_request", body | extra, sender)


def move_branch(store: Store, repo: Repository, branch: str, sha: str, pusher: Account) -> None:
    """Point a branch at a commit: a push, and `synchronize` on the pull requests that follow it."""
    before = repo.branches.get(branch, NOTHING)
    repo.branches[branch] = sha
    _emit_push(store, repo, branch, (before, sha), pusher)
    checks.request_suites(store, repo, sha, pusher)
    _refresh_onto(store, repo, branch)
    for pull in _following(store, repo, branch):
        pull.head.sha = sha
        if not pull.merge_lags:
            refresh_merge(store, pull)
        emit(store, pull, "synchronize", pusher, before=before, after=sha)


def delete_branch(store: Store, repo: Repository, branch: str, who: Account) -> None:
    before = repo.branches.pop(branch)
    _emit_push(store, repo, branch, (before, NOTHING), who)
    for pull in _following(store, repo, branch):
        close(store, pull, who)


def _following(store: Store, repo: Repository, branch: str) -> list[PullRequest]:
    every = [pull for base in store.repositories.values() for pull in base.pulls.values()]
    return [p for p in every if p.state == "open" and p.head.repo is repo and p.head.ref == branch]


def _emit_push(store: Store, repo: Repository, branch: str, moved: tuple[str, str], pusher: Account) -> None:
    before, after = moved
    gone, new = after == NOTHING, before == NOTHING
    body = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "created": new,
        "deleted": gone,
        "forced": not (gone or new) and not git.contains(repo, after, before),
        "base_ref": None,
        "compare": f"{shapes.html(store.api_url)}/{repo.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": [],
        "head_commit": None if gone else shapes_commits.pushed(store.api_url, repo, repo.commits[after]),
        "pusher": {"name": pusher.login},
    }
    webhooks.emit(store, repo, "push", body, pusher)


def refresh_merge(store: Store, pull: PullRequest) -> None:
    """GitHub keeps a commit that merges the pull request into its base, to test; none when they conflict."""
    base = pull.repo.branches.get(pull.base.ref, pull.base.sha)
    files = git.merge_files(pull.repo, base, pull.head.sha)
    pull.merge_commit_sha = None
    if files is not None:
        message = f"Merge {pull.head.sha} into {base}"
        parents = (base, pull.head.sha)
        pull.merge_commit_sha = git.commit(pull.repo, parents, files, message, pull.user, store.now())


def _refresh_onto(store: Store, repo: Repository, base: str) -> None:
    for pull in repo.pulls.values():
        if pull.state == "open" and pull.base.ref == base and not pull.merge_lags:
            refresh_merge(store, pull)


def queue(store: Store, pull: PullRequest, who: Account) -> str:
    """Into the merge queue: what the base branch would be is tested on a branch of GitHub's own."""
    repo, base = pull.repo, pull.repo.branches[pull.base.ref]
    files = git.merge_files(repo, base, pull.head.sha)
    if pull.state != "open" or files is None:
        raise ValueError("only an open pull request without conflicts can be queued")
    message = f"Merge pull request #{pull.number} from {pull.head.ref}"
    sha = git.commit(repo, (base, pull.head.sha), files, message, who, store.now())
    branch = f"gh-readonly-queue/{pull.base.ref}/pr-{pull.number}-{base}"
    move_branch(store, repo, branch, sha, who)
    group = {
        "head_sha": sha,
        "head_ref": f"refs/heads/{branch}",
        "base_sha": base,
        "base_ref": f"refs/heads/{pull.base.ref}",
        "head_commit": shapes_commits.head(repo.commits[sha]),
    }
    webhooks.emit(store, repo, "merge_group", {"action": "checks_requested", "merge_group": group}, who)
    return sha


def close(store: Store, pull: PullRequest, who: Account) -> None:
    pull.state, pull.closed_at = "closed", store.now()
    emit(store, pull, "closed", who)


def reopen(store: Store, pull: PullRequest, who: Account) -> None:
    if pull.merged_at or pull.head.repo is None or pull.head.ref not in pull.head.repo.branches:
        raise ValueError("a merged pull request or one without its branch cannot be reopened")
    pull.state, pull.closed_at = "open", None
    pull.head.sha = pull.head.repo.branches[pull.head.ref]
    refresh_merge(store, pull)
    emit(store, pull, "reopened", who)


def merge(store: Store, pull: PullRequest, who: Account) -> str:
    refresh_merge(store, pull)
    if pull.state != "open" or pull.merge_commit_sha is None:
        raise ValueError("only an open pull request without conflicts can be merged")
    merged = pull.merge_commit_sha
    pull.state, pull.closed_at, pull.merged_at = "closed", store.now(), store.now()
    pull.merged_by = who
    pull.repo.branches[pull.base.ref], before = merged, pull.repo.branches[pull.base.ref]
    emit(store, pull, "closed", who)
    _emit_push(store, pull.repo, pull.base.ref, (before, merged), who)
    checks.request_suites(store, pull.repo, merged, who)
    _refresh_onto(store, pull.repo, pull.base.ref)
    return merged
