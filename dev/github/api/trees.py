"""Commits and what they hold, as git has them: trees and blobs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from dev.github import git, shapes, shapes_commits
from dev.github.api.http import Call, Reply, not_found
from dev.github.state import Blob, Repository, Submodule, Symlink

MOST_ENTRIES = 100_000
_FOLDER = "040000"


def commit(call: Call, repo: Repository) -> Reply:
    found = repo.commits.get(call.args["sha"])
    if found is None:
        raise not_found()
    return Reply(shapes_commits.git_commit(call.api, repo, found))


def tree(call: Call, repo: Repository) -> Reply:
    """Any value of `recursive` asks for what is in the folders too, even 0."""
    files = git.find_tree(repo, call.args["sha"])
    if files is None:
        raise not_found()
    home, sha = shapes.repository_url(call.api, repo), call.args["sha"]
    named = git.resolve(repo, sha) or sha
    entries = sorted(_entries(home, files), key=lambda entry: str(entry["path"]))
    shown = [entry for entry in entries if "recursive" in call.query or "/" not in entry["path"]]
    body = {"sha": named, "url": f"{home}/git/trees/{named}", "tree": shown[:MOST_ENTRIES]}
    return Reply(body | {"truncated": len(shown) > MOST_ENTRIES})


def _entries(home: str, files: Mapping[str, Blob]) -> list[dict[str, Any]]:
    folders = [(path, _FOLDER, "tree", git.tree_sha(git.below(files, path))) for path in git.folders(files)]
    found = [_entry(home, *folder) for folder in folders]
    for path, blob in files.items():
        if isinstance(blob, Submodule):
            found.append({"path": path, "mode": "160000", "type": "commit", "sha": blob.sha})
            continue
        mode, size = ("120000", len(blob.target)) if isinstance(blob, Symlink) else ("100644", len(blob))
        found.append(_entry(home, path, mode, "blob", git.blob_sha(blob)) | {"size": size})
    return found


def _entry(home: str, path: str, mode: str, kind: str, sha: str) -> dict[str, Any]:
    return {"path": path, "mode": mode, "type": kind, "sha": sha, "url": f"{home}/git/{kind}s/{sha}"}


def blob(call: Call, repo: Repository) -> Reply:
    data = git.find_blob(repo, call.args["sha"])
    if data is None:
        raise not_found()
    sha = call.args["sha"]
    return Reply(
        {
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(data),
            "url": f"{shapes.repository_url(call.api, repo)}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )
