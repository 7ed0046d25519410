"""Our client and what GitHub says is not there: missing only where that is certain, and nothing else by mistake."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dev.github import faults
from reviewbot.errors import Denied, GiveUp, Missing, Unseen, Wait
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, PullRequestRef, RepositoryId
from tests.contract.github_standin import KEY, Scene, standin

SETTLED = timedelta(seconds=11)


class World:
    """The stand-in and our client, which may be told that time has passed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.ahead = timedelta()
        client = Client(scene.url, AppId(scene.app.id), KEY, lambda: datetime.now(UTC) + self.ahead, lambda: None)
        self.github = GitHub(client, ["acme"])
        self.repository = RepositoryId(scene.repo.id)
        self.installation = InstallationId(scene.installed.id)
        self.ref = PullRequestRef(self.repository, self.installation, 1)

    def fails(self, read: Callable[[], object]) -> Exception:
        """What it ends with, once a token that is no longer good has been let go."""
        for _ in range(2):
            self.ahead += SETTLED
            try:
                read()
            except (Wait, GiveUp) as failure:
                found: Exception = failure
                if type(failure) is not Unseen:
                    return failure
            else:
                raise AssertionError("it was read")
        return found


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def test_absence_is_not_closure__of_the_branch_that_is_read(world: World) -> None:
    """It may have been merged and deleted while the pull request above it has not been moved to another yet."""
    assert world.github.file(world.ref, "reviewbot.yml", "main") is None
    for gone in ("merged-and-deleted", "0" * 40):
        assert type(world.fails(lambda gone=gone: world.github.file(world.ref, "app.json", gone))) is Unseen  # type: ignore[misc]


WAYS: dict[str, Callable[[Scene], object]] = {
    "uninstalled": lambda scene: scene.installed.uninstall(),
    "taken out": lambda scene: scene.installed.remove(scene.repo),
    "deleted": lambda scene: scene.repo.delete(),
    "transferred": lambda scene: scene.repo.transfer("stranger"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("known", [True, False], ids=["with a token", "without"])
def test_missing_for_the_pull_request_and_for_the_listing(
    world: World, way: Callable[[Scene], object], known: bool
) -> None:
    if known:
        world.github.pull(world.ref)
    way(world.scene)
    assert isinstance(world.fails(lambda: world.github.pull(world.ref)), Missing)
    assert isinstance(world.fails(lambda: world.github.open_pulls(world.repository, world.installation)), Missing)
    assert world.github.installation_of(world.repository) is None


def test_a_pull_request_that_is_not_there(world: World) -> None:
    absent = PullRequestRef(world.repository, world.installation, 9)
    assert isinstance(world.fails(lambda: world.github.pull(absent)), Missing)
    assert world.github.installation_of(world.repository) == world.installation


@pytest.mark.parametrize(
    "trouble",
    [
        faults.answer(500, "Server Error"),
        faults.answer(401, "Bad credentials"),
        faults.answer(403, "Resource not accessible by integration"),
        faults.raw(200, b"[]", "application/json"),
        faults.raw(200, b"<html>", "text/html"),
        faults.raw(200, b"", "application/json"),
        faults.raw(200, b"null", "application/json"),
        faults.cut,
    ],
    ids=["500", "401", "403", "a list", "a page", "nothing", "null", "cut"],
)
@pytest.mark.parametrize("where", ["access_tokens$", "/pulls/1$"])
def test_absence_is_not_closure__whatever_else_is_not_missing(
    world: World, trouble: faults.Trouble, where: str
) -> None:
    world.scene.github.before = faults.Times(trouble, path=where, times=100)
    assert not isinstance(world.fails(lambda: world.github.pull(world.ref)), Missing)


@pytest.mark.parametrize("known", [True, False], ids=["with a token", "without"])
def test_what_is_asleep_is_left_in_peace_for_half_an_hour(world: World, known: bool) -> None:
    if known:
        world.github.pull(world.ref)
    world.scene.installed.suspend()
    failure = world.fails(lambda: world.github.pull(world.ref))
    assert isinstance(failure, Wait)
    assert failure.until is not None
    assert timedelta(minutes=29) < failure.until - (datetime.now(UTC) + world.ahead) <= timedelta(minutes=30)


def test_archived_is_no_lack_of_rights(world: World) -> None:
    world.scene.repo.archive()
    assert world.github.pull(world.ref).archived
    failure = world.fails(lambda: world.github.create_comment(world.ref, "hello"))
    assert not isinstance(failure, Denied)
    assert "archived" in str(failure)


def test_a_right_that_was_granted_is_seen_at_once_and_asked_for_only_if_lacking(world: World) -> None:
    model = world.scene.installed.model
    had = dict(model.permissions)
    del model.permissions["deployments"]
    assert not world.github.regained(world.repository, world.installation)
    assert isinstance(world.fails(lambda: world.github.create_deployment(world.ref, world.scene.pull.head)), Denied)  # type: ignore[arg-type]
    assert not world.github.regained(world.repository, world.installation)
    model.permissions = had
    assert world.github.regained(world.repository, world.installation)
    asked = len(world.scene.github.requests)
    assert not world.github.regained(world.repository, world.installation)
    assert len(world.scene.github.requests) == asked


def test_the_installation_that_covers_a_repository(world: World) -> None:
    other = world.scene.github.install(world.scene.app, "stranger")
    assert world.github.installation_of(world.repository) == world.installation
    world.scene.repo.transfer("stranger")
    assert world.github.installation_of(world.repository) is None
    assert world.scene.as_app("GET", f"/repositories/{world.repository}/installation").json()["id"] == other.id
