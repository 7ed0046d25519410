"""How a command fares that runs once, read from its Job and its pods as a real node shows them."""

from typing import Any

import pytest

from reviewbot.model import Cause, JobState, Output, Stage, Trouble
from reviewbot.preview import is_unexplained, read
from reviewbot.preview.jobs import goes_on, read_job
from tests.unit.builders import HEAD, REF
from tests.unit.objects import (
    CREATED,
    OLD_RELEASE,
    RELEASE,
    a_container,
    a_deployment,
    a_namespace,
    a_pod,
    a_service,
    ended,
    waiting,
)

NAME = f"release-{RELEASE}"


def a_job(kind: str = "release", release: str = RELEASE, uid: str = "job-uid", **more: Any) -> dict[str, Any]:
    name = kind if kind == "postdeploy" else f"{kind}-{release}"
    metadata = {
        "name": name,
        "uid": uid,
        "labels": {"reviewbot.dev/release": release, "reviewbot.dev/job": kind},
        "annotations": {"reviewbot.dev/sha": HEAD},
        "creationTimestamp": CREATED,
    }
    spec = {"activeDeadlineSeconds": more.pop("limit", 3600)} | ({"suspend": True} if more.pop("waits", False) else {})
    return {"metadata": metadata | more.pop("metadata", {}), "spec": spec, "status": more}


def of_job(uid: str = "job-uid", kind: str = "release", **status: Any) -> dict[str, Any]:
    pod = a_pod(**status)
    labels = {"reviewbot.dev/release": RELEASE, "reviewbot.dev/job": kind}
    metadata = {"name": f"{NAME}-x", "labels": labels, "ownerReferences": [{"uid": uid}]}
    return pod | {"metadata": pod["metadata"] | metadata}


def condition(name: str, status: str = "True", **more: str) -> dict[str, Any]:
    return {"type": name, "status": status} | more


OUTPUT = Output(f"{NAME}-x", "release", restarted=False)


@pytest.mark.parametrize(
    ("job", "stage"),
    [
        (a_job(), Stage.RUNNING),
        (a_job(conditions=None), Stage.RUNNING),
        (a_job(waits=True), Stage.SUSPENDED),
        (a_job(waits=True, conditions=[condition("Suspended")]), Stage.SUSPENDED),
        (a_job(conditions=[condition("Complete")]), Stage.SUCCEEDED),
        (a_job(conditions=[condition("SuccessCriteriaMet")]), Stage.SUCCEEDED),
        (a_job(conditions=[condition("Failed")]), Stage.FAILED),
        (a_job(conditions=[condition("FailureTarget")]), Stage.FAILED),
        (a_job(conditions=[condition("Complete", "False")]), Stage.RUNNING),
        (a_job(conditions=[condition("Suspended", "False"), condition("Complete")]), Stage.SUCCEEDED),
    ],
)
def test_stages(job: Any, stage: Stage) -> None:
    assert read_job(job, []) == JobState(NAME, RELEASE, stage)


FAILED = [condition("Failed", reason="BackoffLimitExceeded")]
LATE = [condition("Failed", reason="DeadlineExceeded")]
CRASH = Trouble(
    Cause.CRASH, "Process `release` ended (Error, exit code 3).", False, Output(f"{NAME}-x", "release", False)
)


def crashed(code: int = 3, reason: str = "Error") -> dict[str, Any]:
    return of_job(containerStatuses=[a_container("release", state=ended(reason, code))])


@pytest.mark.parametrize(
    ("conditions", "pods", "trouble"),
    [
        (FAILED, [crashed()], CRASH),
        (FAILED, [], None),
        (LATE, [], Trouble(Cause.NEVER_READY, "It did not end within 60 minutes.", final=True)),
        (LATE, [crashed(143)], Trouble(Cause.NEVER_READY, "It did not end within 60 minutes.", final=True)),
        # That it ended is told by the pod a moment before the Job says how.
        ([], [crashed()], None),
        ([], [crashed(0, "Completed")], None),
        ([condition("Complete")], [crashed(0, "Completed")], None),
        # Left over from a Job of the same name.
        (FAILED, [of_job("another-uid", containerStatuses=[a_container(state=ended())])], None),
    ],
)
def test_how_it_ended(conditions: Any, pods: Any, trouble: Any) -> None:
    assert read_job(a_job(conditions=conditions), pods).trouble == trouble


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [(90, "It did not end within 90 seconds."), (120, "It did not end within 2 minutes.")],
)
def test_its_limit_is_told(limit: int, sentence: str) -> None:
    trouble = read_job(a_job(limit=limit, conditions=LATE), []).trouble
    assert trouble is not None
    assert trouble.sentence == sentence


@pytest.mark.parametrize(
    ("container", "cause"),
    [
        (waiting("ErrImagePull", "not found"), Cause.IMAGE),
        (waiting("CreateContainerConfigError", 'secret "x" not found'), Cause.CONFIG),
        (a_container("release", state=ended("StartError", 128)), Cause.START),
    ],
)
def test_why_it_does_not_start(container: Any, cause: Cause) -> None:
    state = read_job(a_job(), [of_job(containerStatuses=[container])])
    assert state.trouble is not None
    assert (state.trouble.cause, state.output, state.idle) == (cause, OUTPUT, True)


