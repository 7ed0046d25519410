"""GitHub limits us: nobody asks before the time it named, the cluster's work goes on, and then all is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Response

from dev.github import faults
from dev.github.log import Exchange
from tests.stories.team import READY, Team

HOUR = timedelta(hours=1)
GONE = "The pull request was closed; nothing of its preview is left."


def _asked(team: Team) -> list[Exchange]:
    return [each for each in team.repo.github.requests if each.installation_id == team.installation]


def _exhaust(team: Team) -> None:
    rate = team.repo.github.installations[team.installation].rate
    rate.used, rate.reset = rate.limit, int(datetime.now(UTC).timestamp()) + 3000


def _reset(team: Team) -> None:
    team.repo.github.installations[team.installation].rate.used = 0


def test_primary_limit__what_is_decided_is_done(team: Team) -> None:
    pull = team.is_running()
    pull.close()
    team.settles(until=lambda: team.record(pull).phase == "Closing")
    asked, said = len(_asked(team)), len(team.told())
    _exhaust(team)
    team.settles()
    assert team.in_cluster(pull) == []
    assert [each.status for each in _asked(team)[asked:]] == [403]
    assert team.says(pull) != GONE
    _reset(team)
    team.waits(HOUR)
    assert team.says(pull) == GONE
    # Only the last of it, what matters most first.
    check_run, comment, deployment = team.told()[said + 1 :]
    assert (check_run, GONE in comment) == (GONE, True)
    assert team.writes()[-1].startswith("POST deployments/"), deployment
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_primary_limit__an_hour_without_github(team: Team) -> None:
    pull = team.is_running()
    first = pull.head
    _exhaust(team)
    asked = len(_asked(team))
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    for _ in range(3):
        team.waits(timedelta(minutes=14))
    assert [each.status for each in _asked(team)[asked:]] == [403]
    assert {each.status for each in team.repo.github.deliveries if each.repository_id == team.repo.id} == {"OK"}
    assert team.page(pull).sha == first
    _reset(team)
    team.waits(timedelta(minutes=10))
    assert team.page(pull).sha == pull.head
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    team.nothing_more_happens(pull)


@dataclass
class _Limit:
    """As `before`: one request is refused; when that was, and when the installation asked again, by the bot's time."""

    team: Team
    refusal: faults.Times
    at: datetime | None = None
    later: list[datetime] = field(default_factory=list)

    def __call__(self, exchange: Exchange) -> Response | None:
        if exchange.installation_id != self.team.installation:
            return None
        answer, now = self.refusal(exchange), self.team.bot.clock()
        if answer is not None:
            self.at = now
        elif self.at is not None:
            self.later.append(now)
        return answer


@pytest.mark.parametrize(
    ("shape", "method", "path"),
    [
        ("403 for content, in words only", "POST", "comments$"),
        ("429 with a time", "GET", "check-runs$"),
        ("429 without", "POST", "check-runs$"),
    ],
)
def test_secondary_limit__of_a_life(team: Team, shape: str, method: str, path: str) -> None:
    limit = _Limit(team, faults.Times(faults.SECONDARY[shape], method, path))
    team.repo.github.before = limit
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    team.waits(timedelta(seconds=61))
    team.waits(timedelta(seconds=61))
    assert limit.at is not None
    assert min(limit.later) >= limit.at + timedelta(seconds=60)
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.comment(pull).startswith(READY)
    assert (team.check_runs(pull), team.page(pull).sha) == (1, pull.head)
    assert team.deployments(pull)[pull.head][-1] == "success"
    team.nothing_more_happens(pull)
