"""Procfile and app.json together: which processes run, and with which variables."""

import re
from collections.abc import Collection

from reviewbot.model import DEFAULT_SIZE, AppSpec, Process
from reviewbot.spec import app_json as manifests
from reviewbot.spec import procfile as procfiles
from reviewbot.spec.app_json import Manifest, Scale, read_app_json
from reviewbot.spec.placement import SIZES
from reviewbot.spec.problems import START, Report, SpecError, capped, listed, shown
from reviewbot.spec.procfile import Line, read_procfile

MAX_TYPE = 40
_WEB = "web"
_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def parse_app(procfile: bytes | None, app_json: bytes | None, sizes: Collection[str] = SIZES) -> AppSpec:
    """What one commit wants to run, in these sizes; None stands for a file that is not there.

    Raises SpecError with all problems of both files.
    """
    lines_report, manifest_report = Report(procfiles.FILE), Report(manifests.FILE)
    lines = None if procfile is None else read_procfile(procfile, lines_report)
    manifest = Manifest() if app_json is None else read_app_json(app_json, sizes, manifest_report)
    processes: tuple[Process, ...] = ()
    # Half a Procfile would only make its app.json look wrong.
    if not lines_report.problems:
        _check_formation(lines, manifest, manifest_report)
        processes = _processes(lines, manifest, lines_report)
    problems = lines_report.problems + manifest_report.problems
    if problems:
        raise SpecError(problems)
    warnings = capped([str(warning) for warning in lines_report.warnings + manifest_report.warnings])
    return AppSpec(processes, manifest.env, manifest.success_path, tuple(warnings))


def gaps(app: AppSpec) -> tuple[str, ...]:
    """The names of required variables which nothing in the files gives a value."""
    return tuple(var.name for var in app.env if var.required and var.value is None and not var.generated)


def _check_formation(lines: tuple[Line, ...] | None, manifest: Manifest, report: Report) -> None:
    types = [_WEB] if lines is None else [line.type for line in lines]
    for name, scale in manifest.formation.items():
        if name not in types and lines is None:
            report.problem(scale.node.key, "there is no Procfile to define this process", scale.node.path)
        elif name not in types and name != _WEB:
            message = f"no such process in the Procfile, which has {listed(types) or 'none'}"
            report.problem(scale.node.key, message, scale.node.path)
        elif name == _WEB and scale.quantity == 0:
            report.problem(scale.node.key, "with 0 of them nothing would answer", scale.node.path)


def _processes(lines: tuple[Line, ...] | None, manifest: Manifest, report: Report) -> tuple[Process, ...]:
    if lines is None:
        return (_process(_WEB, None, manifest),)
    if _WEB not in [line.type for line in lines]:
        report.problem(START, "there is no web process; add a line such as `web: command`")
    running = [line for line in lines if _quantity(line.type, manifest)]
    for line in running:
        _check_name(line, report)
    return tuple(_process(line.type, line.command, manifest) for line in running)


def _process(name: str, command: str | None, manifest: Manifest) -> Process:
    scale = manifest.formation.get(name)
    return Process(name, command, _quantity(name, manifest), scale.size if scale else DEFAULT_SIZE)


def _quantity(name: str, manifest: Manifest) -> int:
    scale: Scale | None = manifest.formation.get(name)
    return scale.quantity if scale else int(name == _WEB)


def _check_name(line: Line, report: Report) -> None:
    if len(line.type) > MAX_TYPE or not _KUBERNETES_NAME.fullmatch(line.type):
        message = (
            f"process type {shown(line.type)} runs under its name in Kubernetes, which must be of lower-case"
            f" letters, digits and inner -, at most {MAX_TYPE} characters"
        )
        report.problem(line.place, message)
