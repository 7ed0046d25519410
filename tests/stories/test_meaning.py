"""What events mean, and what they do not: only what GitHub says when asked counts."""

import json
from datetime import timedelta

from dev.bot.install import kubectl
from dev.github import Pull
from dev.github.log import Delivery
from dev.github.webhooks import redeliver
from tests.stories.team import TEST, Team

RESYNC = timedelta(minutes=13)

REMOVED = {
    "closed": "The pull request was closed; nothing of its preview is left.",
    "merged": "The pull request was merged; nothing of its preview is left.",
}


def test_merge_queue_ignored(team: Team) -> None:
    pull = team.is_running()
    said = team.writes()
    queued = pull.queue()
    team.repo.check_run(queued, team.ci, TEST, status="in_progress")
    team.repo.check_run(queued, team.ci, TEST, conclusion="failure")
    team.repo.status(queued, "other")
    team.settles()
    assert (team.page(pull).sha, team.writes()) == (pull.head, said)
    assert [record.ref.number for record in team.bot.mailbox.records_of(team.record(pull).ref.repository)] == [1]
    pull.merge()
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["merged"])
    team.nothing_more_happens(pull)


def test_merged_pr_reported_open(team: Team) -> None:
    pull = team.is_running()
    pull.merge()
    team.settles(until=lambda: team.record(pull).phase == "Closing")
    # First by its state alone, then as if it had never been merged.
    pull.model.state = "open"
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["merged"])
    said, pull.model.merged_at = team.writes(), None
    for delivery in [each for each in team.repo.github.deliveries if each.repository_id == team.repo.id][-3:]:
        redeliver(team.repo.github, delivery)
    team.settles()
    team.restarts()
    team.waits(RESYNC)
    assert (team.in_cluster(pull), team.says(pull), team.writes()) == ([], REMOVED["merged"], said)
    team.nothing_more_happens(pull)


def test_a_branch_that_is_deleted_by_hand_closes_its_pull_request(team: Team) -> None:
    pull = team.is_running()
    team.repo.delete_branch("topic")
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["closed"])
    team.nothing_more_happens(pull)


def test_close_reopen_race__within_a_second(team: Team) -> None:
    pull = team.is_running()
    pull.close()
    pull.reopen()
    team.settles()
    team.runs(pull)


def test_close_reopen_race__while_the_namespace_does_not_go(team: Team) -> None:
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    _finalizers(team, pull, ["example.com/slow"])
    try:
        pull.close()
        team.settles(until=lambda: team.record(pull).phase == "Closing")
        pull.reopen()
        team.settles(until=lambda: team.record(pull).reason == "NamespaceTerminating")
        assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] == first
    finally:
        _finalizers(team, pull, [])
    team.settles()
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    team.runs(pull)


def _finalizers(team: Team, pull: Pull, names: list[str]) -> None:
    change = json.dumps({"metadata": {"finalizers": names}})
    kubectl(team.cluster, "patch", "namespace", team.namespace(pull), "--type=merge", "-p", change)


def test_deleted_fork_head_repo_null(team: Team) -> None:
    pull = team.opens(fork=True, author="mallory")
    team.ci_passes(pull, image=False)
    pull.delete_fork()
    team.settles()
    assert (team.check(pull)[1], team.in_cluster(pull)) == ("neutral", [])
    assert "Pull requests from forks get no preview" in team.check(pull)[2]

    # Whoever may write can trust the commit, which outlives its repository.
    team.asks(pull, "trust")
    team.settles(until=lambda: bool(team.in_cluster(pull)))
    pull.close()
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["closed"])
    team.nothing_more_happens(pull)


def test_fork_checks_carry_no_pr(team: Team) -> None:
    pull = team.opens(fork=True, author="mallory")
    team.settles()
    team.asks(pull, "trust")
    team.settles()
    assert team.check(pull)[0] == "queued"
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: bool(team.in_cluster(pull)))

    # Of the push itself nobody is told, so this commit is on no record.
    team.repo.github.loses = lambda delivery: delivery.event == "pull_request"
    pull.push({"more.txt": "1"})
    team.ci_passes(pull, image=False)
    team.settles()
    assert "Each commit has to be trusted anew" in team.check(pull)[2]
    told = [json.loads(each.body)["check_suite"] for each in team.repo.github.deliveries if _is_of_ci(team, each)]
    assert {(len(each["pull_requests"]), each["head_branch"]) for each in told} == {(0, None)}


def _is_of_ci(team: Team, delivery: Delivery) -> bool:
    return delivery.event == "check_suite" and delivery.repository_id == team.repo.id
