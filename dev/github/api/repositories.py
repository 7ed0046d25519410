"""A repository itself: its facts, files, branches, rules and people."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from posixpath import dirname, join, normpath
from typing import Any

from dev.github import git, shapes, shapes_commits, shapes_reports
from dev.github.api.http import Call, Refused, Reply, not_found, page
from dev.github.state import Blob, Repository, Submodule, Symlink

INLINE, RAW = 1 << 20, 100 << 20
DIRECTORY_LIMIT = 1000
ROLES = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read"}


def get(call: Call, repo: Repository) -> Reply:
    return Reply(shapes.repository_in_full(call.api, repo))


def contents(call: Call, repo: Repository) -> Reply:
    ref = call.query.get("ref", repo.default_branch)
    sha = git.resolve(repo, ref)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    files, path = repo.commits[sha].files, call.args.get("path", "").strip("/")
    blob = _followed(files, path)
    if blob is None:
        return _directory(call, repo, files, path)
    if isinstance(blob, bytes) and len(blob) > RAW:
        raise Refused(403, "This API returns blobs up to 100 MB in size.")
    if isinstance(blob, bytes) and "raw" in call.headers.get("Accept", ""):
        return Reply(blob)
    return Reply(_entry(call, repo, path, blob) | _content(blob))


def _followed(files: Mapping[str, Blob], path: str) -> Blob | None:
    """The file there; a link to a file of this repository is read through."""
    blob = files.get(path)
    if isinstance(blob, Symlink):
        target = files.get(normpath(join(dirname(path), blob.target)))
        return target if isinstance(target, bytes) else blob
    return blob


def _content(blob: Blob) -> dict[str, Any]:
    if isinstance(blob, Symlink):
        return {"target": blob.target}
    if isinstance(blob, Submodule):
        return {"submodule_git_url": blob.url}
    if len(blob) > INLINE:
        return {"content": "", "encoding": "none"}
    return {"content": base64.encodebytes(blob).decode(), "encoding": "base64"}


def _entry(call: Call, repo: Repository, path: str, blob: Blob | None) -> dict[str, Any]:
    kinds = {bytes: "file", Symlink: "symlink", Submodule: "submodule"}
    home, page = shapes.repository_url(call.api, repo), f"{shapes.html(call.api)}/{repo.full_name}"
    sha = git.blob_sha(blob) if blob is not None else git.sha1(path.encode())
    kind = "blob" if blob is not None else "tree"
    places = {
        "self": f"{home}/contents/{path}",
        "git": f"{home}/git/{kind}s/{sha}",
        "html": f"{page}/{kind}/{repo.default_branch}/{path}",
    }
    return {
        "type": kinds[type(blob)] if blob is not None else "dir",
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": len(blob) if isinstance(blob, bytes) else 0,
        "url": places["self"],
        "git_url": places["git"],
        "html_url": places["html"],
        "download_url": None,
        "_links": places,
    }


def _directory(call: Call, repo: Repository, files: Mapping[str, Blob], path: str) -> Reply:
    prefix = path + "/" if path else ""
    below = [name.removeprefix(prefix) for name in files if name.startswith(prefix)]
    if path and not below:
        raise not_found()
    names = sorted({name.split("/", 1)[0] for name in below})[:DIRECTORY_LIMIT]
    return Reply([_entry(call, repo, prefix + name, files.get(prefix + name)) for name in names])


def branch(call: Call, repo: Repository) -> Reply:
    name = call.args["branch"]
    if name not in repo.branches:
        raise Refused(404, "Branch not found")
    home, checks = shapes.repository_url(call.api, repo), repo.protections.get(name)
    page = f"{shapes.html(call.api)}/{repo.full_name}"
    return Reply(
        {
            "name": name,
            "commit": shapes_commits.commit(call.api, repo, repo.commits[repo.branches[name]]),
            "_links": {"self": f"{home}/branches/{name}", "html": f"{page}/tree/{name}"},
            "protected": _protected(repo, name),
            "protection": shapes_reports.protection(checks),
            "protection_url": f"{home}/branches/{name}/protection",
        }
    )


def _protected(repo: Repository, branch: str) -> bool:
    return any(branch in rules for rules in (repo.protections, repo.rulesets, repo.workflows))


def branches(call: Call, repo: Repository) -> Reply:
    def brief(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "commit": shapes_commits.reference(call.api, repo, repo.branches[name]),
            "protected": _protected(repo, name),
        }

    return page(call, sorted(repo.branches), brief)


def git_ref(call: Call, repo: Repository) -> Reply:
    name = call.args["ref"]
    if name.removeprefix("heads/") not in repo.branches or not name.startswith("heads/"):
        raise not_found()
    sha = repo.branches[name.removeprefix("heads/")]
    home = shapes.repository_url(call.api, repo)
    address = f"{home}/git/refs/{name}"
    number = shapes.node_id("REF", repo.id)
    return Reply(
        {
            "ref": f"refs/{name}",
            "node_id": number,
            "url": address,
            "object": {"type": "commit", "sha": sha, "url": f"{home}/git/commits/{sha}"},
        }
    )


def rules(call: Call, repo: Repository) -> Reply:
    if not repo.rules_available:
        advice = "Upgrade to GitHub Pro or make this repository public to enable this feature."
        raise Refused(403, advice)
    branch, found = call.args["branch"], []
    if branch in repo.rulesets:
        found.append(shapes_reports.required_checks(repo, repo.rulesets[branch]))
    if branch in repo.workflows:
        found.append(shapes_reports.required_workflows(repo, repo.workflows[branch]))
    return page(call, found, lambda rule: rule)


def permission(call: Call, repo: Repository) -> Reply:
    who = call.store.known_account(call.args["user"])
    if who is None:
        raise Refused(404, f"{call.args['user']} is not a user")
    role = "admin" if who is repo.owner else repo.collaborators.get(who.id)
    if role is None:
        role = "none" if repo.private else "read"
    body = {"permission": ROLES.get(role, "none"), "role_name": role}
    return Reply(body | {"user": shapes.account(call.api, who) | {"role_name": role}})
