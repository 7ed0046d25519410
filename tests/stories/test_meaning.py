"""What events mean, and what they do not: only what GitHub says when asked counts."""

from dev.github.webhooks import redeliver
from tests.stories.team import TEST, Team

REMOVED = {
    "closed": "The pull request was closed; nothing of its preview is left.",
    "merged": "The pull request was merged; nothing of its preview is left.",
}


def test_a_merge_queue_changes_nothing_until_it_merges(team: Team) -> None:
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


def test_a_merged_pull_request_that_github_shows_as_open_stays_removed(team: Team) -> None:
    pull = team.is_running()
    pull.merge()
    team.settles()
    pull.model.state = "open"
    for delivery in [each for each in team.repo.github.deliveries if each.repository_id == team.repo.id][-3:]:
        redeliver(team.repo.github, delivery)
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["merged"])
    team.nothing_more_happens(pull)


def test_a_branch_that_is_deleted_by_hand_closes_its_pull_request(team: Team) -> None:
    pull = team.is_running()
    team.repo.delete_branch("topic")
    team.settles()
    assert (team.in_cluster(pull), team.says(pull)) == ([], REMOVED["closed"])
    team.nothing_more_happens(pull)


def test_closed_and_opened_again_within_a_second(team: Team) -> None:
    pull = team.is_running()
    pull.close()
    pull.reopen()
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)
