"""What `reviewbot check` shows. Of variables the names and where they come from, never the values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewbot.model import AppSpec, ConfigVar, Process, RepositoryConfig, Script
from reviewbot.spec import Problem
from reviewbot.spec.problems import capped, shown

_WIDTH = 15
_COMMAND = 80


@dataclass(frozen=True)
class Checked:
    """One app of the repository, under its name if there are several; None where its files cannot be used.

    `objects` are the repository's own, in words.
    """

    name: str
    config: RepositoryConfig
    spec: AppSpec | None
    objects: tuple[str, ...] = ()


def told(apps: Sequence[Checked], problems: Sequence[Problem]) -> str:
    """Each app, and then every problem in a line of its own."""
    parts = ["\n".join(_app(app)) for app in apps if app.spec or app.name]
    if problems:
        parts.append("\n".join([*map(str, problems), f"{_counted(len(problems), 'problem')}"]))
    return "\n\n".join(parts)


def _app(app: Checked) -> list[str]:
    title = [f"app {app.name}"] if app.name else []
    if app.spec is None:
        return [*title, "cannot be deployed, see below"]
    spec = app.spec
    scripts = {"release": spec.release, "postdeploy": spec.postdeploy, "pr-predestroy": spec.predestroy}
    return [
        *title,
        *_row("processes", map(_process, spec.processes)),
        *_row("objects", app.objects),
        *(line for name, script in scripts.items() for line in _row(name, _script(script))),
        *_row("add-ons", [f"{each.name}: {each.service.image}, told by {each.variable}" for each in spec.addons]),
        *_row("variables", _variables(spec, app.config)),
        *_row("warnings", capped([str(warning) for warning in spec.warnings])),
    ]


def _process(process: Process) -> str:
    command = "the image's own entry point" if process.command is None else shown(process.command, _COMMAND)
    checks = [f"{check.kind} {shown(check.path or ' '.join(check.command) or 'port')}" for check in process.checks]
    more = f" ({', '.join(checks)})" if checks else ""
    return f"{process.type} x{process.quantity} {process.size}: {command}{more}"


def _script(script: Script | None) -> list[str]:
    return [f"{script.size}: {shown(script.command, _COMMAND)}"] if script else []


def _variables(spec: AppSpec, config: RepositoryConfig) -> list[str]:
    provided = {each.variable: f"the add-on {each.name}" for each in spec.addons}
    sources = provided | {var.name: _source(var, config) for var in spec.env}
    return [f"{name}: {source}" for name, source in sorted(sources.items())]


def _source(var: ConfigVar, config: RepositoryConfig) -> str:
    if var.name in config.env:
        return ".github/reviewbot.yml"
    if var.generated:
        return "generated once for each preview"
    if var.value is not None:
        return "app.json"
    return "required; whoever runs the cluster has to give it" if var.required else "not set"


def _row(name: str, lines: Iterable[str]) -> list[str]:
    return [f"{'' if number else name:{_WIDTH}}{line}" for number, line in enumerate(lines)]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
