"""Many looks at once, and what happens in the middle of one: no effect is doubled, no event is lost."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dev.github import Pull
from dev.github.faults import Times, held
from dev.github.log import Exchange
from reviewbot.model import Phase
from tests.stories.team import READY, Team

AT_ONCE = 10


def _ten_look(team: Team, pull: Pull) -> None:
    """Each wants it looked at, and all work until it is, and is told."""
    start, ref = threading.Barrier(AT_ONCE), team.record(pull).ref

    def look() -> None:
        start.wait(timeout=10)
        team.bot.mailbox.poke(ref)
        while not _is_done(team, pull):
            team.bot.advance()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for each in [pool.submit(look) for _ in range(AT_ONCE)]:
            each.result()


def _is_done(team: Team, pull: Pull) -> bool:
    record = team.record(pull)
    return record.phase is Phase.RUNNING and record.report == record.told and not record.due


def _is_told_once(team: Team, pull: Pull) -> None:
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.comment(pull).startswith(READY)
    assert (team.check_runs(pull), list(team.deployments(pull))) == (1, [pull.head])
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def test_ten_reconciles_of_one_pr(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    team.repo.github.settle()
    # While GitHub takes its time with the first write, nine have nothing to do.
    slow = held(threading.Event(), patience=4)
    team.repo.github.before = Times(slow, "POST", rf"/{team.repo.id}/check-runs$")
    _ten_look(team, pull)
    assert len(team.in_cluster(pull)) == 2
    made = Counter(write for write in team.writes() if re.fullmatch(r"POST .*(check-runs|comments|deployments)", write))
    assert set(made.values()) == {1}
    _is_told_once(team, pull)
    _ten_look(team, pull)
    _is_told_once(team, pull)


def _in_the_middle(team: Team, method: str, path: str, happens: Callable[[], object]) -> None:
    """It happens, and is told, when the bot's next such request was answered and the bot has not seen it yet."""

    def meanwhile(_: Exchange) -> None:
        happens()
        team.repo.github.settle()

    team.repo.github.after = Times(meanwhile, method, rf"/{team.repo.id}/{path}")


def _pushes(team: Team, pull: Pull) -> None:
    pull.push({f"{pull.head}.txt": "1"})
    team.ci_passes(pull)


def test_lost_wakeup(team: Team) -> None:
    pull = team.opens()
    # Nobody can find the record by its commit before the first look at it ends.
    _in_the_middle(team, "GET", r"commits/\w+/check-runs", lambda: team.ci_passes(pull))
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."

    _in_the_middle(team, "GET", rf"pulls/{pull.number}$", lambda: _pushes(team, pull))
    team.bot.mailbox.poke(team.record(pull).ref)
    team.settles()
    assert team.page(pull).sha == pull.head

    _in_the_middle(team, "GET", "pulls$", lambda: team.opens("other"))
    team.bot.mailbox.poke_known(team.record(pull).ref.installation)
    team.settles()
    other = team.repo.pull(pull.number + 1)
    assert team.says(other) == "Waiting for required check “test”, which has not reported."

    # Nothing else tells of this one.
    _in_the_middle(team, "GET", rf"pulls/{pull.number}$", pull.close)
    team.bot.mailbox.poke(team.record(pull).ref)
    team.settles()
    assert team.in_cluster(pull) == []
    assert team.says(pull) == "The pull request was closed; nothing of its preview is left."
    team.nothing_more_happens(pull)
