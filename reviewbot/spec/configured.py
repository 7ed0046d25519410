"""The repository's settings applied to what its files say; they have no places, so notes name their keys."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from reviewbot.model import Addon, AddonChoice, AppSpec, ConfigVar, Process, RepositoryConfig
from reviewbot.spec.config import FILE
from reviewbot.spec.problems import listed, shown
from reviewbot.spec.procfile import RELEASE


def configured(app: AppSpec, config: RepositoryConfig, sizes: Collection[str]) -> AppSpec:
    """The app with its add-ons, sizes and variables as the settings have them, and a note for each without effect.

    A variable that an add-on provides is not among `env` any more.
    """
    notes: list[str] = []
    addons = _addons(app.addons, config.addons, sizes, notes)
    known = _known_sizes(app, config, sizes, notes)
    provided = {addon.variable: addon.name for addon in addons}
    notes += [
        f"{FILE}: env.{name}: not used, as the add-on {provided[name]} gives its own"
        for name in sorted(provided.keys() & config.env.keys())
    ]
    release = app.release
    return replace(
        app,
        processes=tuple(_sized(process, known) for process in app.processes),
        release=replace(release, size=known.get(RELEASE, release.size)) if release else None,
        env=_env(app.env, config.env, provided),
        addons=addons,
        warnings=(*app.warnings, *notes),
    )


def _env(env: tuple[ConfigVar, ...], over: Mapping[str, str], provided: Collection[str]) -> tuple[ConfigVar, ...]:
    found = {var.name: var for var in env} | {name: ConfigVar(name, value) for name, value in over.items()}
    return tuple(found[name] for name in sorted(found) if name not in provided)


def _sized(process: Process, sizes: Mapping[str, str]) -> Process:
    return replace(process, size=sizes.get(process.type, process.size))


def _known_sizes(app: AppSpec, config: RepositoryConfig, sizes: Collection[str], notes: list[str]) -> dict[str, str]:
    types = [process.type for process in app.processes] + [RELEASE] * bool(app.release)
    found: dict[str, str] = {}
    for name, size in config.sizes.items():
        if name not in types:
            notes.append(f"{FILE}: sizes.{shown(name)}: not used, as no such process runs; there is {listed(types)}")
        elif _is_known(size, sizes, f"sizes.{shown(name)}", notes):
            found[name] = size.lower()
    return found


def _addons(
    addons: tuple[Addon, ...], choices: Mapping[str, AddonChoice], sizes: Collection[str], notes: list[str]
) -> tuple[Addon, ...]:
    names = [addon.name for addon in addons]
    for name in choices:
        if name not in names:
            there = f"there is {listed(names)}" if names else "there is none"
            notes.append(f"{FILE}: addons.{shown(name)}: not used, as app.json has no such add-on; {there}")
    chosen = [(addon, choices.get(addon.name, AddonChoice())) for addon in addons]
    return tuple(_addon(addon, choice, sizes, notes) for addon, choice in chosen if choice.wanted)


def _addon(addon: Addon, choice: AddonChoice, sizes: Collection[str], notes: list[str]) -> Addon:
    service = replace(addon.service, storage=choice.storage or addon.service.storage)
    if choice.size and _is_known(choice.size, sizes, f"addons.{addon.name}.size", notes):
        service = replace(service, size=choice.size.lower())
    return replace(addon, service=service)


def _is_known(size: str, sizes: Collection[str], key: str, notes: list[str]) -> bool:
    if size.lower() in sizes:
        return True
    notes.append(f"{FILE}: {key}: unknown size {shown(size)}, not used; known are {listed(sorted(sizes))}")
    return False
