"""Our client against the stand-in: what a repeated reading costs, who stays away and until when, and tokens."""

from __future__ import annotations

import gc
import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests
from werkzeug.wrappers import Response

from dev.github import faults
from dev.github.log import Exchange
from reviewbot.errors import GiveUp, RateLimited, Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, InstallationId, PullRequest, PullRequestRef, RepositoryId
from tests.contract.github_standin import KEY, Scene, standin

MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """The stand-in and our client, on one clock. It may run ahead of the machine's, by which tokens are signed."""

    scene: Scene
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.scene.github.clock = self.clock
        self.github = self.another()

    def another(self, url: str = "") -> GitHub:
        return GitHub(Client(url or self.scene.url, AppId(self.scene.app.id), KEY, self.clock, lambda: None), ["acme"])

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def ref(self) -> PullRequestRef:
        return self.numbered(1)

    def numbered(self, number: int) -> PullRequestRef:
        return PullRequestRef(RepositoryId(self.scene.repo.id), InstallationId(self.scene.installed.id), number)

    def listed(self) -> list[PullRequest]:
        return self.github.open_pulls(self.ref.repository, self.ref.installation)

    def answers(self) -> Counter[int | None]:
        """The statuses of every answer so far to a token of the installation."""
        own = self.scene.installed.id
        return Counter(each.status for each in self.scene.github.requests if each.installation_id == own)

    def used(self) -> int:
        """How much of the installation's hourly limit is used."""
        return self.scene.installed.model.rate.used

    def limited(self) -> timedelta:
        """Read the pull request, which is refused; for how long."""
        with pytest.raises(RateLimited) as caught:
            self.github.pull(self.ref)
        assert caught.value.until is not None
        return caught.value.until - self.clock()


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


def test_connections_do_not_grow(world: World) -> None:
    """Each connection takes memory, and there may be hundreds of repositories."""
    repos = [world.scene.github.create_repository(f"acme/more-{number}") for number in range(20)]
    world.listed()
    before = connections()
    for repo in repos:
        assert world.github.open_pulls(RepositoryId(repo.id), world.ref.installation) == []
    assert connections() <= before


def connections() -> int:
    return sum(isinstance(each, requests.Session) for each in gc.get_objects())


def about(seconds: float) -> object:
    return pytest.approx(seconds, abs=1.5)


def together(number: int, then: faults.Trouble) -> faults.Trouble:
    """Keep the readings of the pull request until that many are there, then go on; later ones go their way."""
    barrier, left = threading.Barrier(number), itertools.count()

    def wait(exchange: Exchange) -> Response | None:
        if exchange.method != "GET" or next(left) >= number:
            return None
        barrier.wait(timeout=10)
        return then(exchange)

    return wait


# --- conditions ---------------------------------------------------------------------------------------------


def test_reading_again_what_did_not_change_is_free(world: World) -> None:
    for number in range(2, 251):
        world.scene.repo.open_pull_request(f"topic-{number}")
    first, used = world.listed(), world.used()
    assert (len(first), used) == (250, 3)
    assert world.listed() == first
    assert (world.used(), world.answers()) == (3, {200: 3, 304: 3})
    # Another token: every page is read once more.
    world.ahead += timedelta(seconds=11)
    world.scene.github.expire_tokens()
    with pytest.raises(Unseen):
        world.listed()
    before = world.used()
    assert world.listed() == first
    assert world.used() - before == 3
    # A restart: the same again.
    world.github = world.another()
    assert world.listed() == first
    assert world.used() - before == 6


def test_what_changed_is_seen(world: World) -> None:
    assert world.github.pull(world.ref).title == "A topic"
    world.scene.pull.edit(title="Another topic")
    for _ in range(2):
        assert world.github.pull(world.ref).title == "Another topic"
    assert world.answers() == {200: 2, 304: 1}


