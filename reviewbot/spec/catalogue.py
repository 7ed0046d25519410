"""The catalogue of add-ons: those built in, and a ConfigMap's strings, one key for each add-on, as YAML."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from reviewbot.model import Service
from reviewbot.spec.image import is_reference
from reviewbot.spec.kinds import MAX_PORT, MAX_USER, STORAGE, Key, Kind, mapping, matching, number, settings, text_like
from reviewbot.spec.names import MAX_NAME, is_host
from reviewbot.spec.problems import START, Report, SpecError, Stopped, shown
from reviewbot.spec.source import Source
from reviewbot.spec.tree import Node, text_of
from reviewbot.spec.urls import is_path
from reviewbot.spec.variables import NAME_RULE, VARIABLE, is_ours
from reviewbot.spec.yaml_tree import read_yaml

_POSTGRESQL = Service(
    name="postgresql",
    image="docker.io/library/postgres:17",
    port=5432,
    url="postgres://app:$(PASSWORD)@$(HOST):$(PORT)/app",
    variable="DATABASE_URL",
    user=999,
    env={
        "POSTGRES_USER": "app",
        "POSTGRES_PASSWORD": "$(PASSWORD)",
        "POSTGRES_DB": "app",
        "PGDATA": "/data/pgdata",
    },
    storage="1Gi",
    aliases=("heroku-postgresql",),
)
_REDIS = Service(
    name="redis",
    image="docker.io/library/redis:7",
    port=6379,
    url="redis://default:$(PASSWORD)@$(HOST):$(PORT)",
    variable="REDIS_URL",
    user=999,
    args=("--requirepass", "$(PASSWORD)", "--dir", "/data"),
    storage="1Gi",
    aliases=("heroku-redis", "rediscloud"),
)
BUILT_IN: Mapping[str, Service] = {service.name: service for service in (_POSTGRESQL, _REDIS)}

REQUIRED = ("image", "port", "url", "variable", "user")
_HELD = re.compile(r"\$\(([A-Z]*)\)")
_KNOWN = ("PASSWORD", "HOST", "PORT")


def parse_catalogue(data: Mapping[str, str]) -> dict[str, Service]:
    """The built-in add-ons and the ConfigMap's by name, whose words stand over a built-in's of the same name.

    Raises SpecError with all problems.
    """
    found, reports = dict(BUILT_IN), []
    for name, text in sorted(data.items()):
        report = Report(name)
        reports.append(report)
        service = _service(name, text, report)
        if service:
            found[name] = service
    reports.append(_clashes(found))
    problems = [problem for report in reports for problem in report.problems]
    if problems:
        raise SpecError(problems)
    return found


def _service(name: str, text: str, report: Report) -> Service | None:
    if not is_host(name):
        message = f"a name is of lower-case letters, digits and inner -, a letter first, at most {MAX_NAME} characters"
        report.problem(START, message)
        return None
    with suppress(Stopped):
        root = read_yaml(Source(text), report)
        given = {} if root is None or root.value is None else _SERVICE.read(root, report)
        if given is None:
            return None
        return _made(name, given, report)
    return None


def _made(name: str, given: Mapping[str, Any], report: Report) -> Service | None:
    built_in = BUILT_IN.get(name)
    if built_in:
        return replace(built_in, **given)
    missing = [key for key in REQUIRED if key not in given]
    if missing and not report.problems:
        report.problem(START, f"lacks {', '.join(missing)}")
    return None if missing else Service(name=name, **given)


def _clashes(services: Mapping[str, Service]) -> Report:
    report = Report("aliases")
    owners: dict[str, str] = {name: name for name in services}
    for service in services.values():
        for alias in service.aliases:
            other = owners.setdefault(alias, service.name)
            if other != service.name:
                report.problem(START, f"{shown(alias)} would mean both {other} and {service.name}")
    return report


def _template(node: Node, report: Report) -> str | None:
    text = text_of(node, report)
    for name in _HELD.findall(text or ""):
        if name not in _KNOWN:
            held = ", ".join(f"$({known})" for known in _KNOWN)
            report.problem(node.place, f"unknown $({name}); known are {held}", node.path)
    if text is not None and "\0" in text:
        report.problem(node.place, "must not have a NUL character", node.path)
    return text


def _list_of(kind: Kind) -> Kind:
    def read(node: Node, report: Report) -> tuple[str, ...] | None:
        if not isinstance(node.value, tuple):
            report.problem(node.place, "must be a list", node.path)
            return None
        return tuple(kind.read(child, report) for child in node.value)

    return Kind(read, {"type": "array", "items": kind.schema})


def _is_variable(text: str) -> bool:
    return VARIABLE.fullmatch(text) is not None and not is_ours(text)


_TEMPLATE = Kind(_template, {"type": "string"})
_ENV = mapping(lambda name: None if VARIABLE.fullmatch(name) else NAME_RULE, _TEMPLATE, {"type": "string"})
SERVICE_KEYS = {
    "image": Key(text_like(is_reference, "must be an image reference", "^\\S+$"), "what runs"),
    "port": Key(number(MAX_PORT), "where it listens"),
    "url": Key(_TEMPLATE, "its address, as the app finds it"),
    "variable": Key(
        text_like(_is_variable, "must be a config var's name", "^\\S+$"), "the config var that its address goes to"
    ),
    "user": Key(number(MAX_USER), "the number of the user it runs as, never root"),
    "env": Key(_ENV, "what the server finds in its environment"),
    "args": Key(_list_of(_TEMPLATE), "arguments of the image's entry point"),
    "storage": Key(STORAGE, "how large its volume is; without it, the data goes with the pod"),
    "mount": Key(text_like(is_path, "must be a path such as /data", "^/"), "where its volume is (default `/data`)"),
    "size": Key(matching("[a-z0-9][a-z0-9.-]*", "must be the name of a size"), "one of the sizes that processes have"),
    "aliases": Key(
        _list_of(matching("[a-z0-9][a-z0-9-]*", "must be an add-on's name")),
        "other names that an `app.json` may call it by",
    ),
}
_SERVICE = settings(SERVICE_KEYS)
