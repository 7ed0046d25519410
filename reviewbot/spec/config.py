"""`.github/reviewbot.yml` of the base branch: our own file, so whatever it does not know is a mistake."""

from contextlib import suppress
from dataclasses import replace

from reviewbot.model import ChecksPolicy, CommentPolicy, RepositoryConfig, ScopePolicy
from reviewbot.spec.image import PLACEHOLDERS, is_reference, template_problems
from reviewbot.spec.problems import Place, Report, SpecError, Stopped
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node, refuse_unknown, text_of, whole_number
from reviewbot.spec.urls import is_path
from reviewbot.spec.yaml_tree import read_yaml

FILE = ".github/reviewbot.yml"
MAX_KB = 64
MAX_QUIET = 600
MAX_PORT = 65535
MAX_USER = 999_999_999

_KEYS = ("image", "health", "port", "run_as_user", "checks", "pull_requests", "comment", "logs")
_CHECKS_KEYS = ("require", "ignore", "quiet")
_SCOPE_KEYS = ("drafts", "bots", "branches", "labels", "skip_labels", "ignore_paths")
# YAML reads a bare on and off as truth values.
_ON_OR_OFF = {True: CommentPolicy.ON, False: CommentPolicy.OFF}


def parse_config(text: bytes | None) -> RepositoryConfig:
    """The repository's settings; None stands for a file that is not there.

    Raises SpecError with all problems.
    """
    report = Report(FILE)
    config = RepositoryConfig()
    if text is not None:
        with suppress(Stopped):
            config = _config(read_yaml(read_source(text, MAX_KB, report), report), report)
    if report.problems:
        raise SpecError(report.problems)
    return config


def _config(root: Node | None, report: Report) -> RepositoryConfig:
    keys = _settings(root, _KEYS, report)
    return RepositoryConfig(
        image=_image(keys, report),
        health=_health(keys, report),
        port=_number(keys, "port", MAX_PORT, report) or RepositoryConfig.port,
        run_as_user=_number(keys, "run_as_user", MAX_USER, report),
        checks=_checks(keys.get("checks"), report),
        scope=_scope(keys.get("pull_requests"), report),
        comment=_comment(keys.get("comment"), report),
        public_logs=_public_logs(keys, report),
    )


def _settings(node: Node | None, known: tuple[str, ...], report: Report) -> dict[str, Node]:
    """The keys that have a value: one with nothing after its colon is as good as left out."""
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        report.problem(node.place, f"must be settings such as `{known[0]}: …`", node.path)
        return {}
    refuse_unknown(node.value, known, report)
    return {name: child for name, child in node.value.items() if child.value is not None}


def _image(keys: dict[str, Node], report: Report) -> str | None:
    template = text_of(keys["image"], report) if "image" in keys else None
    if template is None:
        return None
    node = keys["image"]
    problems = template_problems(template)
    for offset, message in problems:
        report.problem(_within(node, offset), message, node.path)
    if not problems and not is_reference(_sample(template)):
        report.problem(node.place, "would not make a valid image reference", node.path)
    return template


def _sample(template: str) -> str:
    for name in PLACEHOLDERS:
        template = template.replace(f"{{{name}}}", "0" * 40 if name.endswith("sha") else "1")
    return template


def _within(node: Node, offset: int) -> Place:
    if node.inset is None:
        return node.place
    return Place(node.place.line, node.place.column + node.inset + offset)


def _health(keys: dict[str, Node], report: Report) -> str | None:
    path = text_of(keys["health"], report) if "health" in keys else None
    if path is not None and not is_path(path):
        report.problem(keys["health"].place, "must be a path such as /healthz", keys["health"].path)
    return path


def _number(keys: dict[str, Node], name: str, most: int, report: Report) -> int | None:
    return whole_number(keys[name], most, report, least=1) if name in keys else None


def _public_logs(keys: dict[str, Node], report: Report) -> bool:
    if "logs" not in keys:
        return False
    if keys["logs"].value != "public":
        report.problem(keys["logs"].place, "must be public, or left out", keys["logs"].path)
    return True


def _checks(node: Node | None, report: Report) -> ChecksPolicy:
    keys = _settings(node, _CHECKS_KEYS, report)
    quiet = whole_number(keys["quiet"], MAX_QUIET, report) if "quiet" in keys else None
    return ChecksPolicy(_names(keys.get("require"), report), _names(keys.get("ignore"), report), quiet)


def _scope(node: Node | None, report: Report) -> ScopePolicy:
    keys = _settings(node, _SCOPE_KEYS, report)
    policy = ScopePolicy(
        drafts=_truth(keys.get("drafts"), report),
        bots=_truth(keys.get("bots"), report),
        branches=_names(keys.get("branches"), report),
        labels=_names(keys.get("labels"), report),
        skip_labels=_names(keys.get("skip_labels"), report),
    )
    # An empty list says that every path counts.
    named = "ignore_paths" in keys
    return replace(policy, ignore_paths=_names(keys["ignore_paths"], report)) if named else policy


def _comment(node: Node | None, report: Report) -> CommentPolicy:
    if node is None:
        return CommentPolicy.ON
    if isinstance(node.value, bool):
        return _ON_OR_OFF[node.value]
    if node.value not in set(CommentPolicy):
        report.problem(node.place, f"must be one of {', '.join(CommentPolicy)}", node.path)
        return CommentPolicy.ON
    return CommentPolicy(node.value)


def _truth(node: Node | None, report: Report) -> bool:
    if node is not None and not isinstance(node.value, bool):
        report.problem(node.place, "must be true or false", node.path)
    return node is not None and node.value is True


def _names(node: Node | None, report: Report) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, tuple):
        report.problem(node.place, "must be a list of names such as [build, test]", node.path)
        return ()
    names: list[str] = []
    for child in node.value:
        name = text_of(child, report)
        if name is not None and not name.strip():
            report.problem(child.place, "must not be empty", child.path)
        names.append(name or "")
    return tuple(names)
