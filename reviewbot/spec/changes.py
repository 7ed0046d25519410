"""What a pull request changes in the app's definition, in words. Values of variables are not among them."""

from collections.abc import Collection, Iterator
from itertools import chain

from reviewbot.model import AppSpec, ConfigVar, Process
from reviewbot.spec.app import gaps
from reviewbot.spec.app_json import FILE, MAX_KB
from reviewbot.spec.json_tree import read_json
from reviewbot.spec.problems import Report, capped, shown
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node


def changes(base: AppSpec, head: AppSpec, left_out: Collection[str] = ()) -> tuple[str, ...]:
    """One phrase for each difference, the first few of them; `left_out` are variables that review apps do not get."""
    found = chain(
        _processes(base, head),
        _scripts(base, head),
        _addons(base, head),
        _variables(base, head, left_out),
        _landing(base, head),
    )
    return tuple(capped(list(found)))


def left_out_of_review(app_json: bytes | None) -> frozenset[str]:
    """Variables of `env` which `environments.review` replaces without naming them, of a file that has no problems."""
    if app_json is None:
        return frozenset()
    report = Report(FILE)
    root = read_json(read_source(app_json, MAX_KB, report), report)
    review = _names(root, "environments", "review", "env")
    return frozenset() if review is None else (_names(root, "env") or frozenset()) - review


def _names(node: Node, *path: str) -> frozenset[str] | None:
    for key in path:
        if not isinstance(node.value, dict) or key not in node.value:
            return None
        node = node.value[key]
    return frozenset(node.value) if isinstance(node.value, dict) else None


def _processes(base: AppSpec, head: AppSpec) -> Iterator[str]:
    before, after = ({process.type: process for process in app.processes} for app in (base, head))
    for name in before | after:
        was, now = before.get(name), after.get(name)
        if was is None and now:
            yield f"adds process `{shown(name)}` (0 → {now.quantity})"
        elif now is None and was:
            yield f"removes process `{shown(name)}` ({was.quantity} → 0)"
        elif was and now:
            yield from _process(was, now)


def _process(was: Process, now: Process) -> Iterator[str]:
    if was.quantity != now.quantity:
        yield f"scales process `{shown(now.type)}` ({was.quantity} → {now.quantity})"
    if was.command != now.command:
        yield f"changes the command of process `{shown(now.type)}`"
    if was.size != now.size:
        yield f"changes the size of process `{shown(now.type)}` ({was.size} → {now.size})"
    if was.checks != now.checks:
        yield f"changes the health checks of process `{shown(now.type)}`"


def _scripts(base: AppSpec, head: AppSpec) -> Iterator[str]:
    for what, was, now in (
        ("the release command", base.release, head.release),
        ("the postdeploy script", base.postdeploy, head.postdeploy),
        ("the pr-predestroy script", base.predestroy, head.predestroy),
    ):
        if was != now:
            yield f"{_verb(was, now)} {what}"


def _addons(base: AppSpec, head: AppSpec) -> Iterator[str]:
    before, after = ({addon.name: addon for addon in app.addons} for app in (base, head))
    for name in sorted(before | after):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield f"{_verb(was, now)} add-on `{shown(name)}`"


def _verb(was: object, now: object) -> str:
    return "adds" if was is None else "removes" if now is None else "changes"


def _variables(base: AppSpec, head: AppSpec, left_out: Collection[str]) -> Iterator[str]:
    before, after = ({var.name: var for var in app.env} for app in (base, head))
    missing = set(gaps(head)) - set(gaps(base))
    # The add-on itself is told of.
    provided = {addon.variable for addon in (*base.addons, *head.addons)}
    for name in sorted((before.keys() | after.keys()) - provided):
        was, now = before.get(name), after.get(name)
        if now is None:
            why = f", because `environments.review` of {FILE} replaces `env`" if name in left_out else ""
            yield f"drops variable `{shown(name)}`{why}"
        elif name in missing:
            yield f"requires variable `{shown(name)}`, which has no value yet"
        elif was is None:
            yield f"adds variable `{shown(name)}`" + (", whose value is generated" if now.generated else "")
        elif _given(was) != _given(now):
            yield f"changes the value of variable `{shown(name)}`"


def _given(var: ConfigVar) -> tuple[str | None, bool]:
    return var.value, var.generated


def _landing(base: AppSpec, head: AppSpec) -> Iterator[str]:
    if base.success_path != head.success_path:
        yield f"changes `success_url` ({shown(base.success_path)} → {shown(head.success_path)})"
