"""Deployments and their statuses, with GitHub's habits: merging first, and retiring older ones."""

from __future__ import annotations

from typing import Any

from dev.github import git, shapes_reports, webhooks
from dev.github.effects import pulls
from dev.github.reports import Deployment, DeploymentStatus
from dev.github.state import Account, App, Repository
from dev.github.store import Store


def merge_default_branch(store: Store, repo: Repository, branch: str, who: Account) -> bool | None:
    """Bring a branch up to date as `auto_merge` does: True when it moved, None when it cannot."""
    ours, theirs = repo.branches[branch], repo.branches[repo.default_branch]
    if git.contains(repo, ours, theirs):
        return False
    files = git.merge_files(repo, ours, theirs)
    if files is None:
        return None
    message = f"Auto-merged {repo.default_branch} into {branch} on deployment."
    pulls.move_branch(store, repo, branch, git.commit(repo, (ours, theirs), files, message, who, store.now()), who)
    return True


def create(store: Store, repo: Repository, sha: str, app: App, fields: dict[str, Any]) -> Deployment:
    now = store.now()
    deployment = Deployment(
        id=store.next_id(),
        repo=repo,
        sha=sha,
        ref=fields["ref"],
        task=fields.get("task") or "deploy",
        environment=fields.get("environment") or "production",
        description=fields.get("description"),
        payload=fields.get("payload", {}),
        creator=app.bot,
        created_at=now,
        updated_at=now,
        transient=bool(fields.get("transient_environment")),
        app=app,
    )
    stated = fields.get("production_environment")
    deployment.production = deployment.environment == "production" if stated is None else bool(stated)
    repo.deployments[deployment.id] = deployment
    repo.environments.setdefault(deployment.environment, store.next_id())
    unrelated = dict.fromkeys(("workflow", "workflow_run"))
    told = shapes_reports.deployment_event(store.api_url, deployment)
    body = {"action": "created", "deployment": told} | unrelated
    webhooks.emit(store, repo, "deployment", body, app.bot)
    return deployment


def add_status(store: Store, deployment: Deployment, creator: Account, fields: dict[str, Any]) -> DeploymentStatus:
    status = DeploymentStatus(
        id=store.next_id(),
        state=fields["state"],
        description=fields.get("description") or "",
        environment=fields.get("environment") or deployment.environment,
        environment_url=fields.get("environment_url") or "",
        log_url=fields.get("log_url") or fields.get("target_url") or "",
        creator=creator,
        created_at=store.now(),
    )
    _append(store, deployment, status)
    if status.state == "success" and fields.get("auto_inactive") is not False:
        _retire_older(store, deployment, creator)
    return status


def _append(store: Store, deployment: Deployment, status: DeploymentStatus) -> None:
    deployment.statuses.append(status)
    deployment.updated_at = status.created_at
    body = {
        "action": "created",
        "deployment": shapes_reports.deployment_event(store.api_url, deployment),
        "deployment_status": shapes_reports.deployment_status(store.api_url, deployment, status),
    }
    webhooks.emit(store, deployment.repo, "deployment_status", body, status.creator)


def _retire_older(store: Store, newest: Deployment, creator: Account) -> None:
    for other in list(newest.repo.deployments.values()):
        lasting = not (other.transient or other.production)
        same_place = other.environment == newest.environment and other.id < newest.id
        if lasting and same_place and other.state == "success":
            status = DeploymentStatus(store.next_id(), "inactive", "", other.environment, "", "", creator, store.now())
            _append(store, other, status)
