"""Procfile, app.json and the repository's settings together: what runs, and with which variables."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from posixpath import join

from reviewbot.model import DEFAULT_SIZE, AppSpec, Process, RepositoryConfig, Script, Service
from reviewbot.spec import app_json as manifests
from reviewbot.spec import procfile as procfiles
from reviewbot.spec.app_json import Manifest, read_app_json
from reviewbot.spec.app_json.scripts import POSTDEPLOY, PREDESTROY
from reviewbot.spec.catalogue import BUILT_IN
from reviewbot.spec.configured import configured
from reviewbot.spec.names import MAX_NAME, is_label
from reviewbot.spec.placement import SIZES
from reviewbot.spec.problems import START, Problem, Report, SpecError, listed, shown
from reviewbot.spec.procfile import RELEASE, Line, read_procfile

_WEB = "web"
_UNSAID = RepositoryConfig()


def parse_app(
    procfile: bytes | None,
    app_json: bytes | None,
    sizes: Collection[str] = SIZES,
    catalogue: Mapping[str, Service] = BUILT_IN,
    config: RepositoryConfig = _UNSAID,
    folder: str = "",
) -> AppSpec:
    """What one commit wants to run, in these sizes, with these add-ons; None stands for a file that is not there.

    `folder` is where the files are. What an add-on provides is not among the variables. Raises SpecError with all
    problems of both files.
    """
    lines_report, manifest_report = (Report(join(folder, name)) for name in (procfiles.FILE, manifests.FILE))
    lines = None if procfile is None else read_procfile(procfile, lines_report)
    manifest = Manifest() if app_json is None else read_app_json(app_json, sizes, catalogue, manifest_report)
    processes: tuple[Process, ...] = ()
    # Half a Procfile would only make its app.json look wrong; beside manifests no processes run.
    if not lines_report.problems and config.manifests is None:
        _check_formation(lines, manifest, manifest_report)
        processes = _processes(lines, manifest, lines_report)
    problems = lines_report.problems + manifest_report.problems
    if problems:
        raise SpecError(problems)
    app = configured(_app(processes, lines, manifest), config, sizes)
    _warn_unused(app, manifest, manifest_report)
    return replace(app, warnings=(*lines_report.warnings, *manifest_report.warnings, *app.warnings))


def gap_problems(app: AppSpec, advice: str) -> tuple[Problem, ...]:
    """What to tell the author of each of the `gaps`, with some advice after it."""
    missing = set(gaps(app))
    found = [var.gap for var in app.env if var.name in missing and var.gap]
    return tuple(replace(gap, message=f"{gap.message}{advice}") for gap in found)


def gaps(app: AppSpec) -> tuple[str, ...]:
    """The names of required variables which neither the files nor an add-on give a value."""
    return tuple(var.name for var in app.env if var.required and var.value is None and not var.generated)


def _app(processes: tuple[Process, ...], lines: tuple[Line, ...] | None, manifest: Manifest) -> AppSpec:
    commands = {line.type: line.command for line in lines or ()}
    scale = manifest.formation.get(RELEASE)
    size = scale.size if scale else DEFAULT_SIZE
    return AppSpec(
        processes=processes,
        env=manifest.env,
        success_path=manifest.success_path,
        release=Script(commands[RELEASE], size) if RELEASE in commands else None,
        postdeploy=manifest.scripts.get(POSTDEPLOY),
        predestroy=manifest.scripts.get(PREDESTROY),
        addons=manifest.addons,
        about=manifest.about,
    )


def _check_formation(lines: tuple[Line, ...] | None, manifest: Manifest, report: Report) -> None:
    types = [_WEB] if lines is None else [line.type for line in lines if line.type != RELEASE]
    for name, scale in manifest.formation.items():
        if name == RELEASE:
            continue
        if name not in types and lines is None:
            report.problem(scale.node.key, "there is no Procfile to define this process", scale.node.path)
        elif name not in types and name != _WEB:
            message = f"no such process in the Procfile, which has {listed(types) or 'none'}"
            report.problem(scale.node.key, message, scale.node.path)
        elif name == _WEB and scale.quantity == 0:
            report.problem(scale.node.key, "with 0 of them nothing would answer", scale.node.path)


def _warn_unused(app: AppSpec, manifest: Manifest, report: Report) -> None:
    running = {process.type for process in app.processes}
    for name in manifest.checks.keys() - running:
        node = manifest.entry("healthchecks", name)
        report.warn(node.key, "not used, as no such process runs", node.path)
    if RELEASE in manifest.formation and app.release is None:
        node = manifest.formation[RELEASE].node
        report.warn(node.key, "not used, as the Procfile has no release", node.path)
    provided = {addon.variable: addon.name for addon in app.addons}
    for var in manifest.env:
        if var.name in provided and (var.generated or var.value is not None):
            node = manifest.entry("env", var.name)
            report.warn(node.key, f"not used, as the add-on {provided[var.name]} gives its own", node.path)


def _processes(lines: tuple[Line, ...] | None, manifest: Manifest, report: Report) -> tuple[Process, ...]:
    if lines is None:
        return (_process(_WEB, None, manifest),)
    if _WEB not in [line.type for line in lines]:
        report.problem(START, "there is no web process; add a line such as `web: command`")
    running = [line for line in lines if line.type != RELEASE and _quantity(line.type, manifest)]
    for line in running:
        _check_name(line, report)
    return tuple(_process(line.type, line.command, manifest) for line in running)


def _process(name: str, command: str | None, manifest: Manifest) -> Process:
    scale = manifest.formation.get(name)
    size = scale.size if scale else DEFAULT_SIZE
    return Process(name, command, _quantity(name, manifest), size, manifest.checks.get(name, ()))


def _quantity(name: str, manifest: Manifest) -> int:
    scale = manifest.formation.get(name)
    return scale.quantity if scale else int(name == _WEB)


def _check_name(line: Line, report: Report) -> None:
    if not is_label(line.type):
        message = (
            f"process type {shown(line.type)} runs under its name in Kubernetes, which must be of lower-case"
            f" letters, digits and inner -, at most {MAX_NAME} characters"
        )
        report.problem(line.place, message)
