"""Plain pages for a person who follows along: repositories, pull requests and what was said about them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from dev.github.effects import checks
from dev.github.state import PullRequest, Repository
from dev.github.world import GitHub


def create_pages(github: GitHub) -> Blueprint:
    pages = Blueprint("pages", __name__, template_folder="templates")

    def find(owner: str, name: str) -> Repository:
        found = github.repository(f"{owner}/{name}")
        return found or abort(404)

    @pages.get("/")
    def index() -> str:
        with github.lock:
            living = [repo for repo in github.repositories.values() if not repo.deleted]
            return render_template("index.html", repositories=living)

    @pages.get("/<owner>/<name>")
    def repository(owner: str, name: str) -> str:
        with github.lock:
            return render_template("repository.html", repo=find(owner, name))

    @pages.get("/<owner>/<name>/pull/<int:number>")
    def pull(owner: str, name: str, number: int) -> str:
        with github.lock:
            repo = find(owner, name)
            found = repo.pulls.get(number) or abort(404)
            return render_template("pull.html", pull=found, **_said_about(found))

    return pages


def _said_about(pull: PullRequest) -> dict[str, Any]:
    repo, sha = pull.repo, pull.head.sha
    newest = {status.context: status for status in repo.statuses if status.sha == sha}
    return {
        "statuses": list(newest.values()),
        "runs": checks.latest([run for run in repo.runs if run.suite.head_sha == sha]),
        "comments": [comment for comment in repo.comments.values() if comment.number == pull.number],
        "deployments": [d for d in repo.deployments.values() if d.sha == sha],
    }
