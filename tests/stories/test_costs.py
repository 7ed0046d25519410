"""What a repository costs of GitHub's rate limit while nothing happens in it, whoever starts anew meanwhile."""

from datetime import timedelta

from reviewbot.decide import CHECK
from tests.stories.team import Team

RESYNCS = 3
DRAFTS = 5
# A token lives an hour.
HOUR = timedelta(hours=1)


def test_resync_cost__over_hours_and_restarts(team: Team) -> None:
    running = team.is_running()
    for number in range(DRAFTS):
        team.opens(f"draft-{number}", draft=True)
    team.settles()
    before = len(team.repo.github.calls("", rf"^/repositories/{team.repo.id}/"))
    for _ in range(RESYNCS):
        team.waits(HOUR)
        team.restarts()
        team.waits(CHECK * 1.3)
    asked = team.repo.github.calls("", rf"^/repositories/{team.repo.id}/")[before:]
    assert {call.path.rpartition("/")[2] for call in asked} == {"pulls"}, [call.path for call in asked]
    assert RESYNCS <= len(asked) <= RESYNCS * 9
    assert team.page(running).sha == running.head