def test_many_read_the_same_at_once(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        titles = list(pool.map(lambda _: world.github.pull(world.ref).title, range(40)))
    assert titles == ["A topic"] * 40
    assert world.answers()[200] <= 8


# --- limits -------------------------------------------------------------------------------------------------


def test_primary_limit(world: World) -> None:
    world.github.pull(world.ref)
    rate = world.scene.installed.model.rate
    rate.used, rate.reset = rate.limit, int(world.clock().timestamp()) + 180
    assert world.limited().total_seconds() == about(180)
    asked = len(world.scene.github.requests)
    for _ in range(20):
        world.limited()
        with pytest.raises(RateLimited):
            world.github.create_comment(world.ref, "x")
    assert len(world.scene.github.requests) == asked
    world.ahead += timedelta(seconds=181)
    assert world.github.pull(world.ref).number == 1


def test_primary_limit__ends_by_github_s_clock(world: World) -> None:
    world.scene.github.clock = lambda: world.clock() - timedelta(seconds=30)
    rate = world.scene.installed.model.rate
    rate.used, rate.reset = rate.limit, int(world.clock().timestamp()) + 60
    assert world.limited().total_seconds() == about(90)


@pytest.mark.parametrize("shape", faults.SECONDARY)
def test_secondary_limit(world: World, shape: str) -> None:
    world.scene.github.before = faults.Times(faults.SECONDARY[shape], "GET", "/pulls/1$")
    assert world.limited().total_seconds() == about(60)
    asked = len(world.scene.github.requests)
    world.limited()
    assert len(world.scene.github.requests) == asked
    world.ahead += timedelta(seconds=61)
    assert world.github.pull(world.ref).number == 1


def test_secondary_limit__grows_to_a_cap_is_loud_then_and_starts_anew(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.scene.github.before = faults.Times(faults.SECONDARY["403 without"], "GET", "/pulls/1$", times=8)
    minutes = []
    for _ in range(7):
        patience = world.limited()
        minutes.append(round(patience / MINUTE))
        world.ahead += patience
        world.scene.github.clock = lambda: datetime.now(UTC)
    assert minutes == [1, 2, 4, 8, 16, 16, 16]
    loud = [record for record in caplog.records if "goes on refusing installation" in record.getMessage()]
    assert [record.levelname for record in loud] == ["ERROR"] * 3
    world.ahead += 17 * MINUTE
    assert round(world.limited() / MINUTE) == 1


def test_secondary_limit__is_one_for_all_that_were_under_way(world: World) -> None:
    world.github.pull(world.ref)
    world.scene.github.before = together(8, faults.SECONDARY["429 without"])

    def patience(_: int) -> float:
        return world.limited().total_seconds()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(patience, range(8))) == [about(60)] * 8


def test_secondary_limit__is_an_installation_s_own(world: World) -> None:
    world.github.pull(world.ref)
    world.scene.github.before = faults.Times(faults.SECONDARY["403 with a time"], "GET", "/pulls/1$")
    world.limited()
    elsewhere = world.scene.github.create_repository("globex/shop")
    elsewhere.open_pull_request("topic")
    other = world.scene.github.install(world.scene.app, "globex")
    ref = PullRequestRef(RepositoryId(elsewhere.id), InstallationId(other.id), 1)
    assert world.github.pull(ref).title == "topic"
    # Whoever has a token does not need the App's own access.
    world.scene.github.before = faults.Times(faults.SECONDARY["429 with a time"], "POST", "access_tokens$")
    with pytest.raises(RateLimited):
        world.another().pull(ref)
    assert world.github.pull(ref).title == "topic"


# --- tokens -------------------------------------------------------------------------------------------------


def minted(world: World) -> int:
    return len(world.scene.github.calls("POST", "access_tokens$"))


@pytest.mark.parametrize("stateless", [True, False])
def test_token_lifecycle__one_that_is_not_known_everywhere_is_kept(world: World, stateless: bool) -> None:
    world.scene.github.stateless_tokens = stateless
    world.scene.github.token_lag = timedelta(seconds=5)
    for _ in range(3):
        with pytest.raises(Unseen):
            world.github.pull(world.ref)
        world.ahead += timedelta(seconds=2)
    assert world.github.pull(world.ref).number == 1
    assert minted(world) == 1


def test_token_lifecycle__rights_that_are_not_known_everywhere(world: World) -> None:
    refusal = faults.answer(403, "Resource not accessible by integration")
    world.scene.github.before = faults.Times(refusal, "GET", "/pulls/1$", times=2)
    with pytest.raises(Unseen):
        world.github.pull(world.ref)
    world.ahead += timedelta(seconds=11)
    with pytest.raises(GiveUp, match="not accessible"):
        world.github.pull(world.ref)


def test_token_lifecycle__is_replaced_once_by_all_who_use_it(world: World) -> None:
    world.github.pull(world.ref)
    world.ahead += timedelta(seconds=11)
    world.scene.github.expire_tokens()
    world.scene.github.before = together(8, lambda _: None)

    def number(_: int) -> int:
        try:
            return world.github.pull(world.ref).number
        except Unseen:
            return world.github.pull(world.ref).number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(number, range(8))) == [1] * 8
    assert minted(world) == 2


def test_a_server_of_one_s_own_has_its_api_below_a_path(world: World) -> None:
    assert world.another(f"{world.scene.url}/api/v3").pull(world.ref).number == 1


def test_the_repositories_of_an_installation(world: World) -> None:
    made = [world.scene.github.create_repository(f"acme/more-{number}") for number in range(120)]
    made[0].archive()
    found = world.github.repositories(InstallationId(world.scene.installed.id))
    names = {world.scene.repo.full_name, *(repo.full_name for repo in made[1:])}
    assert {full_name for _, full_name in found} == names
    assert len(found) == len(names)
