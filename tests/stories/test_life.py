"""The life of a pull request as it should go, and the turns nearest to it."""

from tests.stories.team import READY, Team


def test_opened_green_running_pushed_closed(team: Team) -> None:
    pull = team.opens()
    team.settles()
    assert team.check(pull) == ("queued", None, "Waiting for required check “test”, which has not reported.")
    assert (team.in_cluster(pull), pull.comments) == ([], [])

    team.ci_passes(pull)
    team.settles()
    first = pull.head
    assert team.check(pull) == ("completed", "success", f"{first[:7]} is running.")
    says = [f"`{first[:7]}` is running.", f"Address: {team.url(pull)}", f"Commit: `{first[:7]}`"]
    assert team.comment(pull) == "\n\n".join([READY, *says])
    assert (team.page(pull).status, team.page(pull).sha) == (200, first)

    second = pull.push({"topic.txt": "2"})
    team.settles()
    assert team.check(pull)[0] == "queued"
    assert team.page(pull).sha == first
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == second
    assert len(team.objects(pull, "deployments", "services")) == 2

    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []
    assert team.check(pull)[2] == "The pull request was closed; nothing of its preview is left."
    assert "nothing of its preview is left" in team.comment(pull)
    team.nothing_more_happens(pull)
    milestones = [reason for reason in team.events(pull) if reason in {"Checks", "Ready", "Removing", "Closed"}]
    assert milestones == ["Checks", "Ready", "Checks", "Ready", "Removing", "Closed"]