@pytest.mark.parametrize(
    ("job", "pods", "idle"),
    [
        (a_job(), [], True),
        (a_job(), [of_job(containerStatuses=[a_container(state={"running": {}})])], False),
        (a_job(waits=True), [], False),
        (a_job(conditions=FAILED), [], False),
    ],
)
def test_what_should_run_and_does_not(job: Any, pods: Any, idle: bool) -> None:
    assert read_job(job, pods).idle == idle


# --- where they stand in a preview


def seen(**kinds: Any) -> Any:
    return read(REF, a_namespace(), kinds)


def test_a_release_begins_with_its_release_phase() -> None:
    (state,) = seen(Job=[a_job()], Pod=[of_job(containerStatuses=[a_container("release", imageID="x")])]).releases
    assert (state.id, state.sha, state.processes, state.ready, state.images) == (RELEASE, HEAD, frozenset(), False, {})
    assert state.phase == JobState(NAME, RELEASE, Stage.RUNNING, output=OUTPUT)


def test_each_release_has_its_own() -> None:
    jobs = [a_job(), a_job("pr-predestroy", waits=True), a_job("release", OLD_RELEASE, "other-uid")]
    preview = seen(Job=jobs, Deployment=[a_deployment()], Service=[a_service()])
    old, new = preview.release(OLD_RELEASE), preview.release(RELEASE)
    assert (new.processes, new.phase.name, new.predestroy.stage) == (frozenset({"web"}), NAME, Stage.SUSPENDED)
    assert (old.processes, old.phase.name, old.predestroy) == (frozenset(), f"release-{OLD_RELEASE}", None)


def test_the_first_setup_is_the_previews() -> None:
    preview = seen(Job=[a_job("postdeploy", OLD_RELEASE)])
    assert preview.releases == ()
    assert preview.postdeploy == JobState("postdeploy", OLD_RELEASE, Stage.RUNNING)
    assert seen().postdeploy is None


def test_jobs_of_nobody_are_nobodys() -> None:
    stray = a_job(metadata={"labels": {"app": "x"}})
    assert (seen(Job=[stray]).releases, seen(Job=[stray]).postdeploy) == ((), None)


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (of_job("deleted-uid"), True),
        (of_job("deleted-uid", phase="Running"), True),
        (of_job("deleted-uid", phase="Running", metadata={"deletionTimestamp": CREATED}), True),
        (of_job("deleted-uid", phase="Failed"), False),
        (of_job("deleted-uid", phase="Succeeded"), False),
        (of_job(phase="Running"), False),
        (a_pod(phase="Running"), False),
        ({"metadata": {"name": "stray", "labels": None}, "status": {}}, False),
    ],
)
def test_what_goes_on_after_its_job_was_deleted(pod: Any, expected: bool) -> None:
    assert goes_on(pod, [a_job()]) == expected
    assert seen(Pod=[pod], Job=[a_job()]).stopping == expected


QUOTA = "exceeded quota: reviewbot, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2"


def refused(why: str = QUOTA, uid: str = "job-uid", reason: str = "FailedCreate", **more: Any) -> dict[str, Any]:
    note = f'Error creating: pods "{NAME}-x7k2p" is forbidden: {why}'
    return {"reason": reason, "note": note, "regarding": {"kind": "Job", "uid": uid}} | more


OVER_QUOTA = Trouble(
    Cause.QUOTA,
    f"The preview's quota does not allow its pods: {QUOTA}. Ask for less under `formation` in `app.json`.",
    final=False,
)
OLD, NEW = "2026-05-04T11:59:31Z", "2026-05-04T11:59:50Z"


@pytest.mark.parametrize(
    ("events", "pods", "trouble"),
    [
        ([refused()], [], OVER_QUOTA),
        (
            [refused("violates the rules")],
            [],
            Trouble(
                Cause.REFUSED,
                "The cluster refused its pods: violates the rules. Whoever runs the cluster sets these rules.",
                final=True,
            ),
        ),
        ([refused(deprecatedLastTimestamp=NEW), refused("x", deprecatedLastTimestamp=OLD)], [], OVER_QUOTA),
        ([refused("x", eventTime=OLD), refused(series={"lastObservedTime": NEW}, eventTime=OLD)], [], OVER_QUOTA),
        ([refused(uid="another")], [], None),
        ([refused(reason="SuccessfulCreate")], [], None),
        ([refused(regarding=None)], [], None),
        # By now there is room.
        ([refused()], [of_job(containerStatuses=[a_container(state={"running": {}})])], None),
    ],
)
def test_why_there_is_no_pod(events: Any, pods: Any, trouble: Any) -> None:
    assert read_job(a_job(), pods, events).trouble == trouble
    phase = seen(Job=[a_job()], Pod=pods, Event=events).releases[0].phase
    assert phase.trouble == trouble


def test_only_of_what_should_run_somebody_asks_why_there_is_no_pod() -> None:
    assert read_job(a_job(waits=True), [], [refused()]).trouble is None
    assert read_job(a_job(conditions=FAILED), [], [refused()]).trouble is None


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({}, False),
        ({"Job": [a_job()]}, True),
        ({"Job": [a_job("postdeploy")]}, True),
        ({"Job": [a_job("pr-predestroy")]}, True),
        ({"Job": [a_job("pr-predestroy", waits=True)]}, False),
        ({"Job": [a_job()], "Event": [refused()]}, False),
        ({"Job": [a_job()], "Pod": [of_job()]}, False),
    ],
)
def test_events_are_asked_for_only_where_nothing_else_explains(kinds: Any, expected: bool) -> None:
    assert is_unexplained(seen(**kinds)) == expected
