"""Why a release does not get ready: the measured field of each failure, and the sentence a person reads for it."""

from typing import Any

import pytest

from reviewbot.model import Cause, Output, Trouble
from reviewbot.preview import read
from tests.unit.builders import REF
from tests.unit.objects import (
    IMAGE,
    OLD_RELEASE,
    RELEASE,
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


def of(container: Any, **spec: Any) -> Trouble | None:
    return trouble([a_pod(containerStatuses=[container], spec={"name": "web"} | spec)])


def a_condition(kind: str, status: str, reason: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def refused(message: str) -> dict[str, str]:
    return a_condition("ReplicaFailure", "True", "FailedCreate", message)


UNSCHEDULED = a_condition(
    "PodScheduled",
    "False",
    "Unschedulable",
    "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found.",
)
NO_ROOM = Trouble(
    Cause.UNSCHEDULABLE,
    "No node can take it: 0/3 nodes are available: 3 Insufficient cpu. Whoever runs the cluster can make room.",
    final=False,
)
NOT_PULLED = Trouble(Cause.IMAGE, f"Image `{IMAGE}` cannot be pulled.", final=False)
NO_NAME = Trouble(Cause.IMAGE, f"`{IMAGE}` is not an image name. Mend `image:` in `.github/reviewbot.yml`.", final=True)
RULES = "Whoever runs the cluster sets these rules."


def refusal(why: str) -> Trouble:
    return Trouble(Cause.REFUSED, f"The cluster refused its pods: {why}. {RULES}", final=True)


@pytest.mark.parametrize(
    "message",
    [
        'violates PodSecurity "restricted:v1.30": privileged',
        "maximum cpu usage per Container is 2, but limit is 3",
        "serviceAccountName must be default",
    ],
)
@pytest.mark.parametrize("prefix", ["", 'pods "web-aaaaaaa-0123456789-5d8f9-x7k2p" is forbidden: '])
def test_not_ready_is_explained__refused_pods(prefix: str, message: str) -> None:
    assert trouble([], (refused(prefix + message),)) == refusal(message)


def test_a_quota_may_still_be_filled_by_what_is_going() -> None:
    why = "exceeded quota: preview, requested: pods=1, used: pods=20, limited: pods=20"
    sentence = f"The preview's quota does not allow its pods: {why}. Ask for less under `formation` in `app.json`."
    conditions = (refused(f'pods "web-x-y" is forbidden: {why}'),)
    assert trouble([], conditions) == Trouble(Cause.QUOTA, sentence, final=False)


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


def cannot_start(cause: Cause, why: str, final: bool) -> Trouble:
    return Trouble(cause, f"Process `web` cannot start: {why}", final)


WHO = '(pod: "web-x_rb-x(0c5ad97e)", container: web)'
SET_USER = "Set `run_as_user:` in `.github/reviewbot.yml` to the number of another user, such as 1000."


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (waiting("ErrImagePull"), NOT_PULLED),
        (waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'), NOT_PULLED),
        (waiting("InvalidImageName"), NO_NAME),
        (
            waiting("CreateContainerConfigError", 'secret "reviewbot-config-x" not found'),
            cannot_start(Cause.CONFIG, 'secret "reviewbot-config-x" not found.', final=False),
        ),
        (
            waiting("CreateContainerConfigError", f"container has runAsNonRoot and image will run as root {WHO}"),
            Trouble(
                Cause.ROOT, f"The image of process `web` runs as root, which no preview may. {SET_USER}", final=True
            ),
        ),
        (
            waiting(
                "CreateContainerConfigError",
                "container has runAsNonRoot and image has non-numeric user (shopper), cannot verify user is non-root"
                f" {WHO}",
            ),
            Trouble(
                Cause.ROOT,
                f"The image of process `web` names its user `shopper` without a number, so it may be root. {SET_USER}",
                final=True,
            ),
        ),
        (
            waiting("CreateContainerError", "failed to generate spec: no command specified"),
            cannot_start(Cause.START, "its image names no command. Name it in the `Procfile`.", final=True),
        ),
        (
            waiting("CreateContainerError", "context deadline exceeded"),
            cannot_start(Cause.START, "context deadline exceeded.", final=False),
        ),
        (waiting("ContainerCreating"), None),
        (waiting("PodInitializing"), None),
        (a_container(state={"running": {"startedAt": "2026-05-04T12:00:00Z"}}), None),
        (a_container(), None),
    ],
)
def test_not_ready_is_explained__waiting_containers(container: Any, expected: Trouble | None) -> None:
    assert of(container) == expected


RUNNING = {"running": {"startedAt": "2026-05-04T12:00:00Z"}}
ENDED = Trouble(
    Cause.CRASH, "Process `web` ended (Error, exit code 1).", False, Output(f"web-{RELEASE}-x", "web", restarted=False)
)
DEADLINE = a_condition("Progressing", "False", "ProgressDeadlineExceeded", "ReplicaSet web-x has timed out")


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (a_pod(containerStatuses=[waiting("ImagePullBackOff")]), NOT_PULLED),
        (a_pod(conditions=[UNSCHEDULED]), NO_ROOM),
        (a_pod(containerStatuses=[a_container(restarts=1, lastState=ended())]), ENDED),
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
    assert trouble(pods) == NO_NAME


def test_any_cause_is_told_before_a_missing_answer() -> None:
    silent = a_container(state=RUNNING, ready=False)
    slow = a_pod(containerStatuses=[silent], spec={"name": "web", "readinessProbe": {"tcpSocket": {"port": 1}}})
    assert trouble([slow, a_pod(conditions=[UNSCHEDULED])]) == NO_ROOM


def test_the_second_container_is_looked_at_too() -> None:
    healthy = a_container("web", state=RUNNING)
    broken = waiting("ErrImagePull", name="proxy")
    assert trouble([a_pod(containerStatuses=[healthy, broken])]) == NOT_PULLED


def test_what_is_going_is_not_in_trouble() -> None:
    going = {"deletionTimestamp": "2026-05-04T12:00:00Z"}
    assert trouble([a_pod(containerStatuses=[a_container(state=ended())], metadata=going)]) is None


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
    assert trouble([], (refused(message),)) == refusal(shown)


LOW = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. "
DOWN = "Pod was terminated in response to imminent node shutdown."


def stopped(reason: str = "Evicted", message: str = LOW, **status: Any) -> Any:
    return a_pod(phase="Failed", reason=reason, message=message, **status)


@pytest.mark.parametrize("left", [{}, {"containerStatuses": [a_container(state=ended("Completed", 0), restarts=3)]}])
@pytest.mark.parametrize(
    ("reason", "message", "why"),
    [
        ("Evicted", LOW, "The node was low on resource: memory"),
        ("Terminated", DOWN, DOWN.rstrip(".")),
        ("NodeAffinity", "", "NodeAffinity"),
    ],
)
def test_not_ready_is_explained__a_pod_that_the_cluster_stopped(
    reason: str, message: str, why: str, left: dict[str, Any]
) -> None:
    expected = Trouble(Cause.CRASH, f"The cluster stopped it: {why}.", final=False)
    assert trouble([stopped(reason, message, **left)]) == expected


def test_not_ready_is_explained__by_the_pod_that_took_the_place_of_one_that_was_stopped() -> None:
    left = stopped(containerStatuses=[a_container(state=ended("Error", 137), restarts=3)])
    assert trouble([left, a_pod(conditions=[UNSCHEDULED])]) == NO_ROOM
    assert trouble([left, a_pod(containerStatuses=[a_container()])]) is None
