"""`reviewbot check`: a working copy read as reviewbot would read the commit, without network or settings."""

from dataclasses import dataclass
from pathlib import Path
from posixpath import join

from reviewbot.check.files import Unusable, read
from reviewbot.check.own import check_manifests
from reviewbot.check.text import Checked, told
from reviewbot.model import AppSpec, RepositoryConfig
from reviewbot.spec import Problem, SpecError, parse_app, parse_config
from reviewbot.spec.problems import shown

CONFIG = ".github/reviewbot.yml"


@dataclass(frozen=True)
class Outcome:
    """What is shown, and whether everything can be used."""

    text: str
    fine: bool


def check(root: Path) -> Outcome:
    """Read the files below the folder, and tell what would be deployed and every problem."""
    problems: list[Problem] = []
    config = _config(root, problems)
    apps = [_checked(root, name, app.path, app.config, problems) for name, app in config.apps.items()]
    apps = apps or [_checked(root, "", "", config, problems)]
    return Outcome(told(apps, problems), not problems)


def _checked(root: Path, name: str, path: str, config: RepositoryConfig, problems: list[Problem]) -> Checked:
    app = _files(root, path, config, problems)
    if app is None or config.manifests is None:
        return Checked(name, config, app)
    objects, unusable = check_manifests(root, config, app, CONFIG)
    problems += unusable
    return Checked(name, config, None if unusable else app, tuple(objects))


def _config(root: Path, problems: list[Problem]) -> RepositoryConfig:
    text = _read(root, CONFIG, problems)
    try:
        return parse_config(text)
    except SpecError as error:
        problems += error.problems
        return RepositoryConfig()


def _files(root: Path, folder: str, config: RepositoryConfig, problems: list[Problem]) -> AppSpec | None:
    if not (root / folder).is_dir():
        problems.append(Problem(CONFIG, 1, 1, f"there is no folder {shown(folder)}"))
        return None
    unusable: list[Problem] = []
    procfile, app_json = (_read(root, join(folder, name), unusable) for name in ("Procfile", "app.json"))
    if unusable:
        problems += unusable
        return None
    try:
        return parse_app(procfile, app_json, config=config, folder=folder)
    except SpecError as error:
        problems += error.problems
        return None


def _read(root: Path, name: str, problems: list[Problem]) -> bytes | None:
    try:
        return read(root, name)
    except Unusable as unusable:
        problems.append(unusable.problem)
        return None
