"""What operators learn of decisions: a line when it is news, an event a transition, a time that was really measured."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot import metrics
from reviewbot.decide import Arm, Plan
from reviewbot.engine.decisions import Decisions
from reviewbot.engine.events import Events, event
from reviewbot.errors import GiveUp, Unseen
from reviewbot.model import Deployed, Phase, Record
from tests.unit.builders import HEAD, NOW, OLDER, REF, a_pull, a_record, seconds

WAITING = Plan(Phase.WAITING, "Checks", "Waiting for required check “test”.")
APPLYING = Plan(Phase.DEPLOYING, "Applying", "Deploying `1234567`.", (Arm(),), in_flight=True)
PROBING = Plan(Phase.DEPLOYING, "Probing", "Deploying `1234567`.", in_flight=True)
RUNNING = Plan(Phase.RUNNING, "Ready", "`1234567` is running.")
FAILED = Plan(Phase.FAILED, "Crashed", "It crashed.")
CLOSED = Plan(Phase.CLOSED, "Closed", "Nothing is left.")


class World:
    """Where events go, and the clock."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.now = NOW
        self.failure = failure
        self.events: dict[str, dict[str, Any]] = {}
        self.decisions = Decisions(Events(self, "a-pod", self.clock), self.clock)

    def clock(self) -> datetime:
        return self.now

    def create(self, item: dict[str, Any]) -> bool:
        if self.failure:
            raise self.failure
        self.events.setdefault(item["metadata"]["name"], item)
        return True

    def tell(self, *plans: Plan, record: Record | None = None) -> None:
        for plan in plans:
            self.decisions.tell(record or a_record(), a_pull(), plan)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_a_line_names_everything(told: pytest.LogCaptureFixture) -> None:
    World().tell(APPLYING, record=a_record(poke="72d3162e-cc78-11e3/x", observed_poke="72d3162e-cc78-11e3/y"))
    fields = vars(told.records[0])
    names = (
        "repository",
        "repository_id",
        "pull_request",
        "commit",
        "phase",
        "reason",
        "sentence",
        "steps",
        "delivery",
    )
    assert {name: fields[name] for name in names} == {
        "repository": "acme/shop",
        "repository_id": REF.repository,
        "pull_request": REF.number,
        "commit": HEAD,
        "phase": "Deploying",
        "reason": "Applying",
        "sentence": "Deploying `1234567`.",
        "steps": ["Arm"],
        "delivery": "72d3162e-cc78-11e3",
    }


@pytest.mark.parametrize(
    ("poke", "observed"), [(None, None), ("only-a-uuid", None), ("guid/x", "guid/x")], ids=["none", "ours", "answered"]
)
def test_a_look_that_no_delivery_asked_for_names_none(
    poke: str | None, observed: str | None, told: pytest.LogCaptureFixture
) -> None:
    World().tell(WAITING, record=a_record(poke=poke, observed_poke=observed))
    assert not hasattr(told.records[0], "delivery")


def test_only_news_is_a_line(told: pytest.LogCaptureFixture) -> None:
    World().tell(WAITING, APPLYING, APPLYING, PROBING, *[PROBING] * 50, RUNNING, RUNNING)
    assert [vars(line)["reason"] for line in told.records] == ["Checks", "Applying", "Probing", "Ready"]


def test_nothing_is_kept_of_what_is_closed(told: pytest.LogCaptureFixture) -> None:
    world = World()
    world.tell(RUNNING, CLOSED)
    assert [vars(world.decisions)[kept] for kept in ("_told", "_deploying")] == [{}, {}]
    assert len(told.records) == 2


def test_an_event_of_a_transition_is_one_however_often_it_is_tried() -> None:
    world = World()
    record = a_record(phase=Phase.WAITING, reason="Checks")
    world.tell(APPLYING, APPLYING, record=record)
    world.tell(APPLYING, record=a_record(phase=Phase.DEPLOYING, reason="Applying"))
    assert [each["reason"] for each in world.events.values()] == ["Applying"]


def test_the_same_transition_at_another_time_is_another_event() -> None:
    world = World()
    for number in range(3):
        world.tell(WAITING, record=a_record(phase=Phase.WAITING, reason="Draft", observed_poke=str(number)))
        world.tell(WAITING, record=a_record(phase=Phase.WAITING, reason="Draft", again=NOW + seconds(number)))
    assert len(world.events) == 6


def test_an_event_as_the_cluster_gets_it() -> None:
    found = event(a_record(uid="a-uid"), Plan(Phase.FAILED, "Crashed", "é" * 1000), "a-pod", NOW)
    assert found["metadata"]["name"].startswith(f"{REF.name}.")
    assert (found["type"], found["reason"], found["note"]) == ("Warning", "Crashed", "é" * 512)
    assert found["regarding"]["uid"] == "a-uid"
    assert event(a_record(), RUNNING, "a-pod", NOW)["type"] == "Normal"


@pytest.mark.parametrize("failure", [GiveUp("no right"), Unseen("no answer")])
def test_an_event_that_cannot_be_written_holds_up_nothing(failure: Exception, told: pytest.LogCaptureFixture) -> None:
    World(failure).tell(RUNNING)
    assert [line.getMessage() for line in told.records] == ["decided", "an event could not be written"]


def ready_after(*story: tuple[float, Plan], record: Record | None = None) -> list[float]:
    """The times measured while these were decided, each so many seconds after the one before."""
    world = World()
    before = _sum()
    for passed, plan in story:
        world.now += timedelta(seconds=passed)
        world.tell(plan, record=record)
    count, total = (after - former for after, former in zip(_sum(), before, strict=True))
    return [total] * int(count)


def _sum() -> tuple[float, float]:
    name = "reviewbot_green_to_ready_seconds"
    count, total = (metrics.CONTROLLER.get_sample_value(f"{name}_{what}") for what in ("count", "sum"))
    return count or 0.0, total or 0.0


@pytest.mark.parametrize(
    ("story", "measured"),
    [
        ([(0, WAITING), (60, APPLYING), (1, PROBING), (2, RUNNING), (5, RUNNING)], [3.0]),
        ([(0, APPLYING), (1, FAILED), (600, RUNNING)], []),
        ([(0, RUNNING)], []),
        ([(0, APPLYING), (1, CLOSED)], []),
    ],
    ids=["ready", "failed first", "running already", "closed"],
)
def test_green_to_ready(story: list[tuple[float, Plan]], measured: list[float]) -> None:
    assert ready_after(*story) == pytest.approx(measured)


def test_what_is_repaired_was_green_long_ago() -> None:
    served = a_record(serving=Deployed("r", HEAD, NOW))
    assert ready_after((0, APPLYING), (1, RUNNING), record=served) == []
    other = a_record(serving=Deployed("r", OLDER, NOW))
    assert ready_after((0, APPLYING), (1, RUNNING), record=other) == pytest.approx([1.0])
