"""Why a process ended, never started, or does not answer: the measured fields, and the sentence for each."""

from typing import Any

import pytest

from reviewbot.model import Cause, Output, Trouble
from reviewbot.preview.runs import running_again, without_past
from reviewbot.preview.trouble import find_trouble
from tests.unit.objects import RELEASE, a_container, a_pod, ended, waiting


def of(container: Any, **spec: Any) -> Trouble | None:
    return find_trouble((), [a_pod(containerStatuses=[container], spec={"name": "web"} | spec)])


def cannot_start(cause: Cause, why: str, final: bool) -> Trouble:
    return Trouble(cause, f"Process `web` cannot start: {why}", final)


def crashed(how: str, final: bool = False, restarted: bool = False) -> Trouble:
    what = "keeps ending" if final else "ended"
    return Trouble(Cause.CRASH, f"Process `web` {what} ({how}).", final, Output(f"web-{RELEASE}-x", "web", restarted))


RUNNING = {"running": {"startedAt": "2026-05-04T12:00:00Z"}}
GOES_ON = "its command must go on for as long as the app runs"


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (a_container(state=ended()), crashed("Error, exit code 1")),
        # Only what runs again has begun another log.
        (
            a_container(restarts=1, state=RUNNING, lastState=ended()),
            crashed("Error, exit code 1", restarted=True),
        ),
        (
            a_container(restarts=2, state=ended("Error", 3), lastState=ended()),
            crashed("Error, exit code 3"),
        ),
        # The number of restarts is not told: it changes, and the failure does not.
        (a_container(restarts=3, state=ended(), lastState=ended()), crashed("Error, exit code 1", final=True)),
        # The back-off shows for a moment only; restarts and the last end say the same all the time.
        (
            waiting("CrashLoopBackOff", "back-off 10s restarting", restarts=4, lastState=ended()),
            crashed("Error, exit code 1", final=True),
        ),
        (a_container(restarts=1, lastState={}), None),
    ],
)
def test_crashes(container: Any, expected: Trouble | None) -> None:
    assert of(container) == expected


BACK = a_container(restarts=3, state=RUNNING, lastState=ended(), ready=True)
AGAIN = a_container(restarts=4, state=ended("Error", 3), lastState=ended())


@pytest.mark.parametrize(
    ("container", "past", "expected"),
    [
        (BACK, 0, crashed("Error, exit code 1", final=True, restarted=True)),
        (BACK, 3, None),
        # The next end is the first again.
        (AGAIN, 3, crashed("Error, exit code 3")),
        (AGAIN, 1, crashed("Error, exit code 3", final=True)),
        (AGAIN | {"restartCount": 6}, 3, crashed("Error, exit code 3", final=True)),
        # The runtime may have lost count.
        (a_container(restarts=1, state=ended(), lastState=ended()), 3, crashed("Error, exit code 1")),
    ],
)
def test_not_ready_is_explained__without_ends_that_are_long_past(
    container: Any, past: int, expected: Trouble | None
) -> None:
    pod = a_pod(containerStatuses=[container])
    assert find_trouble((), without_past([pod], {("pod-uid", "web"): past, ("another-uid", "web"): 9})) == expected
    assert without_past([pod], {}) == [pod]


@pytest.mark.parametrize(
    ("container", "known"),
    [
        (BACK, (3, "2026-05-04T12:00:00Z")),
        (AGAIN, None),
        (waiting("CrashLoopBackOff", restarts=3, lastState=ended()), None),
        (a_container(state=RUNNING), None),
    ],
)
def test_what_runs_again_has_ended_before_and_runs(container: Any, known: Any) -> None:
    expected = {("pod-uid", "web"): known} if known else {}
    for name in ("containerStatuses", "initContainerStatuses"):
        pod = a_pod() | {"status": {name: [container]}}
        assert running_again([pod, {"metadata": {"uid": "young"}}]) == expected


@pytest.mark.parametrize(
    ("how", "spec", "why"),
    [
        (("Error", 127), {}, "its command was not found"),
        (("Error", 126), {}, "its command cannot be executed"),
        (("Completed", 0), {}, GOES_ON),
        (("OOMKilled", 137), {}, "it used too much memory"),
        (
            ("OOMKilled", 137),
            {"resources": {"limits": {"memory": "512Mi"}}},
            "it used more than the 512Mi of memory that it may",
        ),
    ],
)
def test_ends_whose_reason_is_known(how: tuple[str, int], spec: Any, why: str) -> None:
    found = of(a_container(restarts=1, lastState=ended(*how)), **spec)
    assert found is not None
    assert found.sentence == f"Process `web` ended ({how[0]}, exit code {how[1]}): {why}."


RUNC = "failed to create containerd task: runc create failed: error during container init: "
NO_SHELL = "A `Procfile` needs a shell in the image; without a `Procfile` the image's own entry point runs."


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (
            f'{RUNC}exec: "bin/web": stat bin/web: no such file or directory',
            'exec: "bin/web": stat bin/web: no such file or directory. Its command must be in the image.',
        ),
        (f'{RUNC}exec: "/bin/sh": permission denied', f'exec: "/bin/sh": permission denied. {NO_SHELL}'),
        ("something else", "something else. Its command must be in the image."),
    ],
)
def test_what_cannot_start_will_not_mend_itself(message: str, why: str) -> None:
    found = of(waiting("RunContainerError", restarts=1, lastState=ended("StartError", 128, message=message)))
    assert found == cannot_start(Cause.START, why, final=True)


LISTEN = "It must listen on `$PORT`, or its port be set as `port:` in `.github/reviewbot.yml`."


@pytest.mark.parametrize(
    ("probe", "what"),
    [
        ({"tcpSocket": {"port": 8080}}, "nothing answers on port 8080"),
        ({"httpGet": {"path": "/healthz", "port": 3000}}, "`/healthz` does not answer on port 3000"),
    ],
)
def test_what_runs_and_does_not_answer(probe: Any, what: str) -> None:
    expected = Trouble(
        Cause.NEVER_READY,
        f"Process `web` runs, but {what}. {LISTEN}",
        final=False,
        output=Output(f"web-{RELEASE}-x", "web", restarted=False),
    )
    assert of(a_container(state=RUNNING, ready=False), readinessProbe=probe) == expected
    assert of(a_container(state=RUNNING, ready=True), readinessProbe=probe) is None
    assert of(waiting("ContainerCreating", ready=False), readinessProbe=probe) is None
