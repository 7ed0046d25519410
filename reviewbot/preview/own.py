"""How a repository's own objects fare: which carry the release's label, and how far they are. Pure.

They are updated in place, so what a release no longer has is still the one's before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from reviewbot.manifests import ORIGIN
from reviewbot.manifests.read import KINDS
from reviewbot.model import Cause, JobState, ReleaseState, Served, Stage, Trouble
from reviewbot.preview.endpoints import has_endpoint
from reviewbot.preview.jobs import pods_of, stage_of
from reviewbot.preview.trouble import find_trouble
from reviewbot.render.names import RELEASE, SERVED

Object = Mapping[str, Any]
Objects = Mapping[str, list[Object]]

_MAX_IMAGES = 50
_JOB_OF_POD = "batch.kubernetes.io/job-name"


def is_own(each: Object) -> bool:
    """Whether it comes from the repository's manifests, as its pods do."""
    return bool(_label(each, ORIGIN))


def own_parts(objects: Objects) -> list[tuple[str, Object]]:
    """All that comes from manifests and is to stay, with its kind."""
    listed = [(kind, each) for kind in KINDS for each in objects.get(kind, ())]
    return [(kind, each) for kind, each in listed if is_own(each) and not each["metadata"].get("deletionTimestamp")]


def with_own(state: ReleaseState, objects: Objects) -> ReleaseState:
    """The release with what it has of the repository's own objects, if it has any."""
    mine = [(kind, each) for kind, each in own_parts(objects) if _label(each, RELEASE) == state.id]
    if not mine:
        return state
    pods = [pod for pod in objects.get("Pod", ()) if _is_of(pod, state.id)]
    jobs = tuple(_job(each, objects.get("Pod", ())) for kind, each in mine if kind == "Job")
    served = next(filter(None, (_served(each) for kind, each in mine if kind == "Service")), None)
    answers = served is not None and has_endpoint(served.service, objects.get("EndpointSlice", ()))
    rolled_out = all(_is_rolled_out(each) for kind, each in mine if kind in {"Deployment", "StatefulSet"})
    failure = next((job.trouble for job in jobs if job.trouble), None)
    return replace(
        state,
        objects=frozenset((kind, each["metadata"]["name"]) for kind, each in mine),
        jobs=jobs,
        served=served,
        ready=answers and rolled_out and failure is None,
        trouble=failure or find_trouble([each for kind, each in mine if kind == "Deployment"], pods),
        images=_images(pods),
    )


def _is_of(pod: Object, release_id: str) -> bool:
    # Pods that do not run the release's image carry no release's label; what runs once is told by its Job.
    return is_own(pod) and _label(pod, RELEASE) in {"", release_id} and not _label(pod, _JOB_OF_POD)


def _served(service: Object) -> Served | None:
    number = _label(service, SERVED)
    for port in service["spec"].get("ports") or ():
        if str(port["port"]) == number and port.get("protocol", "TCP") == "TCP":
            return Served(service["metadata"]["name"], port["port"], port.get("targetPort", port["port"]))
    return None


def _is_rolled_out(each: Object) -> bool:
    status, wanted = each.get("status") or {}, each["spec"].get("replicas", 1)
    current = status.get("observedGeneration", 0) >= each["metadata"].get("generation", 0)
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return current and counts == [wanted] * len(counts)


def _job(job: Object, pods: Iterable[Object]) -> JobState:
    stage = stage_of(job)
    trouble = _failure(job, pods) if stage is Stage.FAILED else None
    return JobState(job["metadata"]["name"], _label(job, RELEASE), stage, trouble)


def _failure(job: Object, pods: Iterable[Object]) -> Trouble:
    why = find_trouble((), pods_of(job, pods))
    sentence = f"The Job `{job['metadata']['name']}` failed." + (f" {why.sentence}" if why else "")
    return Trouble(Cause.CRASH, sentence, final=True, output=why.output if why else None)


def _images(pods: Iterable[Object]) -> dict[str, str]:
    found = {
        f"{_workload(pod)}/{container['name']}": str(container["imageID"])
        for pod in pods
        for container in (pod.get("status") or {}).get("containerStatuses") or ()
        if container.get("imageID")
    }
    return dict(sorted(found.items())[:_MAX_IMAGES])


def _workload(pod: Object) -> str:
    owner = next((each["name"] for each in pod["metadata"].get("ownerReferences") or ()), "")
    return str(owner).removesuffix(f"-{_label(pod, 'pod-template-hash')}")


def _label(each: Object, name: str) -> str:
    return str((each["metadata"].get("labels") or {}).get(name, ""))
