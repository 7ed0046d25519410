"""What a merge commit is made of, as our client reads it, and what is made of one that GitHub shows too long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reviewbot.errors import Missing
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, PullRequestRef, RepositoryConfig, RepositoryId, Sha
from reviewbot.reconcile.merge import Merges
from tests.contract.github_standin import KEY, Scene, standin
from tests.stories.clock import Clock
from tests.unit.builders import a_record


class World:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.github = GitHub(Client(scene.url, AppId(scene.app.id), KEY, Clock(), lambda: None), ["acme"])
        self.ref = PullRequestRef(RepositoryId(scene.repo.id), InstallationId(scene.installed.id), 1)
        self._merges = Merges(self.github, "shop:{merge_sha}")

    def shown(self) -> str | None:
        """The merge commit that GitHub shows."""
        return self.github.pull(self.ref).merge_sha

    def chosen(self) -> str | None:
        """The one that an image would be named after."""
        pull = self.github.pull(self.ref)
        return self._merges.chosen(a_record(ref=self.ref), pull, RepositoryConfig()).merge_sha


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def test_what_a_commit_follows(world: World) -> None:
    merge, main, head = world.shown(), world.scene.repo.head("main"), world.scene.pull.head
    assert merge is not None
    assert world.github.parents(world.ref, Sha(merge)) == (main, head)
    assert world.github.parents(world.ref, Sha(head)) == (main,)
    assert world.github.parents(world.ref, Sha(main)) == ()
    with pytest.raises(Missing):
        world.github.parents(world.ref, Sha("f" * 40))


def test_aba_force_push__the_merge_commit_is_of_the_head(world: World) -> None:
    pull, repo = world.scene.pull, world.scene.repo
    first, made = pull.head, world.shown()
    assert made is not None
    pull.push({"evil.txt": "1"})
    stale = world.shown()
    assert world.chosen() == stale != made
    pull.delay_merge()
    pull.force_push(first)
    assert (world.shown(), world.chosen()) == (stale, None)
    repo.push("main", {"elsewhere.txt": "1"})
    assert (world.shown(), world.chosen()) == (stale, None)
    pull.catch_up()
    assert world.shown() not in {None, stale, made}
    assert world.chosen() == world.shown()
