"""Pull requests and commits, and what is said about a commit."""

from __future__ import annotations

from dev.github import git, shapes, shapes_commits, shapes_pulls, shapes_reports
from dev.github.api.http import Call, Refused, Reply, invalid, page
from dev.github.effects import checks
from dev.github.reports import Status
from dev.github.state import PullRequest, Repository

STATES = ("error", "failure", "pending", "success")
MOST_PER_CONTEXT = 1000
MOST_FILES = 3000


def pulls(call: Call, repo: Repository) -> Reply:
    query = call.query
    key, order = query.get("sort", "created"), query.get("direction")
    newest_first = order == "desc" or (order is None and key == "created")

    def wanted(pull: PullRequest) -> bool:
        head = f"{pull.head_owner.login}:{pull.head.ref}"
        return (
            query.get("state", "open") in (pull.state, "all")
            and query.get("head", head) == head
            and query.get("base", pull.base.ref) == pull.base.ref
        )

    def place(pull: PullRequest) -> tuple[float, int]:
        moment = pull.updated_at if key == "updated" else pull.created_at
        return moment.timestamp(), pull.number

    found = sorted(filter(wanted, repo.pulls.values()), key=place, reverse=newest_first)
    return page(call, found, lambda pull: shapes_pulls.pull(call.api, pull))


def pull(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_pulls.pull_in_full(call.api, call.pull(repo)))


def pull_files(call: Call, repo: Repository) -> Reply:
    found = call.pull(repo)
    paths = git.changed_paths(repo, found.base.sha, found.head.sha)[:MOST_FILES]
    return page(call, paths, lambda path: shapes_commits.changed_file(call.api, found, path))


def issue(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_pulls.issue(call.api, call.pull(repo)))


def sha_of(call: Call, repo: Repository) -> str:
    sha = git.resolve(repo, call.args["ref"])
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {call.args['ref']}")
    return sha


def commit(call: Call, repo: Repository) -> Reply:
    return Reply(shapes_commits.commit(call.api, repo, repo.commits[sha_of(call, repo)]))


def commit_pulls(call: Call, repo: Repository) -> Reply:
    """GitHub knows the commits of its own branches here, and says nothing of a fork's."""
    sha = sha_of(call, repo)
    mine = [p for p in repo.pulls.values() if not p.from_fork and git.contains(repo, p.head.sha, sha)]
    on_base = {p.number for p in mine if git.contains(repo, p.base.sha, sha)}
    found = [p for p in mine if p.number not in on_base]
    return page(call, found, lambda found: shapes_pulls.pull(call.api, found))


def _statuses(repo: Repository, sha: str) -> list[Status]:
    return [status for status in reversed(repo.statuses) if status.sha == sha]


def statuses(call: Call, repo: Repository) -> Reply:
    sha = sha_of(call, repo)
    home = shapes.repository_url(call.api, repo)
    return page(call, _statuses(repo, sha), lambda one: shapes_reports.status(call.api, home, one))


def combined_status(call: Call, repo: Repository) -> Reply:
    """The newest status of each context; without any, GitHub says pending."""
    sha, home = sha_of(call, repo), shapes.repository_url(call.api, repo)
    newest = list({one.context: one for one in reversed(_statuses(repo, sha))}.values())
    states = {one.state for one in newest}
    state = "success"
    if states & {"error", "failure"}:
        state = "failure"
    elif not states or "pending" in states:
        state = "pending"
    shown = page(call, newest, lambda one: shapes_reports.status_brief(call.api, home, one), "statuses")
    whole = {"state": state, "sha": sha, "repository": shapes.repository(call.api, repo)}
    return Reply(
        shown.body | whole | {"url": f"{home}/commits/{sha}/status", "commit_url": f"{home}/commits/{sha}"},
        headers=shown.headers,
    )


def create_status(call: Call, repo: Repository) -> Reply:
    sha, context = sha_of(call, repo), call.json.get("context") or "default"
    if call.text("state") not in STATES:
        raise invalid("state", "state is not included in the list", "Status")
    if len(call.json.get("description") or "") > 140:
        raise invalid("description", "description is too long (maximum is 140 characters)", "Status")
    if sum(1 for one in _statuses(repo, sha) if one.context == context) >= MOST_PER_CONTEXT:
        limit = "This SHA and context has reached the maximum number of statuses."
        raise invalid("base", limit, "Status")
    made = checks.create_status(call.store, repo, sha, call.actor, call.json)
    return Reply(shapes_reports.status(call.api, shapes.repository_url(call.api, repo), made), 201)
