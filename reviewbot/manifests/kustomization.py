"""A folder with a kustomization: what it may refer to, checked before anything is rendered, and what came of it.

Rendering itself happens in a pod that reaches nobody, see render/kustomize.py; this is so that people learn why.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from posixpath import dirname, join, normpath

from reviewbot.manifests.fixed import Refused, refuse
from reviewbot.manifests.objects import entries, table, text
from reviewbot.manifests.read import DIALECT, MAX_KB, unreadable
from reviewbot.model import Folder
from reviewbot.spec.problems import Problem, Report, SpecError, Stopped
from reviewbot.spec.source import read_source
from reviewbot.spec.tree import Node, refuse_unknown
from reviewbot.spec.yaml_tree import read_documents

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# How much of what a pod rendered can be used.
MAX_OUTPUT = MAX_KB * 1024

_PATHS = ("resources", "components", "bases", "crds", "configurations", "patchesStrategicMerge")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator",)
_OTHERS = (
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "images",
    "replicas",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "vars",
    "generatorOptions",
    "sortOptions",
    "buildMetadata",
)
_PLUGINS = "plugins are not run"
_HELM = "Helm is not run; commit what it renders"
_REFUSED: Refused = {
    "generators": _PLUGINS,
    "transformers": _PLUGINS,
    "validators": _PLUGINS,
    "helmCharts": _HELM,
    "helmGlobals": _HELM,
    "helmChartInflationGenerator": _HELM,
    "secretGenerator": "a preview's manifests have no Secrets; values come from app.json and the config vars",
}
# What kustomize takes for an address, even if there is a folder of that name.
_REMOTE = re.compile(r"[:?@]|//|^github\.com", re.IGNORECASE)
# What it tells on the way, which a pod's log has in front of what it wrote.
_TOLD = re.compile(rb"(?:(?:(?:# )?Warning:|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ).*\n?)*")


def is_kustomization(folder: Folder) -> bool:
    """Whether the folder is to be rendered, and not to be read as it is."""
    return any(name in folder.files for name in NAMES)


def check_kustomization(folder: Folder) -> None:
    """Raises SpecError with everything for which a kustomization of the folder would reach out of it."""
    problems: list[Problem] = list(unreadable(folder))
    for name in sorted(name for name in folder.files if name.rpartition("/")[2] in NAMES):
        report = Report(folder.full(name))
        with suppress(Stopped):
            source = read_source(folder.files[name], MAX_KB, report)
            for document in read_documents(source, report, replace(DIALECT, documents=1)):
                _Check(folder, dirname(name), report).kustomization(document)
        problems += report.problems
    if problems:
        raise SpecError(problems)


def rendered(folder: Folder, output: bytes) -> Folder:
    """What kustomize wrote, as a folder to read; what it told on the way is left out."""
    return Folder(folder.path, {"(rendered by kustomize).yaml": _TOLD.sub(b"", output, count=1)})


class _Check:
    """One kustomization file, in the folder `here`."""

    def __init__(self, folder: Folder, here: str, report: Report) -> None:
        self._folder = folder
        self._here = here
        self._report = report

    def kustomization(self, root: Node) -> None:
        report = self._report
        fields = table(root, report)
        refuse(fields, _REFUSED, report)
        known = {name: node for name, node in fields.items() if name not in _REFUSED}
        refuse_unknown(known, (*_PATHS, *_PATCHES, *_GENERATORS, *_OTHERS), report)
        for name in _PATHS:
            for entry in entries(fields.get(name), report):
                self._path(entry, text(entry, report))
        for name in _PATCHES:
            for entry in entries(fields.get(name), report):
                self._path_of(table(entry, report), "path")
        for name in _GENERATORS:
            for entry in entries(fields.get(name), report):
                self._generator(table(entry, report))
        self._path_of(table(fields.get("openapi"), report), "path")

    def _generator(self, fields: Mapping[str, Node]) -> None:
        for name in ("files", "envs"):
            for entry in entries(fields.get(name), self._report):
                # key=path, or a path whose last part is the key.
                self._path(entry, text(entry, self._report).rpartition("=")[2])
        self._path_of(fields, "env")

    def _path_of(self, fields: Mapping[str, Node], name: str) -> None:
        if name in fields:
            self._path(fields[name], text(fields[name], self._report))

    def _path(self, node: Node, path: str) -> None:
        if "\n" in path:
            # A patch may be written out in place.
            return
        full = normpath(join(self._here, path))
        if _REMOTE.search(path):
            message = "nothing is loaded from elsewhere; copy it into the folder"
        elif full.startswith(("/", "../")) or full == "..":
            message = f"leads out of {self._folder.path or 'the repository'}; all that is needed must be in there"
        elif not self._is_there(full):
            message = f"there is no such file or folder in {self._folder.path or 'the repository'}"
        else:
            return
        self._report.problem(node.place, message, node.path)

    def _is_there(self, path: str) -> bool:
        return path == "." or any(name == path or name.startswith(f"{path}/") for name in self._folder.files)
