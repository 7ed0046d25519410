"""GitHub's JSON for what is said about a commit or a pull request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dev.github import shapes_commits
from dev.github.reports import Annotation, CheckRun, CheckSuite, Comment, Deployment, DeploymentStatus, Status
from dev.github.shapes import Json, account, app, avatar, html, node_id, repository, repository_url, time
from dev.github.shapes_pulls import reactions
from dev.github.state import PullRequest, Repository, RequiredCheck


def status(api: str, home: str, of: Status) -> Json:
    return status_brief(api, home, of) | {"creator": account(api, of.creator)}


def status_brief(api: str, home: str, of: Status) -> Json:
    """The combined status does not tell who said it."""
    return {
        "id": of.id,
        "node_id": node_id("SC", of.id),
        "url": f"{home}/statuses/{of.sha}",
        "context": of.context,
        "state": of.state,
        "description": of.description,
        "target_url": of.target_url,
        "avatar_url": avatar(api, of.creator),
        "created_at": time(of.created_at),
        "updated_at": time(of.created_at),
    }


def _pulls_of(api: str, suite: CheckSuite) -> list[Json]:
    """GitHub names only open pull requests whose branch lives in this repository: none for forks."""

    def brief(pull: PullRequest) -> Json:
        home = repository_url(api, suite.repo)
        repo = {"id": suite.repo.id, "url": home, "name": suite.repo.name}
        return {
            "id": pull.id,
            "number": pull.number,
            "url": f"{home}/pulls/{pull.number}",
            "head": {"ref": pull.head.ref, "sha": pull.head.sha, "repo": repo},
            "base": {"ref": pull.base.ref, "sha": pull.base.sha, "repo": repo},
        }

    mine = (p for p in suite.repo.pulls.values() if p.state == "open" and not p.from_fork)
    return [brief(pull) for pull in mine if pull.head.ref == suite.head_branch]


def suite(api: str, of: CheckSuite) -> Json:
    return suite_event(api, of) | {"repository": repository(api, of.repo)}


def suite_event(api: str, of: CheckSuite) -> Json:
    return suite_brief(api, of) | {
        "check_runs_url": f"{repository_url(api, of.repo)}/check-suites/{of.id}/check-runs",
        "head_commit": shapes_commits.head(of.repo.commits[of.head_sha]),
        "latest_check_runs_count": len(of.runs),
        "rerequestable": True,
        "runs_rerequestable": True,
    }


def suite_brief(api: str, of: CheckSuite) -> Json:
    """What the events of a run say of its suite."""
    return {
        "id": of.id,
        "node_id": node_id("CS", of.id),
        "url": f"{repository_url(api, of.repo)}/check-suites/{of.id}",
        "head_sha": of.head_sha,
        "head_branch": of.head_branch,
        "before": None,
        "after": of.head_sha,
        "status": of.status,
        "conclusion": of.conclusion,
        "app": app(api, of.app),
        "pull_requests": _pulls_of(api, of),
        "created_at": time(of.created_at),
        "updated_at": time(of.updated_at),
    }


def run(api: str, of: CheckRun) -> Json:
    page = f"{html(api)}/{of.suite.repo.full_name}/runs/{of.id}"
    home = f"{repository_url(api, of.suite.repo)}/check-runs/{of.id}"
    output = {key: of.output.get(key) for key in ("title", "summary", "text")}
    return {
        "id": of.id,
        "node_id": node_id("CR", of.id),
        "url": home,
        "html_url": page,
        "details_url": of.details_url or page,
        "head_sha": of.suite.head_sha,
        "external_id": of.external_id,
        "name": of.name,
        "status": of.status,
        "conclusion": of.conclusion,
        "started_at": time(of.started_at),
        "completed_at": time(of.completed_at),
        "output": output | {"annotations_count": len(of.annotations), "annotations_url": f"{home}/annotations"},
        "check_suite": {"id": of.suite.id},
        "app": app(api, of.suite.app),
        "pull_requests": _pulls_of(api, of.suite),
    }


def annotation(api: str, run: CheckRun, of: Annotation) -> Json:
    place = f"{run.suite.repo.full_name}/blob/{run.suite.head_sha}/{of.path}"
    return asdict(of) | {"blob_href": f"{html(api)}/{place}"}


def comment(api: str, of: Comment) -> Json:
    home, page = repository_url(api, of.repo), f"{html(api)}/{of.repo.full_name}/pull/{of.number}"
    return {
        "id": of.id,
        "node_id": node_id("IC", of.id),
        "url": f"{home}/issues/comments/{of.id}",
        "html_url": f"{page}#issuecomment-{of.id}",
        "issue_url": f"{home}/issues/{of.number}",
        "body": of.body,
        "user": account(api, of.user),
        "author_association": "NONE" if of.app else "CONTRIBUTOR",
        "performed_via_github_app": app(api, of.app) if of.app else None,
        "reactions": reactions(f"{home}/issues/comments/{of.id}"),
        "created_at": time(of.created_at),
        "updated_at": time(of.updated_at),
    }


def deployment(api: str, of: Deployment) -> Json:
    home = repository_url(api, of.repo)
    address = f"{home}/deployments/{of.id}"
    return {
        "id": of.id,
        "node_id": node_id("DE", of.id),
        "url": address,
        "statuses_url": f"{address}/statuses",
        "repository_url": home,
        "sha": of.sha,
        "ref": of.ref,
        "task": of.task,
        "environment": of.environment,
        "original_environment": of.environment,
        "description": of.description,
        "payload": of.payload,
        "creator": account(api, of.creator),
        "transient_environment": of.transient,
        "production_environment": of.production,
        "performed_via_github_app": app(api, of.app) if of.app else None,
        "created_at": time(of.created_at),
        "updated_at": time(of.updated_at),
    }


def deployment_event(api: str, of: Deployment) -> Json:
    told = deployment(api, of)
    if by := told["performed_via_github_app"]:
        del by["client_id"]
    return told


def deployment_status(api: str, parent: Deployment, of: DeploymentStatus) -> Json:
    address = f"{repository_url(api, parent.repo)}/deployments/{parent.id}"
    return {
        "id": of.id,
        "node_id": node_id("DES", of.id),
        "url": f"{address}/statuses/{of.id}",
        "deployment_url": address,
        "repository_url": repository_url(api, parent.repo),
        "state": of.state,
        "description": of.description,
        "environment": of.environment,
        "environment_url": of.environment_url,
        "target_url": of.log_url,
        "log_url": of.log_url,
        "creator": account(api, of.creator),
        "created_at": time(of.created_at),
        "updated_at": time(of.created_at),
    }


def _rule(repo: Repository, kind: str, **parameters: Any) -> Json:
    return {
        "type": kind,
        "ruleset_source_type": "Repository",
        "ruleset_source": repo.full_name,
        "ruleset_id": repo.id,
        "parameters": {"do_not_enforce_on_create": False} | parameters,
    }


def required_checks(repo: Repository, checks: list[RequiredCheck]) -> Json:
    def one(check: RequiredCheck) -> Json:
        named: Json = {"context": check.context}
        return named if check.app_id is None else named | {"integration_id": check.app_id}

    strict = {"strict_required_status_checks_policy": False}
    return _rule(repo, "required_status_checks", required_status_checks=[one(check) for check in checks], **strict)


def required_workflows(repo: Repository, files: list[str]) -> Json:
    named = [{"path": file, "repository_id": repo.id, "ref": f"refs/heads/{repo.default_branch}"} for file in files]
    return _rule(repo, "workflows", workflows=named)


def protection(checks: list[RequiredCheck] | None) -> Json:
    named: list[dict[str, Any]] = [{"context": c.context, "app_id": c.app_id} for c in checks or []]
    required = {
        "enforcement_level": "off" if checks is None else "non_admins",
        "contexts": [check.context for check in checks or []],
        "checks": named,
    }
    return {"enabled": checks is not None, "required_status_checks": required}
