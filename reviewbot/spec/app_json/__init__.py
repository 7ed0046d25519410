"""Heroku's `app.json`, as it stands for a review app, with Dokku's `healthchecks`."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from reviewbot.model import About, Addon, ConfigVar, HealthCheck, Script, Service
from reviewbot.spec.app_json.about import read_about, read_success_path
from reviewbot.spec.app_json.addons import read_addons
from reviewbot.spec.app_json.env import is_required, read_env
from reviewbot.spec.app_json.formation import Scale, read_formation
from reviewbot.spec.app_json.healthchecks import read_health_checks
from reviewbot.spec.app_json.scripts import read_scripts
from reviewbot.spec.json_tree import read_json
from reviewbot.spec.problems import Report, Stopped, listed
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node, entries, members, warn_unknown
from reviewbot.spec.variables import is_ours

FILE = "app.json"
MAX_KB = 1024

_ENVIRONMENTS = frozenset({"test", "review"})
_READ = frozenset({"name", "description", "logo", "success_url"}) | {
    "env",
    "formation",
    "addons",
    "scripts",
    "healthchecks",
    "environments",
}
# How an image is built is not ours to say.
_NOT_USED = ("buildpacks", "stack", "image")
_FOR_PEOPLE = frozenset({"keywords", "website", "repository", "$schema"})


@dataclass(frozen=True)
class Manifest:
    """What app.json asks for in a review app, and `keys` where it says so."""

    env: tuple[ConfigVar, ...] = ()
    formation: Mapping[str, Scale] = field(default_factory=dict)
    checks: Mapping[str, tuple[HealthCheck, ...]] = field(default_factory=dict)
    scripts: Mapping[str, Script] = field(default_factory=dict)
    addons: tuple[Addon, ...] = ()
    success_path: str = "/"
    about: About = field(default_factory=About)
    keys: Mapping[str, Node] = field(default_factory=dict)

    def entry(self, key: str, name: str) -> Node:
        """Where the object under the key has that name."""
        return entries(self.keys[key])[name]


def read_app_json(data: bytes, sizes: Collection[str], catalogue: Mapping[str, Service], report: Report) -> Manifest:
    """What the file says, with these sizes and add-ons to choose from; what is wrong with it goes to the report."""
    with suppress(Stopped):
        base = members(read_json(read_source(data, MAX_KB, report), report), report)
        keys = {**base, **_review(base, report)}
        _warn_keys(keys, report)
        return Manifest(
            env=read_env(keys.get("env"), report),
            formation=read_formation(keys.get("formation"), sizes, report),
            checks=read_health_checks(keys.get("healthchecks"), report),
            scripts=read_scripts(keys.get("scripts"), sizes, report),
            addons=read_addons(keys.get("addons"), catalogue, report),
            success_path=read_success_path(keys.get("success_url"), report),
            about=read_about(keys, report),
            keys=keys,
        )
    return Manifest()


def _review(base: dict[str, Node], report: Report) -> dict[str, Node]:
    if "environments" not in base:
        return {}
    environments = members(base["environments"], report)
    for name, node in environments.items():
        if name not in _ENVIRONMENTS:
            report.problem(node.key, "unknown environment; known are test and review", node.path)
    review = dict(members(environments["review"], report)) if "review" in environments else {}
    if "environments" in review:
        node = review.pop("environments")
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
        if name not in review.value and not is_ours(name) and is_required(node)
    ]
    if dropped:
        message = f"replaces the whole of env, and so drops {listed(sorted(dropped))}"
        report.warn(review.key, message, review.path)


def _warn_keys(keys: dict[str, Node], report: Report) -> None:
    warn_unknown(keys, _READ.union(_NOT_USED, _FOR_PEOPLE), report)
    unused = [name for name in _NOT_USED if name in keys]
    if unused:
        first = min(keys[name].key for name in unused)
        report.warn(first, f"not used, as your CI builds the image: {listed(unused)}")
