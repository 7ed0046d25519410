"""Deployments, their statuses and the environments they name."""

from __future__ import annotations

from dev.github import git, shapes, shapes_reports
from dev.github.api.http import Call, Refused, Reply, invalid, not_found, page
from dev.github.effects import checks, deployments
from dev.github.reports import Deployment
from dev.github.state import Repository

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
LONGEST_DESCRIPTION = 140
TOO_LONG = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"


def listing(call: Call, repo: Repository) -> Reply:
    asked = {name: call.query[name] for name in ("sha", "ref", "task", "environment") if name in call.query}
    newest_first = reversed(repo.deployments.values())
    found = [d for d in newest_first if all(getattr(d, name) == value for name, value in asked.items())]
    return page(call, found, lambda deployment: shapes_reports.deployment(call.api, deployment))


def get(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_reports.deployment(call.api, _deployment(call, repo)))


def create(call: Call, repo: Repository) -> Reply:
    ref = call.text("ref")
    sha = git.resolve(repo, ref)
    if sha is None:
        raise Refused(422, f"No ref found for: {ref}")
    if len(call.json.get("description") or "") > LONGEST_DESCRIPTION:
        raise invalid("description", TOO_LONG, "Deployment")
    if call.json.get("auto_merge", True) and ref in repo.branches:
        moved = deployments.merge_default_branch(call.store, repo, ref, call.actor)
        if moved is None:
            raise Refused(409, f"Conflict merging {repo.default_branch} into {ref}.")
        if moved:
            return Reply({"message": f"Auto-merged {repo.default_branch} into {ref} on deployment."}, 202)
    if not _contexts_pass(repo, sha, call.json.get("required_contexts")):
        raise Refused(409, f"Conflict: Commit status checks failed for {ref}.")
    made = deployments.create(call.store, repo, sha, call.app, call.json)
    return Reply(shapes_reports.deployment(call.api, made), 201)


def _contexts_pass(repo: Repository, sha: str, required: list[str] | None) -> bool:
    """Without a list GitHub requires every context it has seen on the commit."""
    seen = {one.context: one.state for one in repo.statuses if one.sha == sha}
    for run in checks.latest([run for run in repo.runs if run.suite.head_sha == sha]):
        seen[run.name] = "success" if run.conclusion in ("success", "neutral", "skipped") else "pending"
    return all(seen.get(context) == "success" for context in (seen if required is None else required))


def delete(call: Call, repo: Repository) -> Reply:
    found = _deployment(call, repo)
    if found.state != "inactive" and len(repo.deployments) > 1:
        raise Refused(422, "We cannot delete an active deployment unless it is the only deployment.")
    del repo.deployments[found.id]
    return Reply(status=204)


def statuses(call: Call, repo: Repository) -> Reply:
    found = _deployment(call, repo)
    newest_first = list(reversed(found.statuses))
    return page(call, newest_first, lambda one: shapes_reports.deployment_status(call.api, found, one))


def create_status(call: Call, repo: Repository) -> Reply:
    found = _deployment(call, repo)
    if call.text("state") not in STATES:
        raise invalid("state", "state is not included in the list", "DeploymentStatus")
    if len(call.json.get("description") or "") > LONGEST_DESCRIPTION:
        raise invalid("description", TOO_LONG, "DeploymentStatus")
    made = deployments.add_status(call.store, found, call.actor, call.json)
    return Reply(shapes_reports.deployment_status(call.api, found, made), 201)


def environments(call: Call, repo: Repository) -> Reply:
    home = shapes.repository_url(call.api, repo)

    def shape(name: str) -> dict[str, object]:
        number, moment = repo.environments[name], shapes.time(repo.created_at)
        return {
            "id": number,
            "node_id": shapes.node_id("EN", number),
            "name": name,
            "url": f"{home}/environments/{name}",
            "html_url": f"{shapes.html(call.api)}/{repo.full_name}/deployments/activity_log?environments_filter={name}",
            "created_at": moment,
            "updated_at": moment,
        }

    return page(call, list(repo.environments), shape, "environments")


def delete_environment(call: Call, repo: Repository) -> Reply:
    if repo.environments.pop(call.args["place"], None) is None:
        raise not_found()
    return Reply(status=204)


def _deployment(call: Call, repo: Repository) -> Deployment:
    found = repo.deployments.get(call.args["id"])
    if found is None:
        raise not_found()
    return found
