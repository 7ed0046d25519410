"""The GitHub stand-in keeps the log of its deliveries as GitHub does, and delivers as badly as GitHub may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dev.github import faults
from tests.contract.github_standin import Receiver, Scene, receiving, standin

LOG = "/app/hook/deliveries"


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        scene.github.deliveries.clear()
        yield scene


@pytest.fixture
def receiver(scene: Scene) -> Iterator[Receiver]:
    with receiving() as door:
        scene.app.webhook_url = door.url
        yield door


def pages(scene: Scene, query: str = "") -> list[list[dict[str, Any]]]:
    found, address = [], f"{LOG}{query}"
    while address:
        answer = scene.as_app("GET", address)
        found.append(answer.json())
        address = answer.links.get("next", {}).get("url", "").removeprefix(scene.url)
    return found


def contexts(receiver: Receiver) -> list[str]:
    return [json.loads(body)["context"] for _, body in receiver.got]


def test_a_long_log_is_paged_by_cursor_while_it_grows(scene: Scene) -> None:
    long_ago = scene.github.now() - timedelta(hours=2)
    for number in range(250):
        scene.repo.status(scene.pull.head, f"ci/{number}")
        made = scene.github.deliveries[-1]
        made.ended(long_ago + timedelta(seconds=number // 5), 502 if number % 10 else 200)
    first = scene.as_app("GET", f"{LOG}?per_page=100")
    scene.repo.status(scene.pull.head, "newer")
    scene.github.deliveries[-1].ended(scene.github.now(), 200)
    second = scene.as_app("GET", first.links["next"]["url"].removeprefix(scene.url))
    third = scene.as_app("GET", second.links["next"]["url"].removeprefix(scene.url))
    read = [row for page in (first, second, third) for row in page.json()]
    assert [row["id"] for row in read] == [one.id for one in reversed(scene.github.deliveries[:-1])]
    assert ([len(first.json()), len(third.json())], "next" in third.links) == ([100, 50], False)
    failed = [row for page in pages(scene, "?status=failure&per_page=100") for row in page]
    assert (len(failed), {row["status_code"] for row in failed}) == (225, {502})
    assert [len(page) for page in pages(scene, "?status=success")] == [26]
    assert scene.as_app("GET", f"{LOG}?cursor=v1_1").status_code == 400
    assert scene.as_app("GET", f"{LOG}?status=lost").status_code == 422


def test_every_attempt_is_a_row_of_its_own(scene: Scene, receiver: Receiver) -> None:
    receiver.status = 503
    scene.repo.status(scene.pull.head, "ci")
    for status in (500, 202):
        scene.github.settle()
        receiver.status = status
        newest = scene.as_app("GET", LOG).json()[0]
        assert scene.as_app("POST", f"{LOG}/{newest['id']}/attempts").status_code == 202
    scene.github.settle()
    rows = scene.as_app("GET", LOG).json()
    assert len({row["guid"] for row in rows}) == 1
    assert len({row["id"] for row in rows}) == 3
    assert [(row["redelivery"], row["status_code"], row["status"]) for row in rows] == [
        (True, 202, "OK"),
        (True, 500, "Invalid HTTP Response: 500"),
        (False, 503, "Invalid HTTP Response: 503"),
    ]
    one = scene.as_app("GET", f"{LOG}/{rows[0]['id']}").json()
    assert (one["url"], one["response"]["payload"]) == (receiver.url, "noted")
    assert one["request"]["headers"]["X-GitHub-Delivery"] == rows[0]["guid"]
    assert one["request"]["payload"] == json.loads(receiver.got[0][1])


def test_after_three_days_a_delivery_is_gone(scene: Scene, receiver: Receiver) -> None:
    for context in ("old", "young"):
        scene.repo.status(scene.pull.head, context)
    scene.github.settle()
    old, young = scene.github.deliveries
    old.delivered_at = scene.github.now() - timedelta(days=3)
    young.delivered_at = scene.github.now() - timedelta(days=3) + timedelta(minutes=1)
    assert [row["id"] for row in scene.as_app("GET", LOG).json()] == [young.id]
    assert scene.as_app("GET", f"{LOG}/{old.id}").status_code == 404
    assert scene.as_app("POST", f"{LOG}/{old.id}/attempts").status_code == 404
    assert scene.as_app("POST", f"{LOG}/{young.id}/attempts").status_code == 202
    scene.github.settle()
    assert contexts(receiver) == ["old", "young", "young"]


def test_lost_deliveries_leave_no_row(scene: Scene, receiver: Receiver) -> None:
    scene.github.loses = faults.about("check_run", "completed")
    scene.repo.check_run(scene.pull.head, scene.ci, "test")
    scene.github.settle()
    heard = ["check_run.created", "check_suite.completed"]
    assert [f"{row['event']}.{row['action']}" for row in reversed(scene.as_app("GET", LOG).json())] == heard
    assert [headers["X-Github-Event"] for headers, _ in receiver.got] == ["check_run", "check_suite"]


def test_late_deliveries_wait_and_come_in_any_order(scene: Scene, receiver: Receiver) -> None:
    scene.github.carries = late = faults.Late(scene.github, faults.about("status"))
    for number in range(5):
        scene.repo.status(scene.pull.head, str(number))
    scene.pull.close()
    scene.github.settle()
    assert [headers["X-Github-Event"] for headers, _ in receiver.got] == ["pull_request"]
    assert [row["event"] for row in scene.as_app("GET", LOG).json()] == ["pull_request"]
    receiver.got.clear()
    late.release([3, 0])
    late.release([2, 0, 1])
    scene.github.settle()
    assert contexts(receiver) == ["3", "0", "4", "1", "2"]
    rows = scene.as_app("GET", LOG).json()
    assert [row["event"] for row in rows if row["throttled_at"]] == ["status"] * 5
    receiver.got.clear()
    for number in range(3):
        scene.repo.status(scene.pull.head, str(number))
    late.release()
    scene.github.settle()
    assert (contexts(receiver), late.held) == (list("012"), [])


def test_doubled_deliveries_share_a_guid(scene: Scene, receiver: Receiver) -> None:
    scene.github.carries = faults.Twice(scene.github, faults.about("status"))
    scene.repo.status(scene.pull.head, "ci")
    scene.pull.close()
    scene.github.settle()
    assert receiver.got[0] == receiver.got[1]
    assert [headers["X-Github-Event"] for headers, _ in receiver.got] == ["status", "status", "pull_request"]
    rows = scene.as_app("GET", LOG).json()
    assert (len({row["id"] for row in rows}), len({row["guid"] for row in rows})) == (3, 2)
