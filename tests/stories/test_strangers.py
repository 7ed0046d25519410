"""What outsiders send runs nowhere: forks get one answer, strangers' accounts none, drafts wait."""

import secrets

import pytest

from dev.bot.install import SYSTEM, kubectl
from tests.stories.conftest import Town
from tests.stories.team import READY, TEST, Team, files

FORK = (
    "completed",
    "neutral",
    "Pull requests from forks get no preview until somebody with write permission trusts the commit."
    " Each commit has to be trusted anew.",
)


@pytest.mark.parametrize("gone", [False, True], ids=["fork", "deleted fork"])
def test_fork_default_nothing(team: Team, gone: bool) -> None:
    pull = team.opens(fork=True, author="mallory")
    if gone:
        pull.delete_fork()
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull) == FORK
    assert (team.in_cluster(pull), pull.comments) == ([], [])

    team.repo.check_run(pull.head, team.ci, "more")
    team.settles()
    assert [write.split()[0] for write in team.writes()] == ["POST"]
    team.nothing_more_happens(pull)
    pull.close()
    team.settles()
    assert (team.in_cluster(pull), pull.comments) == ([], [])


def test_approval_pins_sha(team: Team) -> None:
    pull = team.opens(fork=True, author="mallory")
    team.ci_passes(pull)
    team.settles()
    asked = team.asks(pull, "trust", by="mallory")
    team.settles()
    assert team.check(pull) == FORK
    assert team.status(pull)["requests"][asked]["outcome"] == "Refused"
    assert team.in_cluster(pull) == []

    asked = team.asks(pull, "trust")
    team.settles()
    assert team.status(pull)["requests"][asked]["outcome"] == "Approved"
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)

    seen = pull.head
    pull.push({"evil.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == FORK
    assert team.page(pull).sha == seen
    stale = team.asks(pull, "trust", sha=seen)
    team.settles()
    assert team.status(pull)["requests"][stale]["outcome"] == "Outdated"
    assert team.page(pull).sha == seen
    team.nothing_more_happens(pull)

    team.asks(pull, "trust")
    team.settles()
    assert team.page(pull).sha == pull.head


@pytest.mark.keeps("approval_pins_sha")
def test_state_lost_or_old__a_trust_has_to_be_given_again(team: Team) -> None:
    pull = team.opens(fork=True, author="mallory")
    team.ci_passes(pull)
    team.settles()
    team.asks(pull, "trust")
    team.settles()
    seen = pull.head
    kubectl(team.cluster, "delete", "reviewapp", team.record(pull).ref.name, "-n", SYSTEM)
    team.restarts()
    pull.push({"more.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    # What ran was trusted when it was deployed; nothing more is, on nobody's word.
    assert team.check(pull) == FORK
    assert team.page(pull).sha == seen
    team.asks(pull, "trust")
    team.settles()
    assert team.page(pull).sha == pull.head
    assert len([comment for comment in pull.comments if comment.app is team.app]) == 1


def test_approval_pins_sha__and_the_commit_still_has_to_be_green(team: Team) -> None:
    pull = team.opens(fork=True, author="mallory")
    team.settles()
    team.asks(pull, "trust")
    team.settles()
    assert team.check(pull) == ("queued", None, "Waiting for required check “test”, which has not reported.")
    assert team.in_cluster(pull) == []


def test_host_hijack__by_a_fork_of_the_same_branch_and_commit(team: Team) -> None:
    ours = team.is_running()
    fork = team.repo.fork("mallory")
    fork.force_push("topic", ours.head)
    theirs = team.repo.open_pull_request("topic", fork=True, author="mallory")
    team.repo.check_run(theirs.head, team.ci, TEST)
    team.settles()
    assert theirs.head == ours.head
    assert (team.in_cluster(theirs), theirs.comments) == ([], [])
    assert team.page(ours).sha == ours.head
    theirs.close()
    team.settles()
    assert team.page(ours).sha == ours.head
    assert team.comment(ours).startswith(READY)
    team.nothing_more_happens(theirs)


def test_foreign_repo_or_installation_ignored(town: Town, team: Team) -> None:
    login = f"strangers-{secrets.token_hex(4)}"
    repo = town.github.create_repository(f"{login}/shop", files=files(town.cluster))
    installed = town.github.install(town.app, login)
    pull = repo.open_pull_request("topic", {"topic.txt": "1"})
    repo.check_run(pull.head, town.ci, TEST)
    repo.status(pull.head, TEST)
    pull.close()
    # A controller that starts asks where the App is installed.
    team.restarts()
    team.settles()
    sent = [each for each in town.github.deliveries if each.installation_id == installed.id]
    assert len(sent) > 5
    assert {(each.status, (each.answer or "").strip()) for each in sent} == {("OK", '{"outcome":"ignored","pokes":0}')}
    mine = f"reviewbot.dev/repository-id={repo.id}"
    assert kubectl(town.cluster, "get", "reviewapps", "-n", SYSTEM, "-l", mine, "-o", "name") == ""
    listed = ("repository", f"repo-{repo.id}", "-n", SYSTEM, "--ignore-not-found", "-o", "name")
    assert kubectl(town.cluster, "get", *listed) == ""
    # Not even for a token.
    assert town.github.calls("", f"/({installed.id}|{repo.id})(/|$)") == []


def test_a_draft_waits_until_it_is_ready_for_review(team: Team) -> None:
    pull = team.opens(draft=True)
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == ("queued", None, "Waiting for the pull request to be ready for review.")
    assert (team.in_cluster(pull), pull.comments) == ([], [])

    pull.set_draft(False)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)
