"""Several apps in one repository: a preview for each that a pull request changes, told together."""

import base64

import pytest

from dev.cluster import Cluster
from dev.demo.stage import sample_files
from dev.github import Pull
from tests.stories.conftest import Founded
from tests.stories.team import Team

CONFIG = ".github/reviewbot.yml"
APPS = "apps: {shop: {path: apps/shop}, admin: {path: apps/admin, paths: [/libs/]}}\n"
BROKEN = "web: exit 3\n"
EVERYTHING = {"apps/shop/news.txt": "1", "libs/news.txt": "1"}


@pytest.fixture
def team(found: Founded, cluster: Cluster) -> Team:
    """A team with two apps."""
    sample = sample_files(cluster)
    apps = {
        f"apps/{app}/{name}": sample[name].replace("welcome", app)
        for app in ("shop", "admin")
        for name in ("Procfile", "app.json")
    }
    return found(**apps, **{CONFIG: sample[CONFIG] + APPS})


def opens(team: Team, changes: dict[str, str]) -> Pull:
    """A pull request that changes these files, and passes."""
    pull = team.opens(files=changes)
    team.ci_passes(pull)
    return pull


def variables(team: Team, pull: Pull) -> dict[str, str]:
    """The config vars of what is looked at."""
    found: dict[str, str] = {}
    for secret in team.look(pull, "secrets")["items"]:
        found |= {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    return found


def test_each_app_that_is_changed_has_a_preview_and_one_comment_tells_of_both(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    shop, admin = team.of("shop"), team.of("admin")
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert {each.page(pull).sha for each in (shop, admin)} == {pull.head}
    assert shop.url(pull) != admin.url(pull)
    assert f"| shop | ready | {shop.url(pull)} |\n| admin | ready | {admin.url(pull)} |" in team.comment(pull)
    assert team.check_runs(pull) == 1
    assert not team.in_cluster(pull)
    team.nothing_more_happens(pull)
