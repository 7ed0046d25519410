"""Kinds of values that only `.github/reviewbot.yml` has."""

import re
from datetime import timedelta
from posixpath import normpath

from reviewbot.model import AddonChoice, CommentPolicy
from reviewbot.spec.image import PLACEHOLDERS, is_reference, template_problems
from reviewbot.spec.kinds import STORAGE, Key, Kind, mapping, matching, settings, text_like
from reviewbot.spec.names import MAX_NAME, is_label
from reviewbot.spec.problems import Place, Report
from reviewbot.spec.tree import Node, is_number, text_of
from reviewbot.spec.urls import is_path
from reviewbot.spec.variables import NAME_RULE, VARIABLE, is_ours

MAX_APP_NAME = 20

# YAML reads a bare on and off as truth values.
_ON_OR_OFF = {True: CommentPolicy.ON, False: CommentPolicy.OFF}
_DURATION = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_NOT_IN_FOLDER = re.compile(r"[\x00-\x1f\x7f\\]")
_SERVICE = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT_NAME = "(?=[0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"


def _image(node: Node, report: Report) -> str | None:
    template = text_of(node, report)
    if template is None:
        return None
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


def _logs(node: Node, report: Report) -> bool | None:
    if node.value == "public":
        return True
    report.problem(node.place, "must be public, or left out", node.path)
    return None


def _comment(node: Node, report: Report) -> CommentPolicy | None:
    if isinstance(node.value, bool):
        return _ON_OR_OFF[node.value]
    if isinstance(node.value, str) and node.value in set(CommentPolicy):
        return CommentPolicy(node.value)
    report.problem(node.place, f"must be one of {', '.join(CommentPolicy)}", node.path)
    return None


IMAGE = Kind(_image, {"type": "string"})
HEALTH = text_like(is_path, "must be a path such as /healthz", "^/(?!/)[^\\s\\\\]*$")
LOGS = Kind(_logs, {"type": "string", "enum": ["public"]})
COMMENT = Kind(_comment, {"type": ["string", "boolean"], "enum": [*map(str, CommentPolicy), True, False]})
SERVED = matching(f"{_SERVICE}(?::(?:{_PORT}|{_PORT_NAME}))?", "must be the name of a Service, or name:port")


def _value(node: Node, report: Report) -> str | None:
    if node.value is None:
        report.problem(node.place, 'has no value; write "" for an empty one', node.path)
        return None
    text = text_of(node, report)
    if text is not None and "\0" in text:
        report.problem(node.place, "must not have a NUL character", node.path)
    return text


def _variable_problem(name: str) -> str | None:
    if not VARIABLE.fullmatch(name):
        return NAME_RULE
    return "reviewbot sets this itself" if is_ours(name) else None


_LABEL_PATTERN = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"


def _label_problem(name: str, most: int = MAX_NAME) -> str | None:
    if is_label(name, most):
        return None
    return f"a name has only lower-case letters, digits and inner -, at most {most} characters"


ENV = mapping(_variable_problem, Kind(_value, {"type": "string"}), {"pattern": f"^{VARIABLE.pattern}$"})
SIZE = matching("[A-Za-z0-9][A-Za-z0-9.-]*", "must be the name of a size such as standard-2x")
SIZES = mapping(lambda _: None, SIZE, {"type": "string"})


def folder(*, root: bool) -> Kind:
    """A folder of the repository, without a slash at its end; with `root` also the repository itself, as ""."""

    def read(node: Node, report: Report) -> str | None:
        text = text_of(node, report)
        if text is None:
            return None
        path = normpath(text) if text else "."
        usable = not text.startswith("/") and ".." not in text.split("/") and not _NOT_IN_FOLDER.search(text)
        if not usable or not text or (path == "." and not root):
            report.problem(node.place, "must be a folder of the repository, such as deploy/preview", node.path)
            return None
        return "" if path == "." else path

    return Kind(read, {"type": "string", "pattern": "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\\\]+$"})


def duration(most: timedelta) -> Kind:
    """A time up to so long, in seconds or with a unit."""
    hours, minutes = divmod(int(most.total_seconds()) // 60, 60)
    limit = f"{hours}h" if hours else f"{minutes}m"

    def read(node: Node, report: Report) -> timedelta | None:
        found = _time(node)
        if found is not None and timedelta(0) < found <= most:
            return found
        message = f"must be a time in seconds, or such as 90s, 10m or 1h; at most {limit}"
        report.problem(node.place, message, node.path)
        return None

    schema = {"type": ["integer", "string"], "minimum": 1, "maximum": int(most.total_seconds())}
    return Kind(read, schema | {"pattern": "^[0-9]{1,6}[smh]$"})


def _time(node: Node) -> timedelta | None:
    if isinstance(node.value, int) and is_number(node.value):
        return timedelta(seconds=node.value)
    match = _DURATION.fullmatch(node.value) if isinstance(node.value, str) else None
    return timedelta(**{_UNITS[match["unit"]]: int(match["number"])}) if match else None


_ADDON_KEYS = settings({"size": Key(SIZE, "How much it gets."), "storage": Key(STORAGE, "How large its volume is.")})


def _addon(node: Node, report: Report) -> AddonChoice | None:
    if node.value is None or isinstance(node.value, bool):
        return AddonChoice(wanted=node.value is not False)
    if not isinstance(node.value, dict):
        report.problem(node.place, "must be off, or settings such as `size: …`", node.path)
        return None
    return AddonChoice(**(_ADDON_KEYS.read(node, report) or {}))


_CHOICE = Kind(_addon, _ADDON_KEYS.schema | {"type": ["object", "boolean", "null"]})
ADDONS = mapping(_label_problem, _CHOICE, {"pattern": _LABEL_PATTERN, "maxLength": MAX_NAME})


def apps(app: Kind) -> Kind:
    """Apps by name."""
    names = {"pattern": _LABEL_PATTERN, "maxLength": MAX_APP_NAME}
    return mapping(lambda name: _label_problem(name, MAX_APP_NAME), app, names)
