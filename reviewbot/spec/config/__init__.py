"""`.github/reviewbot.yml` of the base branch: our own file, so whatever it does not know is a mistake."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from reviewbot.model import App, ChecksPolicy, CommentPolicy, Limits, RepositoryConfig, ScopePolicy
from reviewbot.spec.config.keys import APP_KEYS, CONFIG
from reviewbot.spec.problems import Report, SpecError, Stopped
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node, entries
from reviewbot.spec.yaml_tree import read_yaml

FILE = ".github/reviewbot.yml"
MAX_KB = 64
MAX_APPS = 10


def parse_config(text: bytes | None) -> RepositoryConfig:
    """The repository's settings; None stands for a file that is not there.

    Raises SpecError with all problems.
    """
    report = Report(FILE)
    config = RepositoryConfig()
    if text is not None:
        with suppress(Stopped):
            config = _read(read_yaml(read_source(text, MAX_KB, report), report), report)
    if report.problems:
        raise SpecError(report.problems)
    return config


def _read(root: Node | None, report: Report) -> RepositoryConfig:
    if root is None or root.value is None:
        return RepositoryConfig()
    values = CONFIG.read(root, report) or {}
    own = {name: _merged(values, app) for name, app in values.get("apps", {}).items()}
    _check_whole(root, values, own, report)
    apps = {name: App(app.get("path", ""), _config(app), app.get("paths", ())) for name, app in own.items()}
    return replace(_config(values), apps=apps)


def _merged(top: dict[str, Any], app: dict[str, Any]) -> dict[str, Any]:
    """What the app says over what is said for all; of what has names of its own, name by name."""
    merged = {name: value for name, value in top.items() if name != "apps"} | app
    named = {name for name in APP_KEYS if isinstance(merged.get(name), dict)}
    for name in named:
        merged[name] = {**top.get(name, {}), **app.get(name, {})}
    return merged


def _check_whole(root: Node, values: dict[str, Any], apps: dict[str, dict[str, Any]], report: Report) -> None:
    nodes = entries(entries(root)["apps"]) if apps else {}
    if len(nodes) > MAX_APPS:
        report.problem(list(nodes.values())[MAX_APPS].key, f"more than {MAX_APPS} apps", ("apps",))
    _check_serve(root, values, report)
    for name, merged in apps.items():
        _check_serve(nodes[name], merged, report)


def _check_serve(node: Node, merged: Mapping[str, Any], report: Report) -> None:
    serve = entries(node).get("serve")
    if serve is not None and serve.value is not None and "manifests" not in merged:
        report.problem(serve.key, "names a Service, but there are no `manifests`", serve.path)


def _config(values: Mapping[str, Any]) -> RepositoryConfig:
    limits = {name.removeprefix("pr_"): limit for name, limit in values.get("limits", {}).items()}
    plain = {name: values[name] for name in APP_KEYS if name != "limits" and name in values}
    return RepositoryConfig(
        **plain,
        limits=Limits(**limits),
        checks=ChecksPolicy(**values.get("checks", {})),
        scope=ScopePolicy(**values.get("pull_requests", {})),
        comment=values.get("comment", CommentPolicy.ON),
        public_logs=values.get("logs", False),
    )
