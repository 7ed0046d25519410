"""The controller's threads: what /healthz says of them, and that they end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewbot import metrics
from reviewbot.engine.controller import STUCK_SECONDS, Controller
from reviewbot.engine.engine import Engine
from reviewbot.errors import Unseen
from reviewbot.reconcile import Outcome
from reviewbot.web.ops import create_ops
from tests.unit.builders import NOW, REF, a_ref, merged, seconds
from tests.unit.test_records import a_review_app

PATIENCE = 10
MANIFEST = Path(__file__).resolve().parents[2] / "manifests" / "workloads" / "controller.yaml"


class Silent:
    """A cluster that cannot be seen."""

    def items_at(self, *_: Any) -> tuple[list[dict[str, Any]], str]:
        raise Unseen("the cluster does not answer")

    def watch(self, *_: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        raise Unseen("the cluster does not answer")


class Listed(Silent):
    """A cluster that shows these records once, and then nothing more."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self._records = records

    def items_at(self, kind: str, *_: Any) -> tuple[list[dict[str, Any]], str]:
        return (list(self._records), "1") if kind == "ReviewApp" else ([], "1")


class World:
    """An engine whose passes are ours, on a clock of ours."""

    def __init__(self, a_pass: Callable[[str], object], home: Silent | None = None) -> None:
        self.now = NOW
        self.begun = threading.Event()
        self._a_pass = a_pass
        self.engine = Engine(self, self, self, {}, self.clock)  # type: ignore[arg-type]  # all in one
        self.controller = Controller(self.engine, home or Silent(), Silent())
        self.controller.start()

    def clock(self) -> datetime:
        return self.now

    def reconcile(self, name: str) -> Outcome:
        self.begun.set()
        self._a_pass(name)
        return Outcome()

    def tell(self, _name: str) -> datetime | None:
        return None

    def drop(self, _name: str) -> None:
        """Nothing was to be told."""

    def look(self) -> None:
        self.engine.reconciling.add(REF.name)
        assert self.begun.wait(PATIENCE)

    def healthz(self) -> int:
        ops = create_ops(self.controller.unwell, lambda: None, metrics.CONTROLLER)
        return ops.test_client().get("/healthz").status_code


def test_nothing_is_wrong_with_threads_that_wait() -> None:
    world = World(lambda _name: None)
    world.look()
    assert world.controller.unwell() is None
    assert world.healthz() == 200
    assert world.controller.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dead_loop_is_visible__a_thread_that_ended() -> None:
    def end(_name: str) -> None:
        raise SystemExit

    others = set(threading.enumerate())
    world = World(end)
    mine = set(threading.enumerate()) - others
    world.look()
    (ended,) = _ended(mine)
    assert ended.name.startswith("reconcile")
    assert world.controller.unwell() == f"thread {ended.name} is dead"
    assert world.healthz() == 503
    world.controller.stop()


def _ended(threads: set[threading.Thread]) -> set[threading.Thread]:
    _until(lambda: any(not each.is_alive() for each in threads))
    return {each for each in threads if not each.is_alive()}


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline


def test_dead_loop_is_visible__a_pass_that_does_not_end() -> None:
    go_on = threading.Event()
    world = World(lambda _name: go_on.wait())
    world.look()
    assert world.controller.unwell() is None
    world.now += timedelta(seconds=STUCK_SECONDS + 1)
    assert world.controller.unwell() == "reconcile is stuck"
    assert world.healthz() == 503
    go_on.set()
    assert world.controller.stop()


def test_dead_loop_is_visible__the_cluster_looks_and_starts_it_again() -> None:
    deployment = next(each for each in yaml.safe_load_all(MANIFEST.read_text()) if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "ops"}


def bugs() -> float:
    found = metrics.CONTROLLER.get_sample_value("reviewbot_passes_total", {"work": "reconcile", "outcome": "bug"})
    return found or 0.0


def test_poison_pr() -> None:
    go_on, handled, before = threading.Event(), Counter[str](), bugs()
    names = [a_ref(number).name for number in range(1, 51)]
    raises, hangs, *others = names

    def a_pass(name: str) -> None:
        handled[name] += 1
        if name == hangs:
            go_on.wait()
        if name == raises:
            raise RuntimeError("always")

    world = World(a_pass)
    for name in names:
        world.engine.reconciling.add(name)
    _until(lambda: set(handled) == set(names) and bugs() == before + 1)
    # Whoever always fails comes again, ever later; whoever hangs has one worker and no more.
    for name in others:
        world.engine.reconciling.add(name)
    world.now += seconds(0.5)
    _until(lambda: all(handled[name] == 2 for name in (raises, *others)) and bugs() == before + 2)
    world.now += seconds(0.5)
    world.engine.reconciling.add(others[0])
    _until(lambda: handled[others[0]] == 3)
    assert (handled[raises], handled[hangs]) == (2, 1)
    world.now += timedelta(seconds=STUCK_SECONDS)
    assert world.healthz() == 503
    go_on.set()
    assert world.controller.stop()


def test_poison_pr__a_record_that_cannot_be_read_keeps_no_other_from_it() -> None:
    seen: set[str] = set()
    other = {"metadata": {"name": a_ref(13).name}, "spec": {"source": {"pullRequest": {"number": 13}}}}
    odd = a_review_app(phase="Hibernating", serving={"id": "aaaaaaa-1"}, comment={"id": 5}, approvals={"trusted": {}})
    world = World(seen.add, Listed(odd, merged(a_review_app(), other)))
    _until(lambda: seen == {REF.name, a_ref(13).name})
    assert world.controller.unwell() is None
    assert world.controller.stop()
