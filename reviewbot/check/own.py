"""Manifests in a working copy: plain ones read as for a release, of a kustomization what it refers to."""

from collections.abc import Iterator
from pathlib import Path

from reviewbot.errors import GiveUp
from reviewbot.manifests import Into, check_kustomization, is_kustomization, own_objects, read
from reviewbot.model import AppSpec, Folder, Problem, Release, RepositoryConfig, Sha
from reviewbot.spec import SpecError
from reviewbot.spec.problems import shown

_SHA = Sha("0" * 40)


def check_manifests(
    root: Path, config: RepositoryConfig, app: AppSpec, settings: str
) -> tuple[list[str], list[Problem]]:
    """What would be applied, in words, and what is wrong with it; `settings` is the file that names the folder."""
    path = config.manifests or ""
    if not (root / path).is_dir():
        return [], [Problem(settings, 1, 1, f"there is no folder {shown(path)}")]
    folder = _folder(root, path)
    try:
        if is_kustomization(folder):
            check_kustomization(folder)
            return ["a kustomization, rendered in the preview"], []
        # What a preview would fill in has no part in whether it can be used.
        release = Release(f"{_SHA[:7]}-{'0' * 10}", _SHA, "image", (), {}, (), None)
        into = Into(release, "", "host", [addon.name for addon in app.addons])
        made = own_objects(read(folder), into, config.serve)
    except SpecError as error:
        return [], list(error.problems)
    except GiveUp as unusable:
        return [], [Problem(settings, 1, 1, unusable.sentence)]
    return [f"{kind} {name.removesuffix(f'-{release.id}')}" for kind, name in sorted(made.names)], []


def _folder(root: Path, path: str) -> Folder:
    files: dict[str, bytes] = {}
    links: dict[str, str] = {}
    for each in _entries(root / path):
        name = each.relative_to(root / path).as_posix()
        if each.is_symlink():
            links[name] = "symbolic link"
        elif each.is_dir():
            links[name] = "submodule"
        else:
            files[name] = each.read_bytes()
    return Folder(path, files, links)


def _entries(folder: Path) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        if each.is_dir() and not each.is_symlink() and not (each / ".git").exists():
            yield from _entries(each)
        else:
            yield each
