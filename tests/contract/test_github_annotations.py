"""Annotations of a check run: what the stand-in takes, keeps and adds up, and that our client never says one twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dev.github import faults
from reviewbot.errors import Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, Problem, PullRequestRef, RepositoryId, Sha
from reviewbot.report import Annotation, CheckRunText
from tests.contract.github_standin import KEY, Scene, standin

LINE: dict[str, Any] = {
    "path": "app.json",
    "start_line": 3,
    "end_line": 3,
    "annotation_level": "failure",
    "message": "must be a string",
}
WRONG = Annotation("failure", Problem("app.json", 3, 7, "must be a string"))
UNUSED = Annotation("warning", Problem("Procfile", 1, 1, "not used"))
FAILED = CheckRunText("completed", "failure", "It is wrong.", "It is wrong.", "https://preview.test", (WRONG, UNUSED))


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        yield scene


def test_annotations_are_added_to_those_that_are_there(scene: Scene) -> None:
    repo = scene.client().get_repo(scene.repo.id)
    output: Any = {"title": "t", "summary": "s", "annotations": [LINE | {"start_column": 2, "end_column": 4}]}
    run = repo.create_check_run("preview", scene.pull.head, output=output)
    for _ in range(2):
        run.edit(output={"title": "t", "summary": "s", "annotations": [LINE]})
    run.edit(status="in_progress")
    again = repo.get_check_run(run.id)
    assert again.output.annotations_count == 3
    found = list(again.get_annotations())
    assert [(each.path, each.start_line, each.start_column, each.message) for each in found] == [
        ("app.json", 3, 2, "must be a string"),
        ("app.json", 3, None, "must be a string"),
        ("app.json", 3, None, "must be a string"),
    ]


@pytest.mark.parametrize(
    "annotations",
    [
        [LINE] * 51,
        [{"path": "app.json"}],
        [LINE | {"path": ""}],
        [LINE | {"annotation_level": "error"}],
        [LINE | {"message": "m" * (64 * 1024 + 1)}],
        [LINE | {"title": "t" * 256}],
        [LINE | {"start_line": 0}],
        [LINE | {"start_line": "3"}],
        [LINE | {"end_line": 2}],
        [LINE | {"end_line": 4, "start_column": 1, "end_column": 2}],
        [LINE | {"colour": "red"}],
    ],
)
def test_bad_annotations_are_refused(scene: Scene, annotations: list[dict[str, Any]]) -> None:
    output = {"title": "t", "summary": "s", "annotations": annotations}
    body = {"name": "preview", "head_sha": scene.pull.head, "output": output}
    refused = scene.call("POST", f"/repositories/{scene.repo.id}/check-runs", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "annotations")
    assert scene.repo.model.runs == []


class World:
    """Our client, and what GitHub shows of the pull request's check run."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        client = Client(scene.url, AppId(scene.app.id), KEY, lambda: datetime.now(UTC), lambda: None)
        self.github = GitHub(client, ["acme"])
        self.ref = PullRequestRef(RepositoryId(scene.repo.id), InstallationId(scene.installed.id), 1)
        self.head = Sha(scene.pull.head)

    def shown(self) -> list[tuple[str, str, int, int | None, str]]:
        (run,) = self.scene.repo.model.runs
        return [
            (each.annotation_level, each.path, each.start_line, each.start_column, each.message)
            for each in run.annotations
        ]

    def asked(self) -> int:
        return len(self.scene.github.calls("GET", "/annotations$"))


@pytest.fixture
def world(scene: Scene) -> World:
    return World(scene)


BOTH = [("failure", "app.json", 3, 7, "must be a string"), ("warning", "Procfile", 1, 1, "not used")]


def test_a_check_run_is_made_with_its_annotations(world: World) -> None:
    world.github.create_check_run(world.ref, world.head, FAILED)
    assert (world.shown(), world.asked()) == (BOTH, 0)


def test_what_is_said_again_is_not_added_again(world: World) -> None:
    run = world.github.create_check_run(world.ref, world.head, replace(FAILED, annotations=()))
    assert (world.shown(), world.asked()) == ([], 0)
    for text in (replace(FAILED, annotations=(UNUSED,)), FAILED, replace(FAILED, title="Again."), FAILED):
        assert world.github.update_check_run(world.ref, run, text)
    assert world.shown() == BOTH[::-1]


def test_a_lost_reply_doubles_nothing(world: World) -> None:
    run = world.github.create_check_run(world.ref, world.head, replace(FAILED, annotations=()))
    world.scene.github.after = faults.Times(faults.cut, "PATCH", "/check-runs/")
    with pytest.raises(Unseen):
        world.github.update_check_run(world.ref, run, FAILED)
    assert world.github.update_check_run(world.ref, run, FAILED)
    assert world.shown() == BOTH


def test_of_more_than_github_takes_the_first_are_shown(world: World) -> None:
    many = tuple(Annotation("failure", Problem("app.json", line, 1, "no")) for line in range(1, 61))
    run = world.github.create_check_run(world.ref, world.head, replace(FAILED, annotations=many))
    assert world.github.update_check_run(world.ref, run, replace(FAILED, annotations=many))
    assert [line for _, _, line, _, _ in world.shown()] == list(range(1, 51))


def test_a_check_run_that_is_gone_is_told(world: World) -> None:
    assert not world.github.update_check_run(world.ref, 12345, FAILED)
