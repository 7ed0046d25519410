"""What the objects of a preview's namespace say, read into our own nouns. Pure: dictionaries in, a Preview out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reviewbot.model import InstallationId, JobState, Preview, PullRequestRef, ReleaseState, RepositoryId, Sha
from reviewbot.preview.addons import read_addons
from reviewbot.preview.jobs import read_job
from reviewbot.preview.trouble import find_trouble
from reviewbot.render.jobs import POSTDEPLOY, PREDESTROY, RELEASE_PHASE
from reviewbot.render.names import APP, JOB, MANAGED, PROCESS, RELEASE, ROUTE, SHA
from reviewbot.render.names import namespace as namespace_name
from reviewbot.render.walls import owner_annotations
from reviewbot.render.workload import process_name

Object = Mapping[str, Any]
_OWNER = ("repository-id", "installation-id", "pull-request")


def read(ref: PullRequestRef, namespace: Object | None, objects: Mapping[str, Iterable[Object]]) -> Preview:
    """The preview as its objects show it; `objects` maps a kind to what the namespace holds of it."""
    if namespace is None:
        return Preview("absent")
    if not is_ours(ref, namespace):
        return Preview("foreign")
    uid = namespace["metadata"]["uid"]
    if namespace["metadata"].get("deletionTimestamp"):
        return Preview("terminating", uid=uid, stuck=_stuck(namespace))
    listed = {kind: list(items) for kind, items in objects.items()}
    made = namespace["metadata"].get("creationTimestamp")
    return Preview(
        "active",
        _releases(listed),
        _routed(listed.get("HTTPRoute", ())),
        uid,
        datetime.fromisoformat(made) if made else None,
        addons=read_addons(listed),
        postdeploy=_job(POSTDEPLOY, None, listed),
    )


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


def can_answer(endpoint_slice: Object) -> bool:
    """Whether any endpoint of an EndpointSlice is ready."""
    endpoints = endpoint_slice.get("endpoints") or ()
    return any((endpoint.get("conditions") or {}).get("ready") is True for endpoint in endpoints)


def _releases(objects: Mapping[str, list[Object]]) -> tuple[ReleaseState, ...]:
    # A release begins with its release phase, if it has one; the first setup is the preview's.
    jobs = [job for job in objects.get("Job", ()) if _label(job, JOB) in {RELEASE_PHASE, PREDESTROY}]
    grouped: dict[str, list[Object]] = {}
    for each in (*objects.get("Deployment", ()), *jobs):
        grouped.setdefault(_label(each, RELEASE), []).append(each)
    states = [_release(release_id, parts, objects) for release_id, parts in grouped.items() if release_id]
    return tuple(sorted(states, key=lambda state: (state.since, state.id)))


def _release(release_id: str, parts: list[Object], objects: Mapping[str, list[Object]]) -> ReleaseState:
    name = process_name("web", release_id)
    served = any(service["metadata"]["name"] == name for service in objects.get("Service", ()))
    deployments = [part for part in parts if not _label(part, JOB)]
    types = {_label(deployment, PROCESS) for deployment in deployments}
    oldest = min(parts, key=lambda part: str(part["metadata"]["creationTimestamp"]))
    # An earlier try leaves pods under the same labels for a moment.
    made = str(oldest["metadata"]["creationTimestamp"])
    mine = [pod for pod in objects.get("Pod", ()) if _label(pod, RELEASE) == release_id and not _label(pod, JOB)]
    pods = [pod for pod in mine if str(pod["metadata"].get("creationTimestamp", made)) >= made]
    return ReleaseState(
        id=release_id,
        sha=Sha((oldest["metadata"].get("annotations") or {}).get(SHA, "")),
        since=datetime.fromisoformat(oldest["metadata"]["creationTimestamp"]),
        processes=frozenset(types if served else types - {"web"}),
        ready=served and _has_endpoint(name, objects.get("EndpointSlice", ())),
        trouble=find_trouble(deployments, pods),
        images=_images(pods),
        phase=_job(RELEASE_PHASE, release_id, objects),
        predestroy=_job(PREDESTROY, release_id, objects),
    )


def _job(kind: str, release_id: str | None, objects: Mapping[str, list[Object]]) -> JobState | None:
    for job in objects.get("Job", ()):
        if _label(job, JOB) == kind and release_id in {None, _label(job, RELEASE)}:
            return read_job(job, objects.get("Pod", ()))
    return None


def _has_endpoint(service: str, slices: Iterable[Object]) -> bool:
    return any(can_answer(each) for each in slices if _label(each, "kubernetes.io/service-name") == service)


def _routed(routes: Iterable[Object]) -> str | None:
    return next((_label(each, RELEASE) for each in routes if each["metadata"]["name"] == ROUTE), None)


def _images(pods: Iterable[Object]) -> dict[str, str]:
    running: dict[str, str] = {}
    for pod in pods:
        for container in pod.get("status", {}).get("containerStatuses") or ():
            if container.get("imageID"):
                running[container["name"]] = container["imageID"]
    return running


def _label(each: Object, name: str) -> str:
    return str((each["metadata"].get("labels") or {}).get(name, ""))
