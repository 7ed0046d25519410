"""Every route of the API, with the permission it needs: any one of those named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dev.github.api import apps, check_runs, comments, commits, deliveries, deployments, repositories, trees
from dev.github.api.http import Call, Handler, Reply


@dataclass(frozen=True)
class RepositoryRoute:
    """Below `/repos/{owner}/{name}` and below `/repositories/{id}`."""

    method: str
    path: str
    needs: tuple[str, ...]
    handler: Handler


@dataclass(frozen=True)
class Route:
    """`caller` says who may ask: an "app" with its signed token, an "installation", or "anyone"."""

    method: str
    path: str
    caller: str
    handler: Callable[[Call], Reply]


METADATA = ("metadata:read",)
CONTENTS = ("contents:read",)
PULLS = ("pull_requests:read",)
STATUSES = ("statuses:read",)
CHECKS, SET_CHECKS = ("checks:read",), ("checks:write",)
COMMENTS, COMMENT = ("issues:read", "pull_requests:read"), ("issues:write", "pull_requests:write")
ADMINISTER = ("administration:write",)
DEPLOYMENTS, DEPLOY = ("deployments:read",), ("deployments:write",)
# asked with the app's own token, which has no permissions on repositories
BY_APP = ()

IN_REPOSITORY = (
    RepositoryRoute("GET", "", METADATA, repositories.get),
    RepositoryRoute("GET", "/installation", BY_APP, apps.installation_on),
    RepositoryRoute("GET", "/contents", CONTENTS, repositories.contents),
    RepositoryRoute("GET", "/contents/<path:path>", CONTENTS, repositories.contents),
    RepositoryRoute("GET", "/branches", CONTENTS, repositories.branches),
    RepositoryRoute("GET", "/branches/<path:branch>", CONTENTS, repositories.branch),
    RepositoryRoute("GET", "/git/ref/<path:ref>", CONTENTS, repositories.git_ref),
    RepositoryRoute("GET", "/git/commits/<sha>", CONTENTS, trees.commit),
    RepositoryRoute("GET", "/git/trees/<path:sha>", CONTENTS, trees.tree),
    RepositoryRoute("GET", "/git/blobs/<sha>", CONTENTS, trees.blob),
    RepositoryRoute("GET", "/rules/branches/<path:branch>", METADATA, repositories.rules),
    RepositoryRoute("GET", "/collaborators/<user>/permission", METADATA, repositories.permission),
    RepositoryRoute("GET", "/pulls", PULLS, commits.pulls),
    RepositoryRoute("GET", "/pulls/<int:number>", PULLS, commits.pull),
    RepositoryRoute("GET", "/pulls/<int:number>/files", PULLS, commits.pull_files),
    RepositoryRoute("GET", "/issues/<int:number>", COMMENTS, commits.issue),
    RepositoryRoute("GET", "/commits/<path:ref>", CONTENTS, commits.commit),
    RepositoryRoute("GET", "/commits/<path:ref>/pulls", PULLS, commits.commit_pulls),
    RepositoryRoute("GET", "/commits/<path:ref>/status", STATUSES, commits.combined_status),
    RepositoryRoute("GET", "/commits/<path:ref>/statuses", STATUSES, commits.statuses),
    RepositoryRoute("GET", "/statuses/<path:ref>", STATUSES, commits.statuses),
    RepositoryRoute("POST", "/statuses/<path:ref>", ("statuses:write",), commits.create_status),
    RepositoryRoute("GET", "/commits/<path:ref>/check-runs", CHECKS, check_runs.runs),
    RepositoryRoute("GET", "/commits/<path:ref>/check-suites", CHECKS, check_runs.suites),
    RepositoryRoute("GET", "/check-suites/<int:id>", CHECKS, check_runs.suite),
    RepositoryRoute("GET", "/check-suites/<int:id>/check-runs", CHECKS, check_runs.suite_runs),
    RepositoryRoute("POST", "/check-runs", SET_CHECKS, check_runs.create_run),
    RepositoryRoute("GET", "/check-runs/<int:id>", CHECKS, check_runs.run),
    RepositoryRoute("GET", "/check-runs/<int:id>/annotations", CHECKS, check_runs.run_annotations),
    RepositoryRoute("PATCH", "/check-runs/<int:id>", SET_CHECKS, check_runs.update_run),
    RepositoryRoute("GET", "/issues/<int:number>/comments", COMMENTS, comments.of_pull),
    RepositoryRoute("POST", "/issues/<int:number>/comments", COMMENT, comments.create),
    RepositoryRoute("GET", "/issues/comments/<int:id>", COMMENTS, comments.get),
    RepositoryRoute("PATCH", "/issues/comments/<int:id>", COMMENT, comments.edit),
    RepositoryRoute("DELETE", "/issues/comments/<int:id>", COMMENT, comments.delete),
    RepositoryRoute("GET", "/deployments", DEPLOYMENTS, deployments.listing),
    RepositoryRoute("POST", "/deployments", DEPLOY, deployments.create),
    RepositoryRoute("GET", "/deployments/<int:id>", DEPLOYMENTS, deployments.get),
    RepositoryRoute("DELETE", "/deployments/<int:id>", DEPLOY, deployments.delete),
    RepositoryRoute("GET", "/deployments/<int:id>/statuses", DEPLOYMENTS, deployments.statuses),
    RepositoryRoute("POST", "/deployments/<int:id>/statuses", DEPLOY, deployments.create_status),
    RepositoryRoute("GET", "/environments", ("actions:read",), deployments.environments),
    RepositoryRoute("DELETE", "/environments/<path:place>", ADMINISTER, deployments.delete_environment),
)

ELSEWHERE = (
    Route("GET", "/app", "app", apps.get),
    Route("GET", "/app/installations", "app", apps.installations),
    Route("GET", "/app/installations/<int:id>", "app", apps.installation),
    Route("POST", "/app/installations/<int:id>/access_tokens", "app", apps.create_token),
    Route("GET", "/app/hook/deliveries", "app", deliveries.listing),
    Route("GET", "/app/hook/deliveries/<int:id>", "app", deliveries.get),
    Route("POST", "/app/hook/deliveries/<int:id>/attempts", "app", deliveries.redeliver),
    Route("GET", "/installation/repositories", "installation", apps.installation_repositories),
    Route("GET", "/rate_limit", "anyone", apps.rate_limit),
    Route("GET", "/meta", "anyone", apps.meta),
    Route("GET", "/users/<login>", "anyone", apps.user),
)
