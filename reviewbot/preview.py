"""What the objects of a preview's namespace say, read into our own nouns. Pure: dictionaries in, a Preview out.

Which field tells which failure was measured on a real node: a crashing container shows its restarts and its last
termination, hardly ever `CrashLoopBackOff`; a refused pod exists only as a condition on its Deployment.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reviewbot.model import Cause, Preview, PullRequestRef, ReleaseState, Sha, Trouble
from reviewbot.render.names import MANAGED, PROCESS, RELEASE, ROUTE, SHA
from reviewbot.render.walls import owner_annotations
from reviewbot.render.workload import process_name

Object = Mapping[str, Any]

_IMAGE_REASONS = {"ErrImagePull", "ImagePullBackOff"}
_FINAL_CRASHES = 3
_EXCERPT = 300


def read(ref: PullRequestRef, namespace: Object | None, objects: Mapping[str, Iterable[Object]]) -> Preview:
    """The preview as its objects show it; `objects` maps a kind to what the namespace holds of it."""
    if namespace is None:
        return Preview("absent")
    if not is_ours(ref, namespace):
        return Preview("foreign")
    uid = namespace["metadata"]["uid"]
    if namespace["metadata"].get("deletionTimestamp"):
        return Preview("terminating", uid=uid)
    releases = _releases({kind: list(items) for kind, items in objects.items()})
    return Preview("active", releases, _routed(objects.get("HTTPRoute", ())), uid)


def is_ours(ref: PullRequestRef, namespace: Object) -> bool:
    """Labelled as managed and made for this very pull request."""
    metadata = namespace["metadata"]
    ours = owner_annotations(ref)
    names = ("reviewbot.dev/repository-id", "reviewbot.dev/pull-request")
    annotations = metadata.get("annotations") or {}
    return (metadata.get("labels") or {}).get(MANAGED) == "true" and all(
        annotations.get(name) == ours[name] for name in names
    )


def _releases(objects: Mapping[str, list[Object]]) -> tuple[ReleaseState, ...]:
    grouped: dict[str, list[Object]] = {}
    for deployment in objects.get("Deployment", ()):
        grouped.setdefault(_label(deployment, RELEASE), []).append(deployment)
    states = [_release(release_id, deployments, objects) for release_id, deployments in grouped.items() if release_id]
    return tuple(sorted(states, key=lambda state: (state.since, state.id)))


def _release(release_id: str, deployments: list[Object], objects: Mapping[str, list[Object]]) -> ReleaseState:
    name = process_name("web", release_id)
    served = any(service["metadata"]["name"] == name for service in objects.get("Service", ()))
    pods = [pod for pod in objects.get("Pod", ()) if _label(pod, RELEASE) == release_id]
    types = {_label(deployment, PROCESS) for deployment in deployments}
    oldest = min(deployments, key=lambda deployment: str(deployment["metadata"]["creationTimestamp"]))
    return ReleaseState(
        id=release_id,
        sha=Sha((oldest["metadata"].get("annotations") or {}).get(SHA, "")),
        since=datetime.fromisoformat(oldest["metadata"]["creationTimestamp"]),
        processes=frozenset(types if served else types - {"web"}),
        ready=served and _has_endpoint(name, objects.get("EndpointSlice", ())),
        trouble=_trouble(deployments, pods),
        images=_images(pods),
    )


def _has_endpoint(service: str, slices: Iterable[Object]) -> bool:
    return any(
        (endpoint.get("conditions") or {}).get("ready") is True
        for each in slices
        if _label(each, "kubernetes.io/service-name") == service
        for endpoint in each.get("endpoints") or ()
    )


def _routed(routes: Iterable[Object]) -> str | None:
    return next((_label(each, RELEASE) for each in routes if each["metadata"]["name"] == ROUTE), None)


def _trouble(deployments: Iterable[Object], pods: Iterable[Object]) -> Trouble | None:
    # Kubernetes' own deadline is not asked: it never names the cause, and ours may be longer.
    found = [*(_pod_trouble(pod) for pod in pods), *(_refusal(each) for each in deployments)]
    troubles = [trouble for trouble in found if trouble is not None]
    return max(troubles, key=lambda trouble: trouble.final, default=None)


def _refusal(deployment: Object) -> Trouble | None:
    for condition in deployment.get("status", {}).get("conditions") or ():
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            return Trouble(Cause.REFUSED, f"The cluster refused its pods: {_excerpt(condition)}", final=True)
    return None


def _pod_trouble(pod: Object) -> Trouble | None:
    status = pod.get("status", {})
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return Trouble(Cause.UNSCHEDULABLE, f"No node has room for it: {_excerpt(condition)}", final=False)
    return next(filter(None, (_container_trouble(each) for each in status.get("containerStatuses") or ())), None)


def _container_trouble(container: Object) -> Trouble | None:
    waiting = container.get("state", {}).get("waiting") or {}
    reason = waiting.get("reason", "")
    if reason in _IMAGE_REASONS:
        return Trouble(Cause.IMAGE, f"Image `{container['image']}` cannot be pulled.", final=False)
    if reason == "InvalidImageName":
        return Trouble(Cause.IMAGE, f"`{container['image']}` is not an image name.", final=True)
    if reason == "CreateContainerConfigError":
        return Trouble(Cause.CONFIG, f"Its container cannot be made: {_excerpt(waiting)}", final=False)
    return _crash(container)


def _crash(container: Object) -> Trouble | None:
    ended = container.get("state", {}).get("terminated") or container.get("lastState", {}).get("terminated")
    if ended is None:
        return None
    restarts = int(container.get("restartCount", 0))
    how = f"{ended.get('reason', 'Error')}, exit code {ended.get('exitCode')}"
    times = f", restarted {restarts} times" if restarts > 1 else ""
    sentence = f"Process `{container['name']}` ended ({how}){times}."
    return Trouble(Cause.CRASH, sentence, final=restarts >= _FINAL_CRASHES)


def _images(pods: Iterable[Object]) -> dict[str, str]:
    running: dict[str, str] = {}
    for pod in pods:
        for container in pod.get("status", {}).get("containerStatuses") or ():
            if container.get("imageID"):
                running[container["name"]] = container["imageID"]
    return running


def _excerpt(source: Object) -> str:
    words = " ".join(str(source.get("message") or source.get("reason") or "").split()).replace("`", "'")
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"


def _label(each: Object, name: str) -> str:
    return str((each["metadata"].get("labels") or {}).get(name, ""))
