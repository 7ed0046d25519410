"""A file of a commit, and what there may be in its place."""

from collections.abc import Iterator

import pytest

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
