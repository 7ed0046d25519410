"""A file of a commit, and what there may be in its place."""

import json
from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Response

from dev.github.git import Content
from dev.github.state import Submodule, Symlink
from reviewbot.errors import GiveUp
from tests.contract.github_standin import standin
from tests.contract.test_github_client import World


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def read(world: World, path: str) -> bytes | None:
    return world.github.file(world.ref, path, world.scene.pull.head)


def test_a_file_an_absent_one_and_a_link_to_one(world: World) -> None:
    links: dict[str, Content] = {"Procfile": "web: run\n", "linked": Symlink("Procfile"), "deep/app.json": "{}"}
    world.scene.pull.push(links)
    assert read(world, "Procfile") == read(world, "linked") == b"web: run\n"
    assert (read(world, "deep/app.json"), read(world, "other")) == (b"{}", None)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"app.json/deep": "1"}, "a folder"),
        ({"app.json": Symlink("/etc/passwd")}, "a symbolic link that leads to no file"),
        ({"app.json": Submodule("https://example.com/lib", "0" * 40)}, "a submodule"),
    ],
)
def test_parser_bombs__in_place_of_a_file(world: World, content: dict[str, Content], what: str) -> None:
    world.scene.pull.push({"app.json": None})
    world.scene.pull.push(content)
    with pytest.raises(GiveUp) as caught:
        read(world, "app.json")
    assert caught.value.sentence == f"`app.json` is {what}, not a file."


def test_parser_bombs__larger_than_github_shows(world: World) -> None:
    world.scene.pull.push({"app.json": " " * (1024 * 1024 + 1)})
    with pytest.raises(GiveUp, match=r"`app\.json` is larger than 1 MB"):
        read(world, "app.json")


def test_parser_bombs__larger_than_github_gives(world: World) -> None:
    """Of more than 100 MB it says so with the status of a refusal, which is no limit to wait for."""
    told = "This API returns blobs up to 1 MB in size. The requested blob is too large to fetch via the API."
    answer = {"message": told, "errors": [{"resource": "Blob", "field": "data", "code": "too_large"}]}
    world.scene.github.before = lambda call: (
        Response(json.dumps(answer), 403, mimetype="application/json") if "/contents/" in call.path else None
    )
    with pytest.raises(GiveUp, match="too large to fetch"):
        read(world, "app.json")
