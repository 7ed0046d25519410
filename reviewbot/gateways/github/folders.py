"""A folder of a commit: trees down to it, then a blob for each file, and no more of them than a preview can use."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from reviewbot.errors import GiveUp, Unseen
from reviewbot.gateways.github.payloads import Payload, parse
from reviewbot.model import Folder, Sha
from reviewbot.spec.problems import shown

MAX_FILES = 50
# As much as a ConfigMap can hold.
MAX_KB = 900

# Path below the repository and query -> the body, None if there is nothing.
Get = Callable[[str, Mapping[str, str]], Any]

_SYMLINK = "120000"
_KINDS = {"tree": "folder", "blob": "file", "commit": "submodule"}


class _Entry(Payload):
    path: str
    mode: str
    type: str
    sha: str
    size: int = 0

    @property
    def kind(self) -> str:
        """In a word for people."""
        return "symbolic link" if self.mode == _SYMLINK else _KINDS.get(self.type, self.type)


class _Tree(Payload):
    tree: tuple[_Entry, ...]
    truncated: bool


class _Blob(Payload):
    content: str
    encoding: str


def read_folder(get: Get, path: str, sha: Sha) -> Folder:
    """Every file below the path. GiveUp if there is no such folder, or too much in it."""
    name = path.strip("/")
    entries = _below(get, name, sha)
    files = [entry for entry in entries if entry.kind == "file"]
    if len(files) > MAX_FILES:
        raise GiveUp(f"`{shown(name)}` has {len(files)} files; a preview may have at most {MAX_FILES}.")
    if sum(entry.size for entry in files) > MAX_KB * 1024:
        raise GiveUp(f"The files in `{shown(name)}` are larger than {MAX_KB} KB together.")
    links = {entry.path: entry.kind for entry in entries if entry.kind not in ("file", "folder")}
    return Folder(name, {entry.path: _blob(get, entry) for entry in files}, links)


def _below(get: Get, name: str, sha: Sha) -> tuple[_Entry, ...]:
    tree: str = sha
    for part in name.split("/") if name else ():
        tree = _folder(_entries(get, tree, name, {}), part, name).sha
    return _entries(get, tree, name, {"recursive": "1"})


def _folder(entries: tuple[_Entry, ...], part: str, name: str) -> _Entry:
    found = next((entry for entry in entries if entry.path == part), None)
    if found is None:
        raise GiveUp(f"There is no folder `{shown(name)}` in the commit.")
    if found.kind != "folder":
        raise GiveUp(f"`{shown(part)}` in the path `{shown(name)}` is a {found.kind}, not a folder.")
    return found


def _entries(get: Get, sha: str, name: str, query: Mapping[str, str]) -> tuple[_Entry, ...]:
    found = get(f"git/trees/{sha}", query)
    if found is None:
        raise Unseen("GitHub does not show the commit's files")
    tree = parse(_Tree, found)
    if tree.truncated:
        raise GiveUp(f"There are more files in `{shown(name)}` or beside it than GitHub lists.")
    return tree.tree


def _blob(get: Get, entry: _Entry) -> bytes:
    found = get(f"git/blobs/{entry.sha}", {})
    blob = parse(_Blob, found) if found is not None else None
    if blob is None or blob.encoding != "base64":
        raise Unseen(f"GitHub does not show {entry.path}")
    try:
        return base64.b64decode(blob.content)
    except (binascii.Error, ValueError):
        raise Unseen(f"GitHub sent {entry.path} garbled") from None
