"""A commit's tests as our client reads them of GitHub: every page, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Response

from dev.github import faults
from dev.github.log import Exchange
from reviewbot.errors import Unseen
from reviewbot.gate import judge
from reviewbot.gateways.github import GitHub
from reviewbot.gateways.github.client import Client
from reviewbot.model import AppId, Checks, ChecksPolicy, InstallationId, PullRequestRef, RepositoryId, Sha, Verdict
from tests.contract.github_standin import KEY, Scene, standin

LATER = timedelta(minutes=5)


class World:
    """The stand-in, and what our client makes of the one pull request's commit."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.app, self.sha = scene, AppId(scene.app.id), Sha(scene.pull.head)
        client = Client(scene.url, self.app, KEY, lambda: datetime.now(UTC), lambda: None)
        self.github = GitHub(client, ["acme"])
        self.ref = PullRequestRef(RepositoryId(scene.repo.id), InstallationId(scene.installed.id), 1)

    def reports(self, kind: str, number: int, red: int | None = None) -> None:
        """As many contexts or check runs, of which that one fails."""
        for each in range(1, number + 1):
            name, bad = f"job {each}", each == red
            if kind == "statuses":
                self.scene.repo.status(self.sha, name, "failure" if bad else "success")
            else:
                self.scene.repo.check_run(self.sha, self.scene.ci, name, conclusion="failure" if bad else "success")

    def verdict(self, policy: ChecksPolicy | None = None, later: timedelta = LATER) -> Verdict:
        reported, suites = self.github.reported(self.ref, self.sha), self.github.suites(self.ref, self.sha)
        checks = Checks(reported, suites, self.github.required(self.ref, "main"))
        return judge(checks, policy or ChecksPolicy(), self.app, datetime.now(UTC) + later)


@pytest.fixture
def world() -> Iterator[World]:
    with standin() as scene:
        yield World(scene)


@pytest.mark.parametrize("kind", ["statuses", "check-runs"])
@pytest.mark.parametrize("number", [65, 130])
def test_page_two_failure(world: World, kind: str, number: int) -> None:
    world.reports(kind, number)
    assert world.verdict() == Verdict(True, "All checks pass.")
    # GitHub lists statuses the newest first, and check runs the oldest first.
    for late in (31, 1, number):
        world.scene.repo.model.statuses.clear()
        world.scene.repo.model.suites.clear()
        world.reports(kind, number, red=late)
        assert world.verdict() == Verdict(False, f"Held by check “job {late}”: failure.")


def test_actions_only_repo__whose_combined_status_is_pending(world: World) -> None:
    world.reports("check-runs", 3)
    combined = world.scene.call("GET", f"/repos/acme/shop/commits/{world.sha}/status").json()
    # GitHub's own word for a commit without a single status.
    assert (combined["state"], combined["total_count"]) == ("pending", 0)
    assert world.verdict() == Verdict(True, "All checks pass.")


@pytest.mark.parametrize("conclusion", ["action_required", "startup_failure"])
def test_conclusions__of_a_suite_that_ends_without_a_run(world: World, conclusion: str) -> None:
    other = world.scene.github.create_app("other")
    world.scene.repo.check_run(world.sha, other, "lint")
    world.scene.repo.check_suite(world.sha, world.scene.ci, conclusion=conclusion)
    assert world.verdict() == Verdict(False, f"Held by the checks of “ci”: {conclusion}.")
    # Approved, or mended: it runs after all.
    world.scene.repo.check_run(world.sha, world.scene.ci, "build")
    assert world.verdict() == Verdict(True, "All checks pass.")


def test_empty_suite__beside_one_whose_check_is_ignored(world: World) -> None:
    repo, ci, policy = world.scene.repo, world.scene.ci, ChecksPolicy(ignore=("e2e",), quiet=0)
    repo.check_run(world.sha, world.scene.github.create_app("other"), "lint")
    repo.check_run(world.sha, ci, "e2e", status="queued")
    assert world.verdict(policy, timedelta(seconds=1)) == Verdict(True, "All checks pass.")
    repo.check_suite(world.sha, ci, another=True)
    waiting = world.verdict(policy, timedelta(seconds=1))
    assert (waiting.green, waiting.sentence) == (False, "Waiting for the checks of “ci” to start.")
    assert world.verdict(policy) == Verdict(True, "All checks pass.")


def test_required_workflows(world: World) -> None:
    repo, ci = world.scene.repo, world.scene.ci
    repo.require_checks(["build"])
    repo.check_run(world.sha, ci, "build")
    repo.check_run(world.sha, ci, "scan", conclusion="failure")
    assert world.verdict() == Verdict(True, "All required checks pass.")
    repo.require_workflows([".github/workflows/scan.yml"])
    assert world.verdict() == Verdict(False, "Held by check “scan”: failure.")
    repo.check_run(world.sha, ci, "scan")
    assert world.verdict() == Verdict(True, "All checks pass.")


FAILURES: dict[str, faults.Trouble] = {
    "500": faults.answer(500, "Server Error"),
    "cut": faults.cut,
    "half a page": faults.raw(200, b'[{"context": "te', "application/json"),
    "nothing": faults.raw(200, b"", "application/json"),
    "null": faults.raw(200, b"null", "application/json"),
    "a list": faults.raw(200, b"[1]", "application/json"),
    "an object": faults.raw(200, b"{}", "application/json"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_api_error_means_not_green__whatever_is_read(world: World, failure: faults.Trouble) -> None:
    github, ref, sha = world.github, world.ref, world.sha
    reads: dict[str, Callable[[], object]] = {
        "pulls/1$": lambda: github.pull(ref),
        "rules/branches": lambda: github.required(ref, "main"),
        "branches/main$": lambda: github.required(ref, "main"),
        "statuses$": lambda: github.reported(ref, sha),
        "check-runs$": lambda: github.reported(ref, sha),
        "check-suites$": lambda: github.suites(ref, sha),
    }
    for path, read in reads.items():
        world.scene.github.before = faults.Times(failure, "GET", f"/repositories/.*{path}")
        with pytest.raises(Unseen):
            read()


@pytest.mark.parametrize("kind", ["statuses", "check-runs"])
def test_api_error_means_not_green__on_page_two(world: World, kind: str) -> None:
    world.reports(kind, 130)

    def trouble(exchange: Exchange) -> Response | None:
        wanted = exchange.path.endswith(kind) and exchange.query.get("page") == "2"
        return FAILURES["500"](exchange) if wanted else None

    world.scene.github.before = trouble
    with pytest.raises(Unseen):
        world.verdict()
