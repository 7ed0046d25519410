"""Our client and a GitHub that is slow, garbled, on another clock or not yet of one mind: nothing is made of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from werkzeug.wrappers import Response

from dev.github import faults
from reviewbot.engine.work import Work
from reviewbot.errors import GiveUp, Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.wire import TIMEOUT_SECONDS
from reviewbot.model import PullRequestRef, Sha
from reviewbot.redact import redact
from reviewbot.report import DeploymentText, superseded
from tests.contract.github_standin import standin
from tests.contract.test_github_client import MINUTE, World, about, minted

Ask = Callable[[GitHub, PullRequestRef, Sha], Any]


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


# --- slow or garbled ----------------------------------------------------------------------------------------


def _cut() -> Iterator[bytes]:
    yield b'{"id": 1'
    raise ConnectionAbortedError


GARBAGE = {
    "a page": faults.raw(200, b"<html><body>Unicorn!</body></html>"),
    "half": faults.raw(200, b'{"id": 1, "head": {"sha": ', "application/json"),
    "nothing": faults.raw(200, b"", "application/json"),
    "null": faults.raw(200, b"null", "application/json"),
    "a word": faults.raw(200, b'"yes"', "application/json"),
    "deep": faults.raw(200, b"[" * 100_000, "application/json"),
    "bytes": faults.raw(200, b"\xff\xfe\x00{}", "application/json"),
    "an object": faults.raw(200, b"{}", "application/json"),
    "cut": lambda _: Response(_cut()),
    "later": faults.raw(202, b"{}", "application/json"),
    "elsewhere": lambda exchange: Response("", 301, {"Location": exchange.path}),
}
STATE = DeploymentText("success", "x")

READS: dict[str, Ask] = {
    "pull": lambda github, ref, _: github.pull(ref),
    "open pulls": lambda github, ref, _: github.open_pulls(ref.repository, ref.installation),
    "installation": lambda github, ref, _: github.installation_of(ref.repository),
    "reported": lambda github, ref, sha: github.reported(ref, sha),
    "suites": lambda github, ref, sha: github.suites(ref, sha),
    "required": lambda github, ref, _: github.required(ref, "main"),
    "file": lambda github, ref, sha: github.file(ref, "Procfile", sha),
    "folder": lambda github, ref, sha: github.folder(ref, "src", sha),
    "changed paths": lambda github, ref, _: github.changed_paths(ref),
    "parents": lambda github, ref, sha: github.parents(ref, sha),
    "may write": lambda github, ref, _: github.may_write(ref, (1, "alice")),
    "check run": lambda github, ref, sha: github.find_check_run(ref, sha, unfinished=False),
    "comments": lambda github, ref, _: github.find_comments(ref, "marker"),
    "deployment": lambda github, ref, sha: github.find_deployment(ref, sha),
    "deployments": lambda github, ref, _: github.find_deployments(ref),
    "deliveries": lambda github, _ref, _: github.deliveries(datetime(2026, 1, 1, tzinfo=UTC)),
    "installations": lambda github, _ref, _: github.installations(),
    "repositories": lambda github, ref, _: github.repositories(ref.installation),
}
WRITES: dict[str, Ask] = {
    "check run": lambda github, ref, sha: github.create_check_run(ref, sha, superseded(sha, "http://x")),
    "check run again": lambda github, ref, sha: github.update_check_run(ref, 1, superseded(sha, "http://x")),
    "comment": lambda github, ref, _: github.create_comment(ref, "x"),
    "comment again": lambda github, ref, _: github.update_comment(ref, 1, "x"),
    "deployment": lambda github, ref, sha: github.create_deployment(ref, sha),
    "state": lambda github, ref, _: github.update_deployment(ref, 1, STATE, last=None, new=False),
}


def garbled(trouble: faults.Trouble) -> faults.Trouble:
    """Whatever is asked, tokens aside, is answered so."""
    return lambda exchange: None if exchange.path.endswith("/access_tokens") else trouble(exchange)


@pytest.mark.parametrize("trouble", GARBAGE.values(), ids=GARBAGE)
def test_slow_or_garbage_replies(world: World, trouble: faults.Trouble) -> None:
    head = Sha(world.scene.pull.head)
    world.scene.github.before = garbled(trouble)
    for ask in READS.values():
        with pytest.raises(Unseen):
            ask(world.github, world.ref, head)


@pytest.mark.parametrize("name", [name for name in GARBAGE if name not in {"later", "an object"}])
def test_slow_or_garbage_replies__to_what_was_written(world: World, name: str) -> None:
    head = Sha(world.scene.pull.head)
    world.scene.github.before = garbled(GARBAGE[name])
    for ask in WRITES.values():
        with pytest.raises(Unseen):
            ask(world.github, world.ref, head)


@pytest.mark.parametrize("trouble", GARBAGE.values(), ids=GARBAGE)
def test_slow_or_garbage_replies__instead_of_a_token(world: World, trouble: faults.Trouble) -> None:
    world.scene.github.before = faults.Times(trouble, "POST", "access_tokens$", times=9)
    with pytest.raises(Unseen):
        world.github.pull(world.ref)


def test_slow_or_garbage_replies__silence_holds_nobody_else(world: World) -> None:
    world.scene.repo.open_pull_request("other")
    release, silent, began = threading.Event(), world.ref, time.monotonic()
    world.scene.github.before = faults.Times(faults.held(release), "GET", "/pulls/1$")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(world.github.pull, silent)
        while not world.scene.github.calls("GET", "/pulls/1$"):
            release.wait(0.01)
        assert world.github.pull(world.numbered(2)).title == "other"
        assert not waiting.done()
        assert isinstance(waiting.exception(timeout=60), Unseen)
    release.set()
    assert time.monotonic() - began > TIMEOUT_SECONDS
    assert world.github.pull(silent).title == "A topic"


# --- clocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-90, -5, -1, 1, 5, 90])
def test_clock_skew(world: World, minutes: int) -> None:
    world.scene.github.clock = lambda: world.clock() + minutes * MINUTE
    for _ in range(3):
        assert world.github.pull(world.ref).title == "A topic"
    refused = [each.status for each in world.scene.github.calls("POST", "access_tokens$")][:-1]
    assert refused == ([401] if abs(minutes) > 1 else [])
    # What it has learned lasts.
    assert world.github.installation_of(world.ref.repository) == world.ref.installation
    assert [each.status for each in world.scene.github.calls("GET", "/installation$")] == [200]


@pytest.mark.parametrize("date", ["", "yesterday", "now"])
def test_clock_skew__where_the_clock_is_not_the_reason(world: World, date: str) -> None:
    headers = {} if date == "now" else {"Date": date}
    world.scene.github.before = faults.Times(
        faults.answer(401, "Bad credentials", headers), "POST", "access_tokens$", 9
    )
    with pytest.raises(GiveUp, match="does not accept the App's key"):
        world.github.pull(world.ref)
    assert minted(world) == 1


# --- tokens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stateless", [True, False])
def test_token_lifecycle(world: World, stateless: bool) -> None:
    github, asked = world.scene.github, list[float]()
    github.stateless_tokens, github.token_lag = stateless, timedelta(seconds=5)
    github.after = faults.Times(lambda _: github.expire_tokens(), "GET", "/comments$")

    def handle(_: str) -> None:
        asked.append(world.clock().timestamp())
        if not world.github.find_comments(world.ref, "x"):
            world.github.create_comment(world.ref, "x")

    work = Work("tell", handle, world.clock)
    work.add("it")
    while (at := work.next_at()) is not None:
        world.ahead += timedelta(seconds=max(0.0, at - world.clock().timestamp()))
        work.step()
    waits = [later - sooner for sooner, later in pairwise(asked)]
    assert waits[:4] == [about(0.5), about(1), about(2), about(4)]
    assert [each.body for each in world.scene.pull.comments] == ["x"]
    # One for each life, however often it was refused at first.
    assert minted(world) == 2


@pytest.mark.parametrize("stateless", [True, False])
def test_stateless_tokens(world: World, stateless: bool) -> None:
    world.scene.github.stateless_tokens = stateless
    assert world.github.pull(world.ref).number == 1
    world.github.create_comment(world.ref, "x")
    (token,) = world.scene.github.tokens
    assert len(token) > 500 if stateless else len(token) == 40
    for text in (token, f"https://x-access-token:{token}@github.com/acme", json.dumps({"token": token})):
        assert token[4:] not in redact(text, ())
        assert not [part for part in token[4:].split(".") if len(part) > 8 and part in redact(text, ())]
