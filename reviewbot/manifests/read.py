"""From a folder's files to objects: YAML and JSON, as many documents as there are, lists taken apart."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from reviewbot.manifests.objects import Manifest, check_numbers, entries, size, table, text
from reviewbot.manifests.values import kubectl_value
from reviewbot.model import Folder
from reviewbot.spec.json_tree import read_json
from reviewbot.spec.problems import START, Problem, Report, SpecError, Stopped, listed, shown
from reviewbot.spec.source import Source, read_source
from reviewbot.spec.tree import Node, members
from reviewbot.spec.yaml_tree import Dialect, read_documents

MAX_KB = 256
MAX_OBJECTS = 50
ENDINGS = (".yaml", ".yml", ".json")
DIALECT = Dialect(documents=100, depth=32, nodes=10_000, value=kubectl_value, text_keys=True)

# What the account of a preview may write, see manifests/cluster/rbac/previews.yaml; in the order to apply them in.
KINDS = {
    "ConfigMap": "v1",
    "PersistentVolumeClaim": "v1",
    "Service": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}
_ADDRESS = "the address is made by reviewbot; name the Service that gets it with `serve` in .github/reviewbot.yml"
_ADVICE = {
    **dict.fromkeys(("Ingress", "HTTPRoute", "Gateway"), _ADDRESS),
    **dict.fromkeys(("Pod", "ReplicaSet", "DaemonSet"), "use a Deployment"),
    "Secret": "values come from app.json and the config vars, as the Secret reviewbot-config-${RELEASE}",
    "Namespace": "each preview has one already",
}


def read(folder: Folder) -> tuple[Manifest, ...]:
    """Every object of the folder, in the order of its paths. Raises SpecError with all problems of all files."""
    names = sorted(name for name in folder.files if name.endswith(ENDINGS))
    problems = [*unreadable(folder), *_unusable(folder, names)]
    if problems:
        raise SpecError(problems)
    found: list[Manifest] = []
    left = DIALECT.nodes
    for name in names:
        report = Report(folder.full(name))
        with suppress(Stopped):
            documents = _documents(folder.files[name], name, left, report)
            left -= sum(size(document) for document in documents)
            found += [each for document in documents for each in _manifests(document, report)]
        problems += report.problems
    if not problems and len(found) > MAX_OBJECTS:
        message = f"{len(found)} objects are more than the {MAX_OBJECTS} that a preview may have"
        problems.append(_about(folder, message))
    if problems:
        raise SpecError(problems)
    return tuple(found)


def unreadable(folder: Folder) -> list[Problem]:
    """A problem for everything in the folder that is no file."""
    return [
        Problem(folder.full(name), 1, 1, f"this is a {what}; only ordinary files can be read")
        for name, what in sorted(folder.links.items())
    ]


def _unusable(folder: Folder, names: list[str]) -> Iterator[Problem]:
    if not names:
        yield _about(folder, f"there is no file here that ends with {listed(ENDINGS)}")
    if sum(len(folder.files[name]) for name in names) > MAX_KB * 1024:
        yield _about(folder, f"the manifests are larger than {MAX_KB} KB together")


def _about(folder: Folder, message: str) -> Problem:
    return Problem(folder.path or ".", 1, 1, message)


def _documents(data: bytes, name: str, nodes: int, report: Report) -> list[Node]:
    source = read_source(data, MAX_KB, report)
    mark = source.text.find("\ufeff")
    if mark >= 0:
        report.stop(source.place(mark), "a byte order mark is only allowed at the very start")
    documents = _parsed(source, name, nodes, report)
    for document in documents:
        check_numbers(document, report)
    return [document for document in documents if document.value is not None]


def _parsed(source: Source, name: str, nodes: int, report: Report) -> list[Node]:
    if not name.endswith(".json"):
        return read_documents(source, report, replace(DIALECT, nodes=nodes))
    document = read_json(source, report)
    if size(document) > nodes:
        report.stop(START, f"more than {DIALECT.nodes} values in all files")
    return [document]


def _manifests(node: Node, report: Report) -> Iterator[Manifest]:
    fields = table(node, report)
    if not isinstance(node.value, dict):
        return
    kind, version = (text(fields.get(name), report) for name in ("kind", "apiVersion"))
    if kind.endswith("List") and "items" in members(node, report):
        for item in entries(fields.get("items"), report):
            yield from _manifests(item, report)
        return
    name = table(fields.get("metadata"), report).get("name")
    if not (kind and version and text(name, report)):
        parts = {"apiVersion": fields.get("apiVersion"), "kind": fields.get("kind"), "metadata.name": name}
        _say_missing(node, parts, report)
    elif _is_allowed(node, kind, version, report):
        yield Manifest(report.file, kind, text(name, report), node)


def _say_missing(node: Node, parts: Mapping[str, Node | None], report: Report) -> None:
    missing = [name for name, child in parts.items() if child is None or child.value == ""]
    if missing:
        report.problem(node.place, f"an object needs {' and '.join(missing)}", node.path)


def _is_allowed(node: Node, kind: str, version: str, report: Report) -> bool:
    if version == KINDS.get(kind):
        return True
    place = table(node, report)["kind"].place
    if kind in KINDS:
        report.problem(place, f"{kind} is only allowed as {KINDS[kind]}, not {shown(version)}", node.path)
    else:
        advice = _ADVICE.get(kind, f"a preview may have {', '.join(KINDS)}")
        report.problem(place, f"{shown(kind)} is not allowed: {advice}", node.path)
    return False
