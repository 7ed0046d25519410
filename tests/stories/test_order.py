"""In whatever order events come, late or twice, and whatever they say: where it ends is what GitHub shows."""

import random
from collections.abc import Callable

import pytest

from dev.github import Pull
from dev.github.faults import Late, Twice, about, at_once
from dev.github.webhooks import redeliver
from tests.stories.team import READY, TEST, Team

Happening = Callable[[Team, Pull], object]


def _passes(team: Team, pull: Pull) -> None:
    team.ci_passes(pull)


def _pushes(team: Team, pull: Pull) -> None:
    pull.push({f"{team.repo.github.now().timestamp()}.txt": pull.head})


def _fails(team: Team, pull: Pull) -> None:
    team.repo.check_run(pull.head, team.ci, TEST, conclusion="failure")


def _closes(_: Team, pull: Pull) -> None:
    pull.close()


def _reopens(_: Team, pull: Pull) -> None:
    pull.reopen()


def _merges(_: Team, pull: Pull) -> None:
    pull.merge()


HISTORIES: dict[str, tuple[list[Happening], str]] = {
    "pushed": ([_passes, _pushes, _passes], "is running."),
    "reopened": ([_passes, _closes, _reopens], "is running."),
    "pushed after it passed": ([_passes, _pushes, _fails], "Held by check “test”: failure."),
    "passes at last": ([_fails, _pushes, _passes], "is running."),
    "closed": ([_passes, _pushes, _closes], "The pull request was closed; nothing of its preview is left."),
    "merged": ([_pushes, _passes, _merges], "The pull request was merged; nothing of its preview is left."),
}


@pytest.mark.parametrize("history", HISTORIES)
def test_order_does_not_matter(team: Team, history: str) -> None:
    github, (happenings, says) = team.repo.github, HISTORIES[history]
    late = Late(github, about())
    github.carries = late
    pull = team.opens()
    for happening in happenings:
        happening(team, pull)
    github.carries = at_once
    draw = random.Random(history)  # noqa: S311 - the same order every time
    while late.held:
        late.release([draw.randrange(len(late.held))])
        github.settle()
        for _ in range(draw.randrange(4)):
            team.bot.advance()
    team.settles()
    assert (team.says(pull) or "").endswith(says)
    assert bool(team.in_cluster(pull)) is (says == "is running.")
    assert team.active(pull) == ([pull.head] if says == "is running." else [])
    assert len(pull.comments) <= 1
    team.nothing_more_happens(pull)


def test_every_event_twice(team: Team) -> None:
    team.repo.github.carries = Twice(team.repo.github, about())
    pull = team.is_running()
    pull.push({"more.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert (len(pull.comments), len(team.deployments(pull)), team.check_runs(pull)) == (1, 2, 1)
    team.nothing_more_happens(pull)


def test_stale_payload_never_rolls_back(team: Team) -> None:
    github = team.repo.github
    pull = team.opens()
    team.settles()
    late = Late(github, about())
    github.carries = late
    pushed = pull.push({"more.txt": "1"})
    team.ci_passes(pull)
    github.carries = at_once
    pull.push({"more.txt": "2"})
    team.settles()
    # All that was told of the commit before, which is green, comes when it is no longer the head.
    assert {each.event for each in late.held} >= {"pull_request", "check_run", "check_suite"}
    late.release()
    team.settles()
    assert team.check(pull) == ("queued", None, "Waiting for required check “test”, which has not reported.")
    assert (team.in_cluster(pull), team.deployments(pull), pull.comments) == ([], {}, [])

    team.ci_passes(pull)
    team.settles()
    for delivery in [each for each in github.deliveries if pushed.encode() in each.body]:
        redeliver(github, delivery)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert list(team.deployments(pull)) == [pull.head]
    team.nothing_more_happens(pull)


def test_find_prs_by_sha_only(team: Team) -> None:
    team.repo.push("next", {"next.txt": "1"})
    team.repo.require_checks([TEST], "next")
    first = team.opens()
    second = team.repo.open_pull_request("topic", base="next")
    assert second.head == first.head
    # Beyond ten branches GitHub names none of them in a status.
    for number in range(11):
        team.repo.force_push(f"copy-{number}", first.head)
    team.cluster.sample_image(first.head)
    team.repo.status(first.head, TEST)
    team.settles()
    for pull in (first, second):
        assert team.page(pull).sha == pull.head
        assert team.comment(pull).startswith(READY)
    assert team.url(first) != team.url(second)
    first.close()
    team.settles()
    assert team.in_cluster(first) == []
    assert team.page(second).sha == second.head
    team.nothing_more_happens(second)
