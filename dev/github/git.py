"""Just enough git: commits as file maps, names that look real, ancestry and three-way merges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from dev.github.state import Account, Blob, Commit, Repository, Submodule, Symlink

Content = str | bytes | Symlink | Submodule
# None removes the file
Changes = Mapping[str, Content | None]
Files = dict[str, Blob]


def sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def blob_sha(blob: Blob) -> str:
    if isinstance(blob, Submodule):
        return blob.sha
    data = blob.target.encode() if isinstance(blob, Symlink) else blob
    return sha1(b"blob %d\0" % len(data) + data)


def tree_sha(files: Mapping[str, Blob]) -> str:
    return sha1("\n".join(f"{path} {blob_sha(blob)}" for path, blob in sorted(files.items())).encode())


def folders(files: Mapping[str, Blob]) -> set[str]:
    """Every folder that holds something, the root, which has no name, aside."""
    parts = [path.split("/")[:-1] for path in files]
    return {"/".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1)}


def below(files: Mapping[str, Blob], folder: str) -> Files:
    """What the folder holds, by the path from there."""
    return {path.removeprefix(f"{folder}/"): blob for path, blob in files.items() if path.startswith(f"{folder}/")}


def find_tree(repo: Repository, sha: str) -> Files | None:
    """What the tree of that name holds, or that of the commit of that name."""
    commit = resolve(repo, sha)
    if commit is not None:
        return dict(repo.commits[commit].files)
    trees = (
        tree
        for each in repo.commits.values()
        for tree in (dict(each.files), *(below(each.files, folder) for folder in folders(each.files)))
    )
    return next((tree for tree in trees if tree_sha(tree) == sha), None)


def find_blob(repo: Repository, sha: str) -> bytes | None:
    """What the blob of that name holds; of a symbolic link that is its target."""
    blobs = (blob for each in repo.commits.values() for blob in each.files.values())
    found = next((blob for blob in blobs if not isinstance(blob, Submodule) and blob_sha(blob) == sha), None)
    return found.target.encode() if isinstance(found, Symlink) else found


def apply(files: Mapping[str, Blob], changes: Changes) -> Files:
    result = dict(files)
    for path, content in changes.items():
        if content is None:
            result.pop(path, None)
        else:
            result[path] = content.encode() if isinstance(content, str) else content
    return result


def commit(
    repo: Repository, parents: tuple[str, ...], files: Files, message: str, author: Account, at: datetime
) -> str:
    """Store a commit and return its name, which depends on what it holds and follows, not on the time."""
    text = "\n".join([tree_sha(files), *parents, author.login, message])
    sha = sha1(b"commit " + text.encode())
    repo.commits.setdefault(sha, Commit(sha, parents, files, message, author, at))
    return sha


def ancestors(repo: Repository, sha: str) -> Iterator[str]:
    """That commit and all before it, nearest first."""
    seen, front = {sha}, [sha]
    while front:
        current = front.pop(0)
        yield current
        for parent in repo.commits[current].parents:
            if parent not in seen:
                seen.add(parent)
                front.append(parent)


def contains(repo: Repository, head: str, sha: str) -> bool:
    return sha in ancestors(repo, head)


def merge_files(repo: Repository, ours: str, theirs: str) -> Files | None:
    """The files of both, or None when they changed the same path differently."""
    mine = set(ancestors(repo, ours))
    base = next((sha for sha in ancestors(repo, theirs) if sha in mine), None)
    before = repo.commits[base].files if base else {}
    left, right = repo.commits[ours].files, repo.commits[theirs].files
    merged: Files = {}
    for path in left.keys() | right.keys():
        old, a, b = before.get(path), left.get(path), right.get(path)
        if a not in (b, old) and b != old:
            return None
        chosen = b if a == old else a
        if chosen is not None:
            merged[path] = chosen
    return merged


def changed_paths(repo: Repository, base: str, head: str) -> list[str]:
    """What head changed since it left base."""
    ours = set(ancestors(repo, base))
    fork = next((sha for sha in ancestors(repo, head) if sha in ours), None)
    old, new = repo.commits[fork].files if fork else {}, repo.commits[head].files
    return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))


def resolve(repo: Repository, ref: str) -> str | None:
    """The commit a branch, a pull request's ref or a (short) name stands for."""
    short = ref.removeprefix("refs/").removeprefix("heads/")
    if short in repo.branches:
        return repo.branches[short]
    parts = short.split("/")
    if len(parts) == 3 and parts[0] == "pull" and parts[1].isdigit() and int(parts[1]) in repo.pulls:
        pull = repo.pulls[int(parts[1])]
        return pull.head.sha if parts[2] == "head" else pull.merge_commit_sha
    if ref in repo.commits:
        return ref
    matches = [sha for sha in repo.commits if len(ref) >= 7 and sha.startswith(ref)]
    return matches[0] if len(matches) == 1 else None
