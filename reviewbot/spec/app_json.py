"""Heroku's `app.json`: the part that a preview uses. Its other known keys are accepted and ignored."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from reviewbot.model import DEFAULT_SIZE, ConfigVar
from reviewbot.spec.json_tree import read_json
from reviewbot.spec.problems import Report, Stopped, listed
from reviewbot.spec.procfile import RELEASE
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node, is_number, members, text_of, warn_unknown, whole_number
from reviewbot.spec.urls import path_of

FILE = "app.json"
MAX_KB = 1024
MAX_QUANTITY = 10
# Whatever every release is told, see render/release.py; a value of the repository's own would be lost.
OURS = frozenset(
    {
        "PORT",
        "HEROKU_APP_ID",
        "HEROKU_APP_NAME",
        "HEROKU_BRANCH",
        "HEROKU_PR_NUMBER",
        "HEROKU_RELEASE_VERSION",
        "HEROKU_SLUG_COMMIT",
        "HEROKU_SLUG_DESCRIPTION",
    }
)
OUR_PREFIX = "REVIEWBOT_"

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENVIRONMENTS = frozenset({"test", "review"})
_VAR_KEYS = frozenset({"description", "value", "required", "generator"})
_IGNORED = {
    "name",
    "description",
    "keywords",
    "website",
    "repository",
    "logo",
    "buildpacks",
    "stack",
    "image",
}
_NOT_YET = {"scripts": "scripts are not run yet", "addons": "add-ons are not set up yet"}
_KEYS = frozenset({"env", "formation", "environments", "success_url", "$schema"} | _IGNORED | set(_NOT_YET))


@dataclass(frozen=True)
class Scale:
    """How many of a process type to run, of which size, and where it says so."""

    quantity: int
    node: Node
    size: str = DEFAULT_SIZE


@dataclass(frozen=True)
class Manifest:
    """What app.json asks for in a review app."""

    env: tuple[ConfigVar, ...] = ()
    formation: Mapping[str, Scale] = field(default_factory=dict)
    success_path: str = "/"


def read_app_json(data: bytes, sizes: Collection[str], report: Report) -> Manifest:
    """What the file says, where processes may be of these sizes; what is wrong with it goes to the report."""
    with suppress(Stopped):
        base = members(read_json(read_source(data, MAX_KB, report), report), report)
        keys = {**base, **_review(base, report)}
        _warn_keys(keys, report)
        return Manifest(_env(keys, report), _formation(keys, sizes, report), _success_path(keys, report))
    return Manifest()


def is_ours(name: str) -> bool:
    """Whether reviewbot sets this variable itself, whatever the file says."""
    return name in OURS or name.startswith(OUR_PREFIX)


def _review(base: dict[str, Node], report: Report) -> dict[str, Node]:
    if "environments" not in base:
        return {}
    environments = members(base["environments"], report)
    for name, node in environments.items():
        if name not in _ENVIRONMENTS:
            report.problem(node.key, "unknown environment; known are test and review", node.path)
    review = members(environments["review"], report) if "review" in environments else {}
    if "environments" in review:
        node = review["environments"]
        report.warn(node.key, "environments do not nest, ignored", node.path)
    if "env" in base and "env" in review:
        _warn_dropped(base["env"], review["env"], report)
    return review


def _warn_dropped(base: Node, review: Node, report: Report) -> None:
    if not isinstance(base.value, dict) or not isinstance(review.value, dict):
        return
    dropped = [
        name
        for name, node in base.value.items()
        if name not in review.value and not is_ours(name) and _is_required(node)
    ]
    if dropped:
        message = f"replaces the whole of env, and so drops {listed(sorted(dropped))}"
        report.warn(review.key, message, review.path)


def _is_required(node: Node) -> bool:
    required = node.value.get("required") if isinstance(node.value, dict) else None
    return required is None or required.value is not False


def _warn_keys(keys: dict[str, Node], report: Report) -> None:
    warn_unknown(keys, _KEYS, report)
    for name, message in _NOT_YET.items():
        if name in keys and keys[name].value:
            report.warn(keys[name].key, message, keys[name].path[:-1])


def _env(keys: dict[str, Node], report: Report) -> tuple[ConfigVar, ...]:
    if "env" not in keys:
        return ()
    found: list[ConfigVar] = []
    for name, node in members(keys["env"], report).items():
        if not VARIABLE.fullmatch(name):
            report.problem(node.key, "a name has only letters, digits and _, no digit first", node.path)
            continue
        var = _config_var(name, node, report)
        if not is_ours(name):
            found.append(var)
        elif var.value is not None or var.generated:
            report.warn(node.key, "reviewbot sets this itself; the value here is not used", node.path)
    return tuple(sorted(found, key=lambda var: var.name))


def _config_var(name: str, node: Node, report: Report) -> ConfigVar:
    if not isinstance(node.value, dict):
        return ConfigVar(name, _env_value(node, node.path, report))
    fields = node.value
    warn_unknown(fields, _VAR_KEYS, report)
    value = _env_value(fields["value"], node.path, report) if "value" in fields else None
    generated = "generator" in fields
    if generated and fields["generator"].value != "secret":
        report.problem(fields["generator"].place, 'must be "secret"', fields["generator"].path)
    if generated and "value" in fields:
        report.warn(fields["generator"].key, "not used, as there is a value", fields["generator"].path)
        generated = False
    return ConfigVar(name, value, _required(fields, report), generated)


def _env_value(node: Node, path: tuple[str, ...], report: Report) -> str | None:
    if not isinstance(node.value, str):
        quotable = isinstance(node.value, bool) or is_number(node.value)
        message = "value must be a string" + ("; put it in double quotes" if quotable else "")
        report.problem(node.place, message, path)
        return None
    if "\0" in node.value:
        report.problem(node.place, "value must not have a NUL character", path)
    return node.value


def _required(fields: dict[str, Node], report: Report) -> bool:
    if "required" not in fields:
        return True
    node = fields["required"]
    if not isinstance(node.value, bool):
        report.problem(node.place, "must be true or false", node.path)
    return node.value is not False


def _formation(keys: dict[str, Node], sizes: Collection[str], report: Report) -> dict[str, Scale]:
    found: dict[str, Scale] = {}
    if "formation" not in keys:
        return found
    for name, node in members(keys["formation"], report).items():
        if name == RELEASE:
            report.warn(node.key, "release is no process to keep running, ignored", node.path)
            continue
        fields = members(node, report)
        warn_unknown(fields, frozenset({"quantity", "size"}), report)
        number = whole_number(fields["quantity"], MAX_QUANTITY, report) if "quantity" in fields else None
        default = 1 if name == "web" else 0
        found[name] = Scale(default if number is None else number, node, _size(fields.get("size"), sizes, report))
    return found


def _size(node: Node | None, sizes: Collection[str], report: Report) -> str:
    if node is None:
        return DEFAULT_SIZE
    name = node.value.lower() if isinstance(node.value, str) else ""
    if name in sizes:
        return name
    message = f"unknown size, {DEFAULT_SIZE} is used; known are {listed(sorted(sizes))}"
    report.warn(node.place, message, node.path)
    return DEFAULT_SIZE


def _success_path(keys: dict[str, Node], report: Report) -> str:
    if "success_url" not in keys:
        return "/"
    node = keys["success_url"]
    text = text_of(node, report)
    path = path_of(text) if text is not None else "/"
    if path is None:
        report.problem(node.place, "must be an http(s) address or a path such as /welcome", node.path)
    return path or "/"
