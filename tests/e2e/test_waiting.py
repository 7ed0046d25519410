"""What people wait for, printed beside the plain way; only the number of wrong pages is a promise to assert."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from dev.bench.ours import live
from dev.bench.speed import alone, measure
from dev.demo.shown import Visitor
from tests.e2e.heard import heard_stage

pytestmark = pytest.mark.processes


def test_no_visitor_sees_a_wrong_page_during_a_push() -> None:
    with heard_stage() as here, closing(Visitor(here.cluster)) as visitor, ThreadPoolExecutor() as neighbours:
        others = [neighbours.submit(live, here, visitor, number) for number in (101, 102)]
        measured, plain = measure(here, rounds=1)
        lives = [*measured, *(each.result() for each in others)]
    print("\n".join(["", *map(str, alone(measured, plain))]))
    assert [life.wrong for life in lives] == [0, 0, 0]
    assert all(life.probes > 50 for life in lives)
