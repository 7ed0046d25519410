"""What a sweep does with points that are not reached at once: none is forgotten, and none counts that was not."""

import pytest

from tests.faults.play import Clean
from tests.faults.points import Place, Point
from tests.faults.proxy import Moment
from tests.faults.sweep import Outcome
from tests.faults.tally import Tally, agreed, left_out

PLACE = Place("ReleasePhase", "github: POST /repositories/{id}/deployments", writes=True)
POINT = Point("create", PLACE, Moment.ASKED, "SIGKILL")


def swept(reached_at: int | None, problem: str = "") -> tuple[Tally, list[Point]]:
    """The end of a sweep of one point that is reached at that try, and what was tried."""
    tally, tried = Tally(1, {"create": [POINT]}, {"create": 1}), list[Point]()
    while plan := tally.plan():
        tried += plan["create"]
        reached = len(tried) == reached_at
        tally.count(plan, [Outcome(tried[-1], reached, problem if reached else "")])
    return tally, tried


@pytest.mark.parametrize("at", [1, 5])
def test_a_point_is_tried_where_it_was_met_without_faults(at: int) -> None:
    tally, tried = swept(at)
    assert tried == [POINT] * at
    assert (tally.equal, tally.anywhere, tally.never_reached) == (1, 0, [])


@pytest.mark.parametrize("at", [6, 10])
def test_then_it_is_tried_in_whichever_chapter(at: int) -> None:
    tally, tried = swept(at)
    assert tried == [POINT] * 5 + [POINT.anywhere] * (at - 5)
    assert (tally.equal, tally.anywhere, tally.never_reached) == (1, 1, [])


def test_one_that_is_never_reached_is_told() -> None:
    tally, tried = swept(None)
    assert (len(tried), tally.equal, tally.never_reached) == (10, 0, [POINT.anywhere])


def test_one_that_ends_otherwise_is_not_equal() -> None:
    assert swept(1, "two comments")[0].equal == 0


def test_a_life_that_ended_before_is_no_try() -> None:
    tally = Tally(1, {"create": [POINT]}, {"create": 1})
    for _ in range(20):
        assert tally.plan() == {"create": [POINT]}
        tally.count({"create": [POINT]}, [])


def test_what_is_swept_is_what_every_life_asks() -> None:
    """A call that each makes in another chapter counts as well; what only some make does not."""
    quick, slow, once = (Place(chapter, PLACE.call, writes=True) for chapter in ("Addons", "ReleasePhase", "Starting"))
    often, some = Place("Addons", "cluster: GET /a", writes=False), Place("Addons", "cluster: GET /b", writes=False)
    later = Place("Starting", often.call, writes=False)
    lives = [Clean({"create": asked}) for asked in ([often, quick, later], [often, some, slow], [often, once])]
    common = agreed(lives)
    assert common.places == {"create": [often, PLACE.anywhere]}
    assert left_out(lives, common) == 1


def test_a_call_meets_what_is_wanted_there_or_anywhere() -> None:
    other = Place("Addons", PLACE.call, writes=True)
    assert PLACE.meets(PLACE)
    assert not PLACE.meets(other)
    assert PLACE.meets(other.anywhere)
    assert not Place("ReleasePhase", "github: POST /other", writes=True).meets(PLACE.anywhere)
