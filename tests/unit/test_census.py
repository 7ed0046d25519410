"""How many records of which phase there are, and which repository was listed longest ago."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reviewbot.engine.census import Census
from reviewbot.model import Phase

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def item(name: str, **status: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": status}


def counts(census: Census) -> dict[str, int]:
    return {phase.value: census.count(phase) for phase in Phase if census.count(phase)}


def test_records_come_change_and_go() -> None:
    census = Census()
    census.begin("ReviewApp", [item("a", phase="Waiting"), item("b", phase="Running"), {"metadata": {"name": "new"}}])
    assert counts(census) == {"Waiting": 1, "Running": 1}
    census.note("MODIFIED", "ReviewApp", item("a", phase="Running"))
    census.note("BOOKMARK", "ReviewApp", {"metadata": {"resourceVersion": "5"}})
    census.note("ADDED", "ReviewApp", item("c", phase="Failed"))
    assert counts(census) == {"Running": 2, "Failed": 1}
    census.note("DELETED", "ReviewApp", item("b"))
    assert counts(census) == {"Running": 1, "Failed": 1}


def test_what_went_unseen_is_not_counted_after_the_next_listing() -> None:
    census = Census()
    census.begin("ReviewApp", [item("a", phase="Running")])
    census.begin("ReviewApp", [])
    assert counts(census) == {}


def test_the_age_is_that_of_the_repository_listed_longest_ago() -> None:
    census = Census()
    assert census.listing_age(NOW) == 0
    listed = {"repo-1": timedelta(minutes=3), "repo-2": timedelta(minutes=9)}
    census.begin("Repository", [item(name, listedAt=(NOW - age).isoformat()) for name, age in listed.items()])
    census.note("ADDED", "Repository", item("repo-3"))
    assert census.listing_age(NOW) == 540
    census.note("DELETED", "Repository", item("repo-2"))
    assert census.listing_age(NOW) == 180
