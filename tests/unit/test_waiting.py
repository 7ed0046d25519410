"""Since when something has been on its way: counted from when it was first seen so, and anew after that was over."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import AddonState, Preview, Stage
from reviewbot.reconcile.waiting import Waiting
from tests.unit.builders import NOW, a_job, a_state, minutes

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
