"""The GitHub stand-in refuses who is too fast as GitHub does, and counts how fast its callers are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from dev.github import Pace, faults
from dev.github.log import Exchange
from dev.github.pace import pace
from tests.contract.github_standin import Scene, standin

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COMMENTS = "/repos/acme/shop/issues/1/comments"


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        yield scene


def at(*seconds: float, method: str = "POST") -> list[Exchange]:
    return [Exchange(NOON + timedelta(seconds=s), method, COMMENTS, {}, None) for s in seconds]


@pytest.mark.parametrize("shape", faults.SECONDARY)
def test_the_secondary_limit_has_many_shapes(scene: Scene, shape: str) -> None:
    token = scene.mint().json()["token"]
    scene.github.before = faults.Times(faults.SECONDARY[shape], "POST", "/comments$")
    refused = scene.call("POST", COMMENTS, token, json={"body": "x"})
    assert refused.status_code == int(shape[:3])
    assert "secondary rate limit" in refused.json()["message"]
    assert refused.headers.get("Retry-After") == ("60" if "with a time" in shape else None)
    assert refused.headers.get("X-RateLimit-Remaining") == (None if "words only" in shape else "4321")
    assert scene.pull.comments == []
    assert scene.call("POST", COMMENTS, token, json={"body": "x"}).status_code == 201


def test_the_pace_of_an_installation_is_counted(scene: Scene) -> None:
    assert scene.github.pace(scene.installed.id) == Pace(0, 0, 0, 0, 0, None)
    token, moment = scene.mint().json()["token"], [scene.github.clock()]
    scene.github.clock = lambda: moment[0]
    for wait in (0, 2, 59):
        moment[0] += timedelta(seconds=wait)
        scene.call("GET", COMMENTS, token)
        scene.call("POST", COMMENTS, token, json={"body": "x"})
    assert scene.github.pace(scene.installed.id) == Pace(
        writes=3, per_minute=2, per_hour=3, points_per_minute=12, at_once=1, gap=timedelta(seconds=2)
    )
    assert scene.github.pace(scene.installed.id).excess() == []
    assert scene.github.pace(12345).writes == 0


def test_requests_at_once_are_counted(scene: Scene) -> None:
    token, release = scene.mint().json()["token"], threading.Event()
    scene.github.before = faults.held(release)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(scene.call, "GET", COMMENTS, token) for _ in range(4)]
        while len(scene.github.calls("GET", "/comments$")) < 4:
            threading.Event().wait(0.01)
        release.set()
        assert {future.result().status_code for future in asked} == {200}
    scene.call("GET", COMMENTS, token)
    assert scene.github.pace(scene.installed.id).at_once == 4
    assert scene.github.requests[-1].at_once == 1


def test_what_is_too_fast_is_named() -> None:
    steady = pace(at(*(45 * n for n in range(200))))
    assert (steady.per_minute, steady.per_hour, steady.excess()) == (2, 80, [])
    burst = pace(at(*(n / 2 for n in range(501))))
    assert burst.excess() == [
        "120 writes in a minute, 80 allowed",
        "501 writes in an hour, 500 allowed",
        "0.500 s between two writes, 1 advised",
    ]
    reading = pace(at(*(n / 20 for n in range(1000)), method="GET"))
    assert reading.excess() == ["1000 points in a minute, 900 allowed"]
    assert (reading.writes, reading.gap) == (0, None)
