"""Which containers run again after they ended, and pods without the ends that are long past. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

Object = dict[str, Any]
# A pod's uid and a container's name.
Container = tuple[str, str]

_LISTS = ("initContainerStatuses", "containerStatuses")


def running_again(pods: Iterable[Object]) -> dict[Container, tuple[int, str]]:
    """What runs and has ended before: how often it did, and since when it runs, in the cluster's words."""
    return {
        (pod["metadata"]["uid"], each["name"]): (each["restartCount"], str(running.get("startedAt")))
        for pod in pods
        for each in _statuses(pod)
        if each.get("restartCount") and (running := each.get("state", {}).get("running"))
    }


def without_past(pods: Iterable[Object], past: Mapping[Container, int]) -> list[Object]:
    """The pods as if the first so many ends of each container had not been."""
    return [_pod(pod, past) if any(uid == pod["metadata"]["uid"] for uid, _ in past) else pod for pod in pods]


def _statuses(pod: Object) -> list[Object]:
    return [each for name in _LISTS for each in (pod.get("status") or {}).get(name) or ()]


def _pod(pod: Object, past: Mapping[Container, int]) -> Object:
    uid, status = pod["metadata"]["uid"], pod.get("status") or {}
    lists = {
        name: [_status(each, past.get((uid, each["name"]), 0)) for each in status.get(name) or ()] for name in _LISTS
    }
    return {**pod, "status": {**status, **lists}}


def _status(container: Object, past: int) -> Object:
    left = max(0, container["restartCount"] - past)
    return {**container, "restartCount": left, "lastState": container.get("lastState", {}) if left or not past else {}}
