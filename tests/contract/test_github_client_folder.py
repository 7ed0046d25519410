"""A folder of a commit, read by our client from the stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from werkzeug.wrappers import Response

from dev.github import Submodule, Symlink, faults
from dev.github.git import Content
from reviewbot.errors import GiveUp, Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.gateways.github.folders import MAX_FILES, MAX_KB
from reviewbot.model import AppId, Folder, InstallationId, PullRequestRef, RepositoryId, Sha
from tests.contract.github_standin import KEY, Scene, standin


@dataclass
class World:
    scene: Scene

    def __post_init__(self) -> None:
        clock = lambda: datetime.now(UTC)  # noqa: E731 - as short as it is
        self.github = GitHub(
            Client(self.scene.url, AppId(self.scene.app.id), KEY, clock, lambda: None),
            ["acme"],
        )

    def folder(self, path: str, **changes: Content) -> Folder:
        """The folder at a commit with these changes, `__` in a name being a slash."""
        sha = self.scene.repo.push("topic", {name.replace("__", "/"): content for name, content in changes.items()})
        return self.read(path, sha)

    def read(self, path: str, sha: str) -> Folder:
        ref = PullRequestRef(RepositoryId(self.scene.repo.id), InstallationId(self.scene.installed.id), 1)
        return self.github.folder(ref, path, Sha(sha))

    def refused(self, path: str, **changes: Content) -> str:
        with pytest.raises(GiveUp) as caught:
            self.folder(path, **changes)
        return caught.value.sentence

    def asked(self) -> list[str]:
        return [each.path.partition("/git/")[2] for each in self.scene.github.calls("GET", "/git/")]


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def test_everything_below_it(world: World) -> None:
    found = world.folder(
        "deploy/preview/",
        deploy__preview__web="a: 1",
        deploy__preview__base__bytes=b"\xff\0" * 100,
        deploy__preview__empty="",
        deploy__other="x",
    )
    assert found == Folder("deploy/preview", {"base/bytes": b"\xff\0" * 100, "empty": b"", "web": b"a: 1"})
    assert len(world.asked()) == 6


def test_it_is_as_the_commit_has_it(world: World) -> None:
    first = world.scene.repo.push("topic", {"deploy/a": "1"})
    second = world.scene.repo.push("topic", {"deploy/a": "2", "deploy/b": "1"})
    assert [world.read("deploy", sha).files for sha in (first, second)] == [
        {"a": b"1"},
        {"a": b"2", "b": b"1"},
    ]


def test_the_whole_repository(world: World) -> None:
    assert set(world.read("", world.scene.pull.head).files) == {"app.json", "src/main.py", "topic.txt"}


def test_parser_bombs__in_place_of_a_file(world: World) -> None:
    links: dict[str, Content] = {
        "deploy__out": Symlink("/etc/passwd"),
        "deploy__lib": Submodule("https://example.com/lib", "0" * 40),
    }
    found = world.folder("deploy", deploy__a="1", **links)
    assert found == Folder("deploy", {"a": b"1"}, {"lib": "submodule", "out": "symbolic link"})
    assert len([path for path in world.asked() if path.startswith("blobs")]) == 1


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nothing", "There is no folder `nothing` in the commit."),
        ("src/nothing", "There is no folder `src/nothing` in the commit."),
        ("../src", "There is no folder `../src` in the commit."),
        ("src//x", "There is no folder `src//x` in the commit."),
        ("app.json", "`app.json` in the path `app.json` is a file, not a folder."),
        ("link/x", "`link` in the path `link/x` is a symbolic link, not a folder."),
        ("module", "`module` in the path `module` is a submodule, not a folder."),
    ],
)
def test_what_is_no_folder(world: World, path: str, sentence: str) -> None:
    links: dict[str, Content] = {"link": Symlink("src"), "module": Submodule("https://example.com/lib", "0" * 40)}
    assert world.refused(path, **links) == sentence


def test_too_many_files(world: World) -> None:
    files: dict[str, Content] = {f"deploy__{number}": str(number) for number in range(MAX_FILES + 1)}
    assert world.refused("deploy", **files) == "`deploy` has 51 files; a preview may have at most 50."
    assert not [path for path in world.asked() if path.startswith("blobs")]


def test_parser_bombs__files_too_large_to_be_downloaded(world: World) -> None:
    large = b"x" * (MAX_KB * 512)
    assert len(world.folder("deploy", deploy__a=large, deploy__b=large).files) == 2
    before = len(world.asked())
    assert world.refused("deploy", deploy__c="x") == "The files in `deploy` are larger than 900 KB together."
    assert [path for path in world.asked()[before:] if path.startswith("blobs")] == []


def test_what_github_does_not_list_in_full(world: World) -> None:
    cut = Response(json.dumps({"sha": "0" * 40, "tree": [], "truncated": True}), content_type="application/json")
    world.scene.github.before = faults.Times(lambda _: cut, "GET", "/git/trees/")
    assert world.refused("src") == "There are more files in `src` or beside it than GitHub lists."


@pytest.mark.parametrize("path", ["/git/trees/", "/git/blobs/"])
def test_what_is_not_shown_is_not_absent(world: World, path: str) -> None:
    world.scene.github.before = faults.Times(faults.answer(404, "Not Found"), "GET", path)
    with pytest.raises(Unseen):
        world.read("src", world.scene.pull.head)


@pytest.mark.parametrize("blob", [{"content": "a", "encoding": "base64"}, {"content": "", "encoding": "none"}])
def test_a_garbled_file(world: World, blob: dict[str, str]) -> None:
    bad = Response(json.dumps(blob), content_type="application/json")
    world.scene.github.before = faults.Times(lambda _: bad, "GET", "/git/blobs/")
    with pytest.raises(Unseen):
        world.read("src", world.scene.pull.head)
