"""A pull request's life in steps: what somebody does, and how one sees on the pull request that it has come to rest."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from dev.demo.shown import until
from dev.github import Pull
from tests.faults.lane import Lane
from tests.stories.team import Team, files

_PROCFILE = "web: bin/shop\nrelease: {release}\n"
_CLOSED = "nothing of its preview is left"
# At the end of a life, where they take the least time.
_MANY_LOOKS = 10


@dataclass(frozen=True)
class Step:
    """`ends` is a part of the check run's title once everything is done."""

    name: str
    act: Callable[[Lane, Pull], None]
    ends: str
    # Whether what is done whenever a controller starts belongs to it.
    starts: bool = False
    # How many more looks at its end write nothing.
    looks: int = 1


def opens(team: Team, number: int) -> Pull:
    """Somebody of the team opens a pull request whose app has a release phase and is seeded once."""
    return team.opens(f"life-{number}", {"Procfile": _PROCFILE.format(release="true"), "app.json": _app_json(team)})


def opens_from_a_fork(team: Team, number: int) -> Pull:
    """A stranger opens one, and CI passes."""
    pull = team.opens(f"fork-{number}", fork=True, author="mallory")
    team.ci_passes(pull)
    return pull


def _app_json(team: Team) -> str:
    return json.dumps(json.loads(files(team.cluster)["app.json"]) | {"scripts": {"postdeploy": "echo seeding"}})


def _pushes(lane: Lane, pull: Pull, procfile: str) -> None:
    commits = pull.model.base.repo.commits if pull.model.base.repo else {}
    pull.push({"Procfile": procfile, "pushed.txt": str(len(commits))})
    # In the same order in every run: first the commit is seen, then it is green.
    until(lambda: lane.team.says(pull) or lane.misled, "a check run on the commit")
    lane.team.ci_passes(pull)


def _passes(lane: Lane, pull: Pull) -> None:
    lane.team.ci_passes(pull)


def _breaks_the_config(lane: Lane, pull: Pull) -> None:
    _pushes(lane, pull, "no process at all")


def _breaks_the_migration(lane: Lane, pull: Pull) -> None:
    _pushes(lane, pull, _PROCFILE.format(release="echo no such column; exit 3"))


def _mends(lane: Lane, pull: Pull) -> None:
    _pushes(lane, pull, _PROCFILE.format(release="true"))


def _resets(lane: Lane, pull: Pull) -> None:
    lane.team.asks(pull, "reset")


def _trusts(lane: Lane, pull: Pull) -> None:
    lane.team.asks(pull, "trust")


def _starts_anew(lane: Lane, pull: Pull) -> None:
    lane.starts_anew()
    # Nobody but the new one hears this.
    lane.team.pokes(pull)


def _closes(_: Lane, pull: Pull) -> None:
    pull.close()


def _reopens(_: Lane, pull: Pull) -> None:
    pull.reopen()


CREATE = Step("create", _passes, "is running.")
LIFE = (
    CREATE,
    Step("config error", _breaks_the_config, "Procfile"),
    Step("failing migration", _breaks_the_migration, "The release phase failed."),
    Step("push", _mends, "is running."),
    Step("restart", _starts_anew, "is running.", starts=True),
    Step("reset data", _resets, "is running."),
    Step("close", _closes, _CLOSED),
    Step("reopen", _reopens, "is running.", looks=_MANY_LOOKS),
)
TRUST = Step("trusted fork", _trusts, "is running.", looks=_MANY_LOOKS)
