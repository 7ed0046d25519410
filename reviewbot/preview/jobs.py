"""How far a command is that runs once, read from its Job and the Job's pods. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.model import Cause, JobState, Output, Stage, Trouble
from reviewbot.preview.trouble import find_trouble
from reviewbot.render.names import JOB, RELEASE

Object = Mapping[str, Any]


def read_job(job: Object, pods: Iterable[Object]) -> JobState:
    """A Job as it stands; `pods` are all of the namespace."""
    metadata = job["metadata"]
    mine = pods_of(job, pods)
    stage = stage_of(job)
    trouble = _overdue(job) or find_trouble((), mine) if stage in {Stage.RUNNING, Stage.FAILED} else None
    output = next((Output(pod["metadata"]["name"], metadata["labels"][JOB], False) for pod in mine), None)
    return JobState(metadata["name"], metadata["labels"][RELEASE], stage, trouble, output)


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
