"""One GitHub and one receiver per test process; a team with an account and a repository of its own per story."""

import functools
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from dev.bot.install import SYSTEM, Accounts
from dev.bot.run import App as Registered
from dev.cluster import Cluster
from dev.demo.shown import Visitor
from dev.github import GitHub, RequiredCheck, new_private_key, serve
from dev.github.faults import at_once
from dev.github.state import App
from reviewbot.model import RepositoryId
from tests import canaries
from tests.stories.administrator import administrator
from tests.stories.bot import Bot, controller, web
from tests.stories.home import APPS
from tests.stories.team import TEST, Team, files

_OWNER = "acme"
# An account of the same people.
SISTER = "acme-labs"


@dataclass(frozen=True)
class Town:
    """What the stories of one process share."""

    cluster: Cluster
    accounts: Accounts
    github: GitHub
    app: App
    ci: App
    registered: Registered
    host_key: str

    def controller(self, repository: RepositoryId, **more: str) -> Bot:
        """A controller of that repository; several of them share the host key, as they would in one installation."""
        environment = {"REVIEWBOT_HOST_KEY": self.host_key, **more}
        return controller(self.cluster, self.accounts, self.registered, repository, **environment)


@pytest.fixture(scope="session")
def town(cluster: Cluster, installed: Accounts) -> Iterator[Town]:
    # Ids of two processes must not meet in the one cluster.
    github = GitHub(first_id=secrets.randbelow(10**12) * 1000 + 1)
    key, secret = new_private_key(), secrets.token_hex(20)
    canaries.know_environment({"GITHUB_WEBHOOK_SECRET": secret, "GITHUB_APP_PRIVATE_KEY": key})
    app = github.create_app("reviewbot", private_key=key, webhook_secret=secret)
    ci = github.create_app("ci")
    with serve(github) as url:
        registered = Registered(url, app.id, key, secret, f"{_OWNER},{SISTER}")
        with web(cluster, installed, registered) as address:
            app.webhook_url = f"{address}/webhook"
            yield Town(cluster, installed, github, app, ci, registered, secrets.token_hex(32))
    canaries.hear_github(github)
    canaries.hear_objects(administrator(cluster).get(SYSTEM, "events")["items"])


Founded = Callable[..., Team]


@pytest.fixture
def found(town: Town) -> Iterator[Founded]:
    """Founds teams; whatever they leave in the cluster is removed after the story."""
    teams: list[Team] = []
    names = itertools.count()

    def found_team(required: tuple[str, ...] = (TEST,), **changes: str) -> Team:
        name = f"{_OWNER}/shop-{secrets.token_hex(4)}-{next(names)}"
        repo = town.github.create_repository(name, files=files(town.cluster, **changes), private=True)
        if required:
            repo.require_checks([RequiredCheck(check) for check in required])
        # Of this repository alone, or every event would be told once per story so far.
        installed = town.github.install(town.app, _OWNER, only=[repo])
        number = RepositoryId(repo.id)
        bot = town.controller(number)
        another = functools.partial(town.controller, number)
        team = Team(town.cluster, repo, installed.id, town.app, town.ci, bot, Visitor(town.cluster), another)
        teams.append(team)
        return team

    yield found_team
    github = town.github
    github.before, github.after, github.loses, github.carries = None, None, lambda _: False, at_once
    for team in teams:
        _dissolve(team)


@pytest.fixture
def team(found: Founded) -> Team:
    """A team with the sample app and one required check."""
    return found()


def _dissolve(team: Team) -> None:
    team.visitor.close()
    # Otherwise every later installation of the App would announce it again.
    team.repo.delete()
    team.repo.github.settle()
    canaries.hear_objects(team.bot.recorded())
    for item in team.admin.get(SYSTEM, "reviewapps", "-l", f"reviewbot.dev/repository-id={team.repo.id}")["items"]:
        team.admin.delete_soon(SYSTEM, "ReviewApp", item["metadata"]["name"])
    team.admin.delete_soon(SYSTEM, "Repository", f"repo-{team.repo.id}")
    for number in team.repo.model.pulls:
        for app in APPS:
            team.admin.delete_soon("", "Namespace", team.of(app).namespace(team.repo.pull(number)))
