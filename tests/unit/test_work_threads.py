"""Workers on real threads: a name is in one hand at a time, and whoever is told to stop finishes what he does."""

import threading
from datetime import datetime

from reviewbot.engine.work import Work
from tests.unit.builders import NOW


def test_one_runs_and_one_waits_with_real_threads() -> None:
    inside, go_on = threading.Barrier(2), threading.Barrier(2)
    running: list[str] = []

    def handler(name: str) -> datetime | None:
        running.append(name)
        assert running.count(name) == 1
        if name == "slow":
            inside.wait(timeout=10)
            go_on.wait(timeout=10)
        running.remove(name)
        return None

    work = Work("reconcile", handler, lambda: NOW)
    work.add("slow")
    first = threading.Thread(target=work.step)
    first.start()
    inside.wait(timeout=10)
    for _ in range(10):
        work.add("slow")
    work.add("quick")
    assert [work.step(), work.step()] == ["quick", None]
    assert len(work) == 1
    go_on.wait(timeout=10)
    first.join(timeout=10)
    second = threading.Thread(target=work.step)
    second.start()
    inside.wait(timeout=10)
    go_on.wait(timeout=10)
    second.join(timeout=10)
    assert (running, len(work)) == ([], 0)


def test_stop_ends_every_thread_after_what_it_does() -> None:
    inside, go_on = threading.Barrier(2), threading.Barrier(2)
    finished: list[str] = []

    def handler(name: str) -> datetime | None:
        inside.wait(timeout=10)
        go_on.wait(timeout=10)
        finished.append(name)
        return None

    work = Work("reconcile", handler, lambda: NOW)
    work.add("in hand")
    threads = [threading.Thread(target=work.run) for _ in range(3)]
    for thread in threads:
        thread.start()
    inside.wait(timeout=10)
    work.stop()
    go_on.wait(timeout=10)
    for thread in threads:
        thread.join(timeout=10)
    assert not any(thread.is_alive() for thread in threads)
    assert finished == ["in hand"]
