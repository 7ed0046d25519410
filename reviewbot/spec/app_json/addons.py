"""`addons`: servers beside the app, found in the catalogue by name or alias. The plan is the catalogue's to say."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewbot.model import Addon, Service
from reviewbot.spec.names import MAX_NAME, is_host
from reviewbot.spec.problems import Report, listed
from reviewbot.spec.tree import Node, text_of, warn_unknown
from reviewbot.spec.variables import VARIABLE, is_ours

_KEYS = frozenset({"plan", "as", "options"})


@dataclass(frozen=True)
class _Entry:
    """One entry of the list: the add-on it names, the node that does, and the node of the name it is attached under."""

    name: str
    plan: Node
    attached: Node | None = None


def read_addons(node: Node | None, catalogue: Mapping[str, Service], report: Report) -> tuple[Addon, ...]:
    """The add-ons in the file's order; what the catalogue has not is told, and left out."""
    if node is None:
        return ()
    if not isinstance(node.value, tuple):
        report.problem(node.place, 'must be a list such as ["heroku-postgresql"]', node.path)
        return ()
    services = {alias: service for service in catalogue.values() for alias in (*service.aliases, service.name)}
    entries = [entry for entry in (_entry(child, report) for child in node.value) if entry]
    unknown = [entry for entry in entries if entry.name not in services]
    if unknown:
        message = (
            f"nothing is set up for {listed(entry.name for entry in unknown)}, as the catalogue has no such add-on;"
            " whoever runs the cluster can add it to the ConfigMap reviewbot-addons"
        )
        report.warn(unknown[0].plan.place, message, node.path)
    found: list[Addon] = []
    for entry in entries:
        addon = _addon(entry, services, report)
        if addon and not _is_second(addon, entry, found, report):
            found.append(addon)
    return tuple(found)


def _entry(node: Node, report: Report) -> _Entry | None:
    if isinstance(node.value, str):
        return _named(node, None, report)
    if not isinstance(node.value, dict):
        report.problem(node.place, 'must be a name, or an object with a "plan"', node.path)
        return None
    fields = node.value
    warn_unknown(fields, _KEYS, report)
    options = fields.get("options")
    if options and options.value:
        report.warn(options.key, "not used", options.path)
    if "plan" not in fields:
        report.problem(node.place, 'has no "plan"', node.path)
        return None
    return _named(fields["plan"], fields.get("as"), report)


def _named(plan: Node, attached: Node | None, report: Report) -> _Entry | None:
    text = text_of(plan, report)
    if text is None:
        return None
    name = text.partition(":")[0].strip().lower()
    if not name:
        report.problem(plan.place, "names no add-on", plan.path)
    return _Entry(name, plan, attached) if name else None


def _addon(entry: _Entry, services: Mapping[str, Service], report: Report) -> Addon | None:
    service = services.get(entry.name)
    if service is None:
        return None
    if entry.attached is None:
        return Addon(service.name, service.variable, service)
    return _attached(service, entry.attached, report)


def _attached(service: Service, node: Node, report: Report) -> Addon | None:
    text = text_of(node, report)
    if text is None:
        return None
    name, variable = text.lower().replace("_", "-"), f"{text.upper().replace('-', '_')}_URL"
    if not is_host(name) or not VARIABLE.fullmatch(variable) or is_ours(variable):
        message = (
            f"must be of letters, digits and inner _, a letter first, at most {MAX_NAME} characters, and not REVIEWBOT"
        )
        report.problem(node.place, message, node.path)
        return None
    return Addon(name, variable, service)


def _is_second(addon: Addon, entry: _Entry, found: list[Addon], report: Report) -> bool:
    for other in found:
        if addon.name == other.name or addon.variable == other.variable:
            taken = listed(sorted({addon.name, addon.variable} & {other.name, other.variable}))
            message = f'a second add-on for {taken}; give one of them another name with "as"'
            report.problem(entry.plan.place, message, entry.plan.path)
            return True
    return False
