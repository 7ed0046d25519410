"""A pull request's life in steps: what somebody does, and how one sees on the pull request that it has come to rest."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from dev.github import Pull
from tests.stories.team import Team, files

_PROCFILE = "web: bin/shop\nrelease: {release}\n"
_CLOSED = "nothing of its preview is left"


@dataclass(frozen=True)
class Step:
    """`ends` is a part of the check run's title once everything is done."""

    name: str
    act: Callable[[Team, Pull], None]
    ends: str


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


def _pushes(team: Team, pull: Pull, **changes: str) -> None:
    pull.push(dict(changes) | {"pushed.txt": str(len(pull.model.base.repo.commits) if pull.model.base.repo else 0)})
    team.ci_passes(pull)


def _breaks_the_config(team: Team, pull: Pull) -> None:
    _pushes(team, pull, Procfile="no process at all")


def _breaks_the_migration(team: Team, pull: Pull) -> None:
    _pushes(team, pull, Procfile=_PROCFILE.format(release="echo no such column; exit 3"))


def _mends(team: Team, pull: Pull) -> None:
    _pushes(team, pull, Procfile=_PROCFILE.format(release="true"))


def _resets(team: Team, pull: Pull) -> None:
    team.asks(pull, "reset")


def _trusts(team: Team, pull: Pull) -> None:
    team.asks(pull, "trust")


CREATE = Step("create", lambda team, pull: team.ci_passes(pull), "is running.")
LIFE = (
    CREATE,
    Step("config error", _breaks_the_config, "Procfile"),
    Step("failing migration", _breaks_the_migration, "The release phase failed."),
    Step("push", _mends, "is running."),
    Step("reset data", _resets, "is running."),
    Step("close", lambda _, pull: pull.close(), _CLOSED),
    Step("reopen", lambda _, pull: pull.reopen(), "is running."),
)
TRUST = Step("trusted fork", _trusts, "is running.")
