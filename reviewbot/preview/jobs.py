"""How far a command is that runs once, read from its Job and the Job's pods. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.model import Cause, JobState, Output, Stage, Trouble
from reviewbot.preview.trouble import find_refusal, find_trouble
from reviewbot.render.names import JOB, RELEASE

Object = Mapping[str, Any]


def read_job(job: Object, pods: Iterable[Object], events: Iterable[Object] = ()) -> JobState:
    """A Job as it stands; `pods` and `events` are all of the namespace."""
    metadata = job["metadata"]
    mine = pods_of(job, pods)
    stage = stage_of(job)
    trouble = _trouble(job, stage, mine)
    if stage is Stage.RUNNING and not mine:
        trouble = find_refusal(job, events)
    output = next((Output(pod["metadata"]["name"], metadata["labels"][JOB], False) for pod in mine), None)
    return JobState(metadata["name"], metadata["labels"][RELEASE], stage, trouble, output)


def goes_on(pod: Object, jobs: Iterable[Object]) -> bool:
    """Whether it is what is left of a Job that was deleted, and has not ended yet."""
    metadata = pod["metadata"]
    is_job = JOB in (metadata.get("labels") or {})
    over = pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}
    return is_job and not over and not any(pods_of(job, [pod]) for job in jobs)


def _trouble(job: Object, stage: Stage, pods: list[Object]) -> Trouble | None:
    if stage in {Stage.SUSPENDED, Stage.SUCCEEDED}:
        return None
    trouble = _overdue(job) or find_trouble((), pods)
    # How it ended is the Job's word, which comes a moment later.
    return None if trouble and trouble.cause is Cause.CRASH and stage is Stage.RUNNING else trouble


def pods_of(job: Object, pods: Iterable[Object]) -> list[Object]:
    """The Job's own; one of the same name that was deleted leaves pods for a moment."""
    uid = job["metadata"]["uid"]
    return [pod for pod in pods if any(each["uid"] == uid for each in pod["metadata"].get("ownerReferences") or ())]


def stage_of(job: Object) -> Stage:
    """How far the Job is."""
    for condition in _conditions(job):
        if condition["type"] in {"Complete", "SuccessCriteriaMet"}:
            return Stage.SUCCEEDED
        if condition["type"] in {"Failed", "FailureTarget"}:
            return Stage.FAILED
    return Stage.SUSPENDED if job["spec"].get("suspend") else Stage.RUNNING


def _overdue(job: Object) -> Trouble | None:
    if any(condition.get("reason") == "DeadlineExceeded" for condition in _conditions(job)):
        seconds = job["spec"]["activeDeadlineSeconds"]
        limit = f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
        return Trouble(Cause.NEVER_READY, f"It did not end within {limit}.", final=True)
    return None


def _conditions(job: Object) -> list[Object]:
    found = (job.get("status") or {}).get("conditions") or ()
    return [condition for condition in found if condition["status"] == "True"]
