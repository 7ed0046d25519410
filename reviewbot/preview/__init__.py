"""What the objects of a preview's namespace say, read into our own nouns. Pure: dictionaries in, a Preview out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reviewbot.model import InstallationId, JobState, Preview, PullRequestRef, ReleaseState, RepositoryId, Sha
from reviewbot.preview.addons import read_addons
from reviewbot.preview.endpoints import can_answer, has_endpoint
from reviewbot.preview.jobs import goes_on, read_job
from reviewbot.preview.own import is_own, own_parts, with_own
from reviewbot.preview.trouble import find_trouble
from reviewbot.render.jobs import KUSTOMIZE, POSTDEPLOY, PREDESTROY, RELEASE_PHASE
from reviewbot.render.names import APP, JOB, MANAGED, PROCESS, RELEASE, ROUTE, SHA
from reviewbot.render.names import namespace as namespace_name
from reviewbot.render.walls import owner_annotations
from reviewbot.render.workload import process_name

__all__ = ["can_answer", "is_ours", "is_own", "owner", "read"]

Object = Mapping[str, Any]
_OWNER = ("repository-id", "installation-id", "pull-request")


def read(ref: PullRequestRef, namespace: Object | None, objects: Mapping[str, Iterable[Object]]) -> Preview:
    """The preview as its objects show it; `objects` maps a kind to what the namespace holds of it.

    Events among them are needed only where the preview without them is unexplained.
    """
    if namespace is None:
        return Preview("absent")
    if not is_ours(ref, namespace):
        return Preview("foreign")
    uid = namespace["metadata"]["uid"]
    if namespace["metadata"].get("deletionTimestamp"):
        return Preview("terminating", uid=uid, stuck=_stuck(namespace))
    listed = {kind: list(items) for kind, items in objects.items()}
    return Preview(
        "active",
        _releases(listed),
        _routed(listed.get("HTTPRoute", ())),
        uid,
        addons=read_addons(listed),
        postdeploy=_job(POSTDEPLOY, None, listed),
        stopping=any(goes_on(pod, listed.get("Job", ())) for pod in listed.get("Pod", ())),
        answers=_answers(listed),
    )


def is_unexplained(preview: Preview) -> bool:
    """Whether something has not started, of which nothing but the namespace's Events may say why."""
    troubles = [
        *(job.trouble for job in preview.jobs if job.idle),
        *(addon.trouble for addon in preview.addons if not addon.ready),
    ]
    return None in troubles


def owner(namespace: Object) -> PullRequestRef | None:
    """The pull request, or its app, that a namespace was made for; None if it is not ours."""
    annotations = namespace["metadata"].get("annotations") or {}
    try:
        repository, installation, number = (int(annotations[f"reviewbot.dev/{name}"]) for name in _OWNER)
    except (KeyError, ValueError):
        return None
    ref = PullRequestRef(RepositoryId(repository), InstallationId(installation), number, annotations.get(APP, ""))
    return ref if is_ours(ref, namespace) and namespace["metadata"]["name"] == namespace_name(ref) else None


def _stuck(namespace: Object) -> str:
    conditions = (namespace.get("status") or {}).get("conditions") or ()
    return " ".join(each.get("message", "") for each in conditions if each.get("status") == "True")


def is_ours(ref: PullRequestRef, namespace: Object) -> bool:
    """Labelled as managed and made for this very pull request, or app of it."""
    metadata = namespace["metadata"]
    ours = owner_annotations(ref)
    names = ("reviewbot.dev/repository-id", "reviewbot.dev/pull-request", APP)
    annotations = metadata.get("annotations") or {}
    return (metadata.get("labels") or {}).get(MANAGED) == "true" and all(
        annotations.get(name) == ours.get(name) for name in names
    )


def _releases(objects: Mapping[str, list[Object]]) -> tuple[ReleaseState, ...]:
    # A release begins with its release phase, if it has one; the first setup is the preview's.
    jobs = [job for job in objects.get("Job", ()) if _label(job, JOB) in {RELEASE_PHASE, PREDESTROY, KUSTOMIZE}]
    processes = [each for each in objects.get("Deployment", ()) if not is_own(each)]
    grouped: dict[str, list[Object]] = {}
    for each in (*processes, *jobs, *(part for _, part in own_parts(objects))):
        grouped.setdefault(_label(each, RELEASE), []).append(each)
    states = [_release(release_id, parts, objects) for release_id, parts in grouped.items() if release_id]
    return tuple(sorted(states, key=lambda state: (state.since, state.id)))


def _release(release_id: str, parts: list[Object], objects: Mapping[str, list[Object]]) -> ReleaseState:
    name = process_name("web", release_id)
    served = any(service["metadata"]["name"] == name for service in objects.get("Service", ()))
    deployments = [part for part in parts if not _label(part, JOB) and not is_own(part)]
    types = {_label(deployment, PROCESS) for deployment in deployments}
    oldest = min(parts, key=lambda part: str(part["metadata"]["creationTimestamp"]))
    # An earlier try leaves pods under the same labels for a moment.
    made = str(oldest["metadata"]["creationTimestamp"])
    mine = [pod for pod in objects.get("Pod", ()) if _label(pod, RELEASE) == release_id and not _label(pod, JOB)]
    pods = [pod for pod in mine if str(pod["metadata"].get("creationTimestamp", made)) >= made]
    state = ReleaseState(
        id=release_id,
        sha=Sha((oldest["metadata"].get("annotations") or {}).get(SHA, "")),
        since=datetime.fromisoformat(oldest["metadata"]["creationTimestamp"]),
        processes=frozenset(types if served else types - {"web"}),
        ready=served and has_endpoint(name, objects.get("EndpointSlice", ())),
        trouble=find_trouble(deployments, pods),
        images=_images(pods),
        phase=_job(RELEASE_PHASE, release_id, objects),
        predestroy=_job(PREDESTROY, release_id, objects),
        rendering=_job(KUSTOMIZE, release_id, objects),
    )
    return with_own(state, objects)


def _job(kind: str, release_id: str | None, objects: Mapping[str, list[Object]]) -> JobState | None:
    for job in objects.get("Job", ()):
        if _label(job, JOB) == kind and release_id in {None, _label(job, RELEASE)}:
            return read_job(job, objects.get("Pod", ()), objects.get("Event", ()))
    return None


def _routed(routes: Iterable[Object]) -> str | None:
    return next((_label(each, RELEASE) for each in routes if each["metadata"]["name"] == ROUTE), None)


def _answers(objects: Mapping[str, list[Object]]) -> bool:
    routes = [each for each in objects.get("HTTPRoute", ()) if each["metadata"]["name"] == ROUTE]
    rules = [rule for route in routes for rule in route.get("spec", {}).get("rules") or ()]
    there = {service["metadata"]["name"] for service in objects.get("Service", ())}
    backends = {backend["name"] for rule in rules for backend in rule.get("backendRefs") or ()} & there
    return any(has_endpoint(name, objects.get("EndpointSlice", ())) for name in backends)


def _images(pods: Iterable[Object]) -> dict[str, str]:
    running: dict[str, str] = {}
    for pod in pods:
        for container in pod.get("status", {}).get("containerStatuses") or ():
            if container.get("imageID"):
                running[container["name"]] = container["imageID"]
    return running


def _label(each: Object, name: str) -> str:
    return str((each["metadata"].get("labels") or {}).get(name, ""))
