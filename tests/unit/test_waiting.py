"""Since when something has been on its way: counted from when it was first seen so, and anew after that was over."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import AddonState, Preview, Stage
from reviewbot.preview.trouble import find_trouble
from reviewbot.reconcile.waiting import Waiting
from tests.unit.builders import NOW, a_job, a_state, minutes
from tests.unit.objects import a_container, a_pod, ended

LATER = NOW + minutes(1)
DOWN = AddonState("postgresql", "abc", whole=True, ready=False)
RUNNING = a_job(since=None)


class Looks:
    """Looks at one preview, a minute apart."""

    def __init__(self) -> None:
        self.now = NOW - minutes(1)
        self.waiting = Waiting(lambda: self.now)

    def at(self, preview: Preview, record: str = "pr-1-1") -> Preview:
        self.now += minutes(1)
        return self.waiting.timed(record, preview)


def active(**changes: Any) -> Preview:
    return Preview("active", **changes)


CASES = {
    "namespace": (Preview("terminating", uid="uid"), lambda seen: seen.since),
    "add-on": (active(addons=(DOWN,)), lambda seen: seen.addons[0].since),
    "leaving": (active(addons=(replace(DOWN, ready=True, leaving=True),)), lambda seen: seen.addons[0].since),
    "postdeploy": (active(postdeploy=RUNNING), lambda seen: seen.postdeploy.since),
    "release phase": (active(releases=(a_state(phase=RUNNING),)), lambda seen: seen.releases[0].phase.since),
    "predestroy": (active(releases=(a_state(predestroy=RUNNING),)), lambda seen: seen.releases[0].predestroy.since),
}


@pytest.mark.parametrize(("preview", "since"), CASES.values(), ids=CASES)
def test_it_is_counted_from_the_first_look(preview: Preview, since: Any) -> None:
    looks = Looks()
    assert since(looks.at(preview)) == NOW
    assert since(looks.at(preview)) == NOW
    # Something else in between: it began anew.
    looks.at(active())
    assert since(looks.at(preview)) == NOW + minutes(3)


@pytest.mark.parametrize("stage", [Stage.SUSPENDED, Stage.SUCCEEDED, Stage.FAILED])
def test_what_does_not_run_is_not_waited_for(stage: Stage) -> None:
    job = a_job(stage, since=None)
    preview = active(postdeploy=job, releases=(a_state(phase=job),), addons=(replace(DOWN, ready=True),))
    assert Looks().at(preview) == preview


def test_ttl_uses_server_time__the_age_of_a_namespace_is_counted_by_our_own_clock() -> None:
    looks = Looks()
    assert looks.at(active(uid="uid", since=NOW - minutes(24 * 60))).since == NOW
    assert looks.at(active(uid="uid")).since == NOW


def test_what_is_brought_up_to_date_is_waited_for_anew() -> None:
    looks = Looks()
    looks.at(active(addons=(DOWN,)))
    assert looks.at(active(addons=(replace(DOWN, definition="xyz"),))).addons[0].since == LATER


def test_each_is_counted_for_itself() -> None:
    looks = Looks()
    looks.at(active(addons=(DOWN,)))
    both = looks.at(active(addons=(DOWN,), postdeploy=RUNNING))
    assert both.postdeploy is not None
    assert (both.addons[0].since, both.postdeploy.since) == (NOW, LATER)
    assert looks.at(active(addons=(DOWN,)), "pr-1-2").addons[0].since == LATER + minutes(1)


def test_a_record_that_is_gone_is_forgotten() -> None:
    looks = Looks()
    looks.at(active(addons=(DOWN,)))
    looks.waiting.forget("pr-1-1")
    looks.waiting.forget("pr-1-2")
    assert looks.at(active(addons=(DOWN,))).addons[0].since == LATER


class Pod:
    """A pod whose container ends and runs again, as it is told."""

    def __init__(self) -> None:
        self.looks = Looks()
        self.uid = "pod-uid"
        self.ends = 0
        self.runs = True

    def end(self, times: int = 1, *, runs: bool = True) -> None:
        self.ends, self.runs = self.ends + times, runs

    def ails(self, after: int = 0, *, well: bool = False) -> bool | None:
        """Whether it keeps ending, so many minutes after the look before; None if nothing is wrong."""
        self.looks.now += minutes(after)
        state = {"running": {"startedAt": f"after {self.ends}"}} if self.runs else ended()
        container = a_container(restarts=self.ends, state=state, lastState=ended() if self.ends else {})
        pod = a_pod(metadata={"uid": self.uid}, containerStatuses=[container])
        found = find_trouble((), self.looks.waiting.recovered("pr-1-1", [pod], well=well))
        return found.final if found else None


def test_not_ready_is_explained__until_it_has_run_for_ten_minutes() -> None:
    pod = Pod()
    pod.end(3)
    assert [pod.ails(), pod.ails(9), pod.ails(1), pod.ails(60)] == [True, True, None, None]


def test_not_ready_is_explained__by_ends_since_it_last_ran_for_long() -> None:
    pod = Pod()
    pod.end(3)
    pod.ails()
    pod.ails(10)
    pod.end(runs=False)
    assert pod.ails(60) is False
    pod.end(2)
    # It may have run for no longer than a moment, however long ago the last look was.
    assert [pod.ails(60), pod.ails(9)] == [True, True]
    assert pod.ails(1) is None


def test_not_ready_is_explained__by_ends_of_this_pod_alone() -> None:
    pod = Pod()
    pod.end(3)
    pod.ails()
    assert pod.ails(10) is None
    pod.uid = "another-uid"
    assert pod.ails(10) is True


@pytest.mark.parametrize(("well", "expected"), [(True, None), (False, True)])
def test_not_ready_is_explained__not_again_after_a_start(well: bool, expected: bool | None) -> None:
    pod = Pod()
    pod.end(3)
    assert pod.ails(well=well) is expected
    # That is so for the first look alone.
    pod.end(3)
    assert pod.ails(well=True) is True
    pod.looks.waiting.forget("pr-1-1")
    assert pod.ails() is True
