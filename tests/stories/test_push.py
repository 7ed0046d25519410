"""A push brings the new release up beside the old; only one that is ready takes the address."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from dev.demo.shown import Visitor
from dev.github import Pull
from tests.stories.team import Team

CRASHING = {"Procfile": "web: exit 3\n"}
SOUND = {"Procfile": "web: bin/shop\n"}


@contextmanager
def _watched(team: Team, url: str) -> Iterator[Counter[tuple[int, str]]]:
    """Every answer of the address while the context lasts, asked for every 50 ms."""
    seen: Counter[tuple[int, str]] = Counter()
    stopping, visitor = threading.Event(), Visitor(team.cluster)

    def look() -> None:
        while not stopping.wait(0.05):
            page = visitor.get(url)
            seen[page.status, page.sha] += 1

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stopping.set()
        thread.join()
        visitor.close()


def _crashes(team: Team, pull: Pull) -> None:
    team.ci_passes(pull)
    team.settles(until=lambda: "exit code 3" in (team.says(pull) or ""))


def test_every_answer_during_a_switch_is_right(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    with _watched(team, team.url(pull)) as seen:
        pull.push({"topic.txt": "2"})
        team.ci_passes(pull)
        team.settles()
        assert team.page(pull).sha == pull.head
    assert set(seen) == {(200, old), (200, pull.head)}
    assert len(team.objects(pull, "deployments")) == 1
    team.nothing_more_happens(pull)


def test_a_release_that_crashes_never_takes_the_address(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    with _watched(team, team.url(pull)) as seen:
        pull.push(CRASHING)
        _crashes(team, pull)
        assert team.check(pull)[:2] == ("in_progress", None)
        team.waits(timedelta(minutes=10))
        assert team.check(pull)[:2] == ("completed", "failure")
        assert "exit code 3" in team.check(pull)[2]
        assert f"still serving `{old[:7]}`" in team.comment(pull)
        team.nothing_more_happens(pull)
    assert set(seen) == {(200, old)}


def test_after_a_release_that_crashes_the_next_one_is_tried(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    with _watched(team, team.url(pull)) as seen:
        pull.push(CRASHING)
        _crashes(team, pull)
        pull.push(SOUND)
        team.ci_passes(pull)
        team.settles()
    assert set(seen) <= {(200, old), (200, pull.head)}
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    assert len(team.objects(pull, "deployments", "services")) == 2
    team.nothing_more_happens(pull)


def test_of_two_pushes_only_the_newest_is_deployed(team: Team) -> None:
    pull = team.is_running()
    first, skipped = pull.head, pull.push({"topic.txt": "2"})
    with _watched(team, team.url(pull)) as seen:
        team.ci_passes(pull)
        pull.push({"topic.txt": "3"})
        team.ci_passes(pull)
        team.settles()
    assert team.page(pull).sha == pull.head
    assert skipped not in {sha for _, sha in seen}
    assert set(seen) <= {(200, first), (200, pull.head)}
    assert len(team.objects(pull, "deployments", "services")) == 2
    team.nothing_more_happens(pull)


def test_a_push_while_the_one_before_is_coming_up(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    team.settles(until=lambda: bool(team.in_cluster(pull)) and bool(team.objects(pull, "deployments")))
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert len(team.objects(pull, "deployments", "services")) == 2
    team.nothing_more_happens(pull)


def test_aba_force_push(team: Team) -> None:
    pull = team.is_running()
    first, second = pull.head, pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == second
    pull.force_push(first)
    team.settles()
    _is_back(team, pull, first)
    assert team.deployments(pull)[second][-1] == "inactive"

    # Once more, and back while the other one is still coming up.
    pull.force_push(second)
    team.settles(until=lambda: len(team.objects(pull, "deployments")) == 2)
    pull.force_push(first)
    team.settles()
    _is_back(team, pull, first)


def _is_back(team: Team, pull: Pull, head: str) -> None:
    assert team.page(pull).sha == head
    assert team.check(pull) == ("completed", "success", f"{head[:7]} is running.")
    assert (team.active(pull), len(team.objects(pull, "deployments", "services"))) == ([head], 2)
    assert f"{head[:7]}` is running" in team.comment(pull)
    team.nothing_more_happens(pull)
