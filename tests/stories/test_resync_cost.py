"""What a repository costs while nothing happens in it, counted by GitHub."""

from datetime import timedelta

from dev.github.log import Exchange
from tests.stories.team import Team

RESYNC = timedelta(minutes=13)


def _asked(team: Team) -> list[Exchange]:
    return [each for each in team.repo.github.requests if each.installation_id == team.installation]


def test_resync_cost__while_nothing_happens_a_look_is_free(team: Team) -> None:
    running = team.is_running()
    stranger, waiting = team.opens("fork", fork=True, author="mallory"), team.opens("waiting")
    team.settles()
    team.waits(RESYNC)
    rate, asked = team.repo.github.installations[team.installation].rate, len(_asked(team))
    used = rate.used
    team.waits(RESYNC)
    looked = _asked(team)[asked:]
    assert {each.status for each in looked} == {304}
    assert len(looked) < 10
    assert rate.used == used
    # Another controller reads nothing of what is settled either.
    asked = len(_asked(team))
    team.restarts()
    team.settles()
    team.waits(RESYNC)
    paths = [each.path for each in _asked(team)[asked:]]
    looks = [len([path for path in paths if path.endswith(f"/pulls/{each.number}")]) for each in (running, stranger)]
    assert looks == [0, 0]
    assert len(paths) < 30
    assert team.says(waiting) == "Waiting for required check “test”, which has not reported."
