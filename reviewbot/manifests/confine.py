"""A repository's own objects, made fit for a preview: all refused if one is, or all in the order to apply them in."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from reviewbot.manifests.fill import filled
from reviewbot.manifests.naming import check_metadata
from reviewbot.manifests.objects import Manifest, Object, plain
from reviewbot.manifests.read import KINDS
from reviewbot.manifests.rules import check_kind, counts
from reviewbot.manifests.template import confined_template, owned
from reviewbot.model import Release
from reviewbot.render.names import SHA
from reviewbot.render.workload import DEADLINE_SECONDS, WORKER_MIN_READY_SECONDS, process_name
from reviewbot.spec.problems import Problem, Report, SpecError


@dataclass(frozen=True)
class Into:
    """Where objects go: a release in a preview's namespace, its host, and the names of its add-ons."""

    release: Release
    namespace: str
    host: str
    taken: Collection[str] = ()


def confined(manifests: Iterable[Manifest], into: Into) -> list[Object]:
    """The objects as they are applied. Raises SpecError with everything that is wrong with any of them."""
    values = {
        "IMAGE": into.release.image,
        "HOST": into.host,
        "SHA": into.release.sha,
        "RELEASE": into.release.id,
    }
    ready = [_filled(manifest, values) for manifest in manifests]
    problems = [problem for manifest in ready for problem in _problems(manifest, into)]
    problems += [*_repeated(ready), *_too_many(ready)]
    if problems:
        raise SpecError(sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line, each.column)))
    order = list(KINDS)
    return [_confined(manifest, into) for manifest in sorted(ready, key=lambda each: order.index(each.kind))]


def _filled(manifest: Manifest, values: Mapping[str, str]) -> Manifest:
    node = filled(manifest.node, values)
    return replace(manifest, node=node, name=plain(node)["metadata"]["name"])


def _problems(manifest: Manifest, into: Into) -> tuple[Problem, ...]:
    report = Report(manifest.file)
    check_metadata(manifest, into.namespace, into.taken, report)
    check_kind(manifest, report)
    return report.problems


def _repeated(manifests: Iterable[Manifest]) -> Iterable[Problem]:
    seen: dict[tuple[str, str], Manifest] = {}
    for manifest in manifests:
        first = seen.setdefault((manifest.kind, manifest.name), manifest)
        if first is not manifest:
            where = f"{first.file}:{first.node.place.line}"
            yield _at(manifest, f"{manifest.kind} {manifest.name} is already in {where}")


def _too_many(manifests: list[Manifest]) -> Iterable[Problem]:
    for kind, most in counts(manifests).items():
        extra = [manifest for manifest in manifests if manifest.kind == kind][most]
        yield _at(extra, f"a preview may have at most {most} objects of the kind {kind}")


def _at(manifest: Manifest, message: str) -> Problem:
    return Problem(manifest.file, manifest.node.place.line, manifest.node.place.column, message)


def _confined(manifest: Manifest, into: Into) -> Object:
    given = plain(manifest.node)
    # A Job cannot be changed, so each release has its own.
    name = process_name(manifest.name, into.release.id) if manifest.kind == "Job" else manifest.name
    metadata = {
        "name": name,
        "namespace": into.namespace,
        "labels": owned(given["metadata"].get("labels", {}), into.release),
        "annotations": {SHA: into.release.sha},
    }
    given.pop("status", None)
    if manifest.kind in _SPECS:
        given["spec"] = _SPECS[manifest.kind](given["spec"], into.release)
    return {**given, "metadata": metadata}


def _deployment(spec: Object, release: Release) -> Object:
    template = confined_template(spec["template"], release)
    forced = {"revisionHistoryLimit": 0, "progressDeadlineSeconds": DEADLINE_SECONDS, "template": template}
    probed = any("readinessProbe" in container for container in template["spec"]["containers"])
    # Without a readiness probe a crashing pod would count as available between its crashes.
    return {**({} if probed else {"minReadySeconds": WORKER_MIN_READY_SECONDS}), **spec, **forced}


def _stateful_set(spec: Object, release: Release) -> Object:
    claims = [{**claim, "metadata": _named(claim["metadata"])} for claim in spec.get("volumeClaimTemplates", [])]
    own = {"volumeClaimTemplates": claims} if claims else {}
    return {**spec, **own, "template": confined_template(spec["template"], release)}


def _named(metadata: Object) -> Object:
    return {name: metadata[name] for name in ("name", "labels") if name in metadata}


def _job(spec: Object, release: Release) -> Object:
    # One that went by itself would be taken for missing, and run again.
    kept = {name: value for name, value in spec.items() if name != "ttlSecondsAfterFinished"}
    return {**kept, "template": confined_template(spec["template"], release)}


def _cron_job(spec: Object, release: Release) -> Object:
    job = spec["jobTemplate"]
    spec_of_job = {**job["spec"], "template": confined_template(job["spec"]["template"], release)}
    template = {"metadata": _named(job.get("metadata", {})), "spec": spec_of_job}
    return {"concurrencyPolicy": "Forbid", **spec, "jobTemplate": template}


_SPECS: Mapping[str, Callable[[Object, Release], Object]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "Job": _job,
    "CronJob": _cron_job,
}
