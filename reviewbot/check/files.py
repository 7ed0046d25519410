"""Files of a working copy, as GitHub would show them of a commit."""

from pathlib import Path

from reviewbot.spec import Problem

# More than any of the files may have, so that what is too long is seen to be.
_MOST = 2 * 1024 * 1024


class Unusable(Exception):
    """There is something of that name, and it is no file."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.problem = Problem(name, 1, 1, reason)


def read(root: Path, name: str) -> bytes | None:
    """The file's bytes, None if there is none. A symbolic link is followed where GitHub would follow it.

    Raises Unusable.
    """
    try:
        return _read(root, name)
    except OSError as error:
        raise Unusable(name, f"cannot be read: {error.strerror}") from None


def _read(root: Path, name: str) -> bytes | None:
    path = root / name
    for parent in path.relative_to(root).parents:
        if (root / parent).is_symlink():
            raise Unusable(name, f"is below the symbolic link {parent}, which GitHub does not follow")
    if path.is_symlink():
        path = _target(root, path, name)
    if not path.exists():
        return None
    if (path / ".git").exists():
        raise Unusable(name, "is a submodule, not a file")
    if path.is_dir():
        raise Unusable(name, "is a folder, not a file")
    if not path.is_file():
        raise Unusable(name, "is not an ordinary file")
    with path.open("rb") as file:
        return file.read(_MOST)


def _target(root: Path, link: Path, name: str) -> Path:
    try:
        target = link.resolve(strict=True)
    except FileNotFoundError:
        raise Unusable(name, "is a symbolic link that leads nowhere") from None
    except (OSError, RuntimeError):
        raise Unusable(name, "is a symbolic link that leads back to itself") from None
    if not target.is_relative_to(root.resolve()):
        raise Unusable(name, "is a symbolic link that leads out of the repository")
    return target
