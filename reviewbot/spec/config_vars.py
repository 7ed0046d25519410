"""Config vars that an administrator gives to a repository, over those of its `app.json`."""

from collections.abc import Mapping
from dataclasses import replace

from reviewbot.model import AppSpec, ConfigVar
from reviewbot.spec.problems import capped, shown
from reviewbot.spec.variables import VARIABLE, is_ours


def with_config_vars(app: AppSpec, given: Mapping[str, bytes], where: str) -> AppSpec:
    """The app with these variables instead of its own of the same names; `where` names their place in a note.

    A note tells of each that is not used, by its name alone.
    """
    used: dict[str, str] = {}
    notes: list[str] = []
    for name, value in sorted(given.items()):
        reason = _unusable(name, value)
        if reason:
            notes.append(f"{where}: {shown(name)} is not used: {reason}")
        else:
            used[name] = value.decode()
    kept = [var for var in app.env if var.name not in used]
    added = [ConfigVar(name, value) for name, value in used.items()]
    env = tuple(sorted([*kept, *added], key=lambda var: var.name))
    return replace(app, env=env, warnings=(*app.warnings, *capped(notes)))


def _unusable(name: str, value: bytes) -> str | None:
    if not VARIABLE.fullmatch(name):
        return "a variable's name has only letters, digits and _, no digit first"
    if is_ours(name):
        return "reviewbot sets this itself"
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "its value is not text"
    return "its value has a NUL character" if "\0" in text else None
