"""Why a release does not get ready: the measured field of each failure, and the sentence a person reads for it."""

from typing import Any

import pytest

from reviewbot.model import Cause, Trouble
from reviewbot.preview import read
from tests.unit.builders import REF
from tests.unit.objects import (
    IMAGE,
    OLD_RELEASE,
    a_container,
    a_deployment,
    a_namespace,
    a_pod,
    a_slice,
    ended,
    objects,
    waiting,
)


def trouble(pods: list[Any], conditions: tuple[Any, ...] = ()) -> Trouble | None:
    deployments = [a_deployment(conditions=list(conditions))]
    seen = objects(Deployment=deployments, Pod=pods, EndpointSlice=[a_slice()])
    (state,) = read(REF, a_namespace(), seen).releases
    return state.trouble


def of(container: Any) -> Trouble | None:
    return trouble([a_pod(containerStatuses=[container])])


def a_condition(kind: str, status: str, reason: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def refused(message: str) -> dict[str, str]:
    return a_condition("ReplicaFailure", "True", "FailedCreate", message)


UNSCHEDULED = a_condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu.")
NO_ROOM = Trouble(
    Cause.UNSCHEDULABLE, "No node has room for it: 0/3 nodes are available: 3 Insufficient cpu.", final=False
)
NOT_PULLED = Trouble(Cause.IMAGE, f"Image `{IMAGE}` cannot be pulled.", final=False)


@pytest.mark.parametrize(
    "message",
    [
        'pods "web-x" is forbidden: violates PodSecurity "restricted:v1.30": privileged',
        "exceeded quota: preview, requested: pods=1, used: pods=20, limited: pods=20",
        "maximum cpu usage per Container is 2, but limit is 3",
        "serviceAccountName must be default",
    ],
)
def test_refused_pods(message: str) -> None:
    sentence = f"The cluster refused its pods: {message}"
    assert trouble([], (refused(message),)) == Trouble(Cause.REFUSED, sentence, final=True)


@pytest.mark.parametrize(
    "conditions",
    [
        (),
        (a_condition("ReplicaFailure", "False", "FailedCreate", "over"),),
        (a_condition("Available", "False", "MinimumReplicasUnavailable"),),
        (a_condition("Progressing", "True", "NewReplicaSetAvailable"),),
    ],
)
def test_conditions_that_mean_nothing_yet(conditions: tuple[Any, ...]) -> None:
    assert trouble([a_pod(phase="Pending")], conditions) is None


def test_unschedulable() -> None:
    assert trouble([a_pod(conditions=[UNSCHEDULED])]) == NO_ROOM


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (waiting("ErrImagePull", "manifest unknown"), NOT_PULLED),
        (waiting("ImagePullBackOff", "Back-off pulling image"), NOT_PULLED),
        (waiting("InvalidImageName"), Trouble(Cause.IMAGE, f"`{IMAGE}` is not an image name.", final=True)),
        (
            waiting("CreateContainerConfigError", 'secret "reviewbot-config-x" not found'),
            Trouble(
                Cause.CONFIG,
                'Its container cannot be made: secret "reviewbot-config-x" not found',
                final=False,
            ),
        ),
        (waiting("ContainerCreating"), None),
        (waiting("PodInitializing"), None),
        (a_container(state={"running": {"startedAt": "2026-05-04T12:00:00Z"}}), None),
        (a_container(), None),
    ],
)
def test_waiting_containers(container: Any, expected: Trouble | None) -> None:
    assert of(container) == expected


def crashed(how: str, times: str = "", final: bool = False) -> Trouble:
    return Trouble(Cause.CRASH, f"Process `web` ended ({how}){times}.", final)


RUNNING = {"running": {"startedAt": "2026-05-04T12:00:00Z"}}
START_ERROR = ended("StartError", 128, message='exec: "bin/web": stat bin/web: no such file or directory')


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (a_container(state=ended()), crashed("Error, exit code 1")),
        (a_container(restarts=1, state=RUNNING, lastState=ended()), crashed("Error, exit code 1")),
        (
            a_container(restarts=2, state=ended("OOMKilled", 137), lastState=ended()),
            crashed("OOMKilled, exit code 137", ", restarted 2 times"),
        ),
        (
            a_container(restarts=3, state=ended("Completed", 0), lastState=ended()),
            crashed("Completed, exit code 0", ", restarted 3 times", final=True),
        ),
        # The back-off shows for a moment only; restarts and the last end say the same all the time.
        (
            waiting("CrashLoopBackOff", "back-off 10s restarting", restarts=4, lastState=ended()),
            crashed("Error, exit code 1", ", restarted 4 times", final=True),
        ),
        (
            waiting("RunContainerError", restarts=1, lastState=START_ERROR),
            crashed("StartError, exit code 128"),
        ),
        (a_container(restarts=1, lastState={}), None),
    ],
)
def test_crashes(container: Any, expected: Trouble | None) -> None:
    assert of(container) == expected


DEADLINE = a_condition("Progressing", "False", "ProgressDeadlineExceeded", "ReplicaSet web-x has timed out")


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (a_pod(containerStatuses=[waiting("ImagePullBackOff")]), NOT_PULLED),
        (a_pod(conditions=[UNSCHEDULED]), NO_ROOM),
        (a_pod(containerStatuses=[a_container(restarts=1, lastState=ended())]), crashed("Error, exit code 1")),
    ],
)
def test_kubernetes_deadline_never_hides_the_cause(pod: Any, expected: Trouble) -> None:
    assert trouble([pod], (DEADLINE,)) == expected


@pytest.mark.parametrize(
    "pods",
    [
        [a_pod(conditions=[UNSCHEDULED]), a_pod(containerStatuses=[waiting("InvalidImageName")])],
        [a_pod(containerStatuses=[waiting("InvalidImageName")]), a_pod(conditions=[UNSCHEDULED])],
    ],
)
def test_what_will_not_mend_itself_is_told_first(pods: list[Any]) -> None:
    assert trouble(pods) == Trouble(Cause.IMAGE, f"`{IMAGE}` is not an image name.", final=True)


def test_the_second_container_is_looked_at_too() -> None:
    healthy = a_container("web", state=RUNNING)
    broken = waiting("ErrImagePull", name="proxy")
    assert trouble([a_pod(containerStatuses=[healthy, broken])]) == NOT_PULLED


def test_the_trouble_of_another_release_is_not_ours() -> None:
    assert trouble([a_pod(OLD_RELEASE, containerStatuses=[waiting("ErrImagePull")])]) is None


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("two\n  lines\tof `text`", "two lines of 'text'"),
        ("", "FailedCreate"),
        ("x" * 301, "x" * 300 + "…"),
    ],
)
def test_excerpts_are_one_short_line(message: str, shown: str) -> None:
    expected = Trouble(Cause.REFUSED, f"The cluster refused its pods: {shown}", final=True)
    assert trouble([], (refused(message),)) == expected
