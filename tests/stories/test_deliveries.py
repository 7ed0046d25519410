"""The same delivery again: nothing comes of what was done, something of what was not, however many come at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import requests

from dev.demo.shown import our_check
from dev.github.faults import about
from dev.github.log import Delivery
from dev.github.webhooks import redeliver
from tests.faults.receiver import receiving
from tests.stories.conftest import Town
from tests.stories.team import Team

COPIES = 20
WAITS = "Waiting for required check “test”, which has not reported."


def _mine(team: Team) -> list[Delivery]:
    return [each for each in team.repo.github.deliveries if each.repository_id == team.repo.id]


def _again(team: Team, deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        redeliver(team.repo.github, delivery)
    team.settles()


def test_guid_done_not_guid_seen(team: Team) -> None:
    url, github = team.app.webhook_url, team.repo.github
    # Who answers there knows nothing of webhooks: a failure, and GitHub keeps the GUID.
    team.app.webhook_url = f"{github.api_url}/nothing"
    pull = team.opens()
    github.settle()
    team.app.webhook_url = url
    failed = [each for each in _mine(team) if each.event == "pull_request"]
    assert [each.status_code for each in failed] == [404]
    assert team.says(pull) is None
    _again(team, failed)
    assert team.says(pull) == WAITS

    run = our_check(pull)
    assert run is not None
    team.repo.rerequest(run)
    team.settles()
    told, record = team.told(), team.status(pull)
    assert list(record["requests"]) == [_mine(team)[-1].guid]
    _again(team, _mine(team))
    assert {each.status for each in _mine(team) if each.redelivery} == {"OK"}
    assert (team.told(), team.status(pull)["requests"]) == (told, record["requests"])
    team.nothing_more_happens(pull)


def test_concurrent_same_guid(town: Town, team: Team, tmp_path: Path) -> None:
    team.repo.github.loses = about("pull_request")
    pull = team.opens()
    team.repo.github.settle()
    (opened,) = [each for each in _mine(team) if each.event == "pull_request"]
    together = threading.Barrier(COPIES)
    with ExitStack() as stack:
        folders = [tmp_path / "one", tmp_path / "other"]
        for folder in folders:
            folder.mkdir()
        both = [
            stack.enter_context(receiving(town.cluster, town.accounts, folder, town.registered)) for folder in folders
        ]

        def send(number: int) -> int:
            together.wait(60)
            url = f"http://127.0.0.1:{both[number % 2].port}/webhook"
            return requests.post(url, opened.body, headers=opened.headers, timeout=10).status_code

        with ThreadPoolExecutor(COPIES) as senders:
            assert set(senders.map(send, range(COPIES))) == {202}
    team.settles()
    records = team.bot.mailbox.records_of(team.record(pull).ref.repository)
    assert [record.ref.number for record in records] == [pull.number]
    assert (team.says(pull), team.check_runs(pull), team.writes()) == (WAITS, 1, ["POST check-runs"])
    team.nothing_more_happens(pull)
