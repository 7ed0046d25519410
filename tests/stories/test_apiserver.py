"""Whole lives of pull requests while the API server stumbles at everything that is asked of it, once each."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dev.bot.install import SYSTEM, kubectl
from dev.github import Pull
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.walls import managed_namespace
from tests.apiserver import Trouble, Way, way_to
from tests.contract.kube import steward
from tests.stories.conftest import Town
from tests.stories.team import Team
from tests.stories.test_closing import GONE

# In the way to the API server: a method, and the kind with its subresource.
Call = tuple[str, str]
_NAMES = re.compile(r"^/apis?/(?:[^/]+/)?v\w+/(?:namespaces/[^/]+/(?=\w))?(\w+)(?:/[^/]+(/\w+)?)?$")


class Stumbling:
    """The trouble of each call when it is made first; `times` tells how often that was."""

    def __init__(self, chosen: Callable[[Call], Trouble | None]) -> None:
        self._chosen = chosen
        self.met: set[Call] = set()
        self.times = 0

    def __call__(self, method: str, path: str) -> Trouble | None:
        found = _NAMES.match(path)
        assert found, path
        call = (method, found[1] + (found[2] or ""))
        if call in self.met or (trouble := self._chosen(call)) is None:
            return None
        self.met.add(call)
        self.times += 1
        return trouble


@pytest.fixture
def way(town: Town, team: Team, tmp_path: Path) -> Iterator[Way]:
    """The way of the team's bot to the API server."""
    with way_to(town.accounts.controller, tmp_path) as made:
        accounts = replace(town.accounts, controller=made.kubeconfig)
        team.bot = replace(town, accounts=accounts).controller(RepositoryId(team.repo.id))
        yield made


def _goes_on(team: Team, stumbling: Stumbling, until: Callable[[], bool]) -> None:
    """The bot works until it is so; after each trouble the time passes for which it is patient then."""
    team.repo.github.settle()
    while not until():
        before = stumbling.times
        team.bot.advance()
        if stumbling.times > before:
            team.bot.clock.skip(timedelta(minutes=1))


def _lives(team: Team, stumbling: Stumbling, *pushes: str) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    _goes_on(team, stumbling, lambda: _is_running(team, pull))
    for text in pushes:
        pull.push({"topic.txt": text})
        team.ci_passes(pull)
        _goes_on(team, stumbling, lambda: _is_running(team, pull))
    team.settles()
    assert team.page(pull).sha == pull.head
    assert (team.check_runs(pull), team.active(pull)) == (1, [pull.head])
    assert len(team.objects(pull, "deployments", "services")) == 2
    team.nothing_more_happens(pull)
    pull.close()
    _goes_on(team, stumbling, lambda: team.says(pull) == GONE)
    team.settles()
    assert (team.in_cluster(pull), team.active(pull)) == ([], [])
    team.nothing_more_happens(pull)


def test_delete_only_what_is_ours(team: Team, way: Way) -> None:
    """Between the look and the deletion another namespace gets that name, in which we have every right."""
    pull = team.is_running()
    name = team.namespace(pull)
    theirs: list[str] = []

    def swap(method: str, path: str) -> None:
        if (method, path) == ("DELETE", f"/api/v1/namespaces/{name}") and not theirs:
            kubectl(team.cluster, "delete", "namespace", name)
            for item in _of_another(team, name):
                kubectl(team.cluster, "create", "-f", "-", stdin=json.dumps(item))
            theirs.append(team.look(pull, "namespace", name)["metadata"]["uid"])

    way.trouble = swap
    pull.close()
    team.settles()
    assert [team.look(pull, "namespace", name)["metadata"]["uid"]] == theirs
    assert "deletionTimestamp" not in team.look(pull, "namespace", name)["metadata"]
    assert team.says(pull) == GONE


def _of_another(team: Team, name: str) -> list[dict[str, Any]]:
    ref = PullRequestRef(RepositoryId(team.repo.id), InstallationId(team.installation), 49)
    space = managed_namespace(ref)
    space["metadata"]["name"] = name
    return [space, steward(name)]


def _is_running(team: Team, pull: Pull) -> bool:
    return team.says(pull) == f"{pull.head[:7]} is running."


def test_apiserver_hangs_or_resets(team: Team, way: Way) -> None:
    troubles: Iterator[Trouble] = itertools.cycle((503, "cut", 429, 500))
    way.trouble = stumbling = Stumbling(lambda _call: next(troubles))
    _lives(team, stumbling)
    assert {method for method, _ in stumbling.met} == {"GET", "POST", "PATCH", "DELETE"}


def test_create_took_effect_but_reply_lost(team: Team, way: Way) -> None:
    """Each thing that is made is found again, and is one."""
    way.trouble = stumbling = Stumbling(lambda call: None if call[0] == "GET" else "lost")
    _lives(team, stumbling, "2")
    made = {what for method, what in stumbling.met if method == "POST"}
    assert made >= {"namespaces", "serviceaccounts", "rolebindings", "secrets"}
    name = f"repo-{team.repo.id}"
    assert kubectl(team.cluster, "get", "repository", name, "-n", SYSTEM, "-o", "name") != ""
