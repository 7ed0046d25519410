"""Several apps in one repository: a preview for each that a pull request changes, told together."""

import base64
import re
from collections import Counter
from datetime import timedelta

import pytest

from dev.cluster import Cluster
from dev.demo.shown import until
from dev.demo.stage import sample_files
from dev.github import Pull
from reviewbot.decide import CHECK, TOMBSTONE
from reviewbot.engine.sweep import EVERY, YOUNG
from tests.stories.conftest import Founded
from tests.stories.team import Team

CONFIG = ".github/reviewbot.yml"
APPS = "apps: {shop: {path: apps/shop}, admin: {path: apps/admin, paths: [/libs/]}}\n"
BROKEN, SOUND = "web: exit 3\n", "web: bin/shop\n"
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


def both(team: Team) -> tuple[Team, Team]:
    """The team looking at each of its apps."""
    return team.of("shop"), team.of("admin")


def recorded(team: Team, pull: Pull) -> list[str]:
    """The apps of the pull request that are on record."""
    return sorted(record.ref.app for record in team.bot.mailbox.apps_of(team.record(pull).ref))


def crashes(team: Team, pull: Pull) -> None:
    """One of its apps keeps ending until that is given up."""
    team.settles(until=lambda: "exit code 3" in (team.says(pull) or ""))
    team.waits(timedelta(minutes=10))


def uids(team: Team, pull: Pull) -> list[str]:
    """Those of the Deployments of what is looked at."""
    return [each["metadata"]["uid"] for each in team.look(pull, "deployments")["items"]]


def reads(team: Team) -> Counter[str]:
    """What was read of GitHub so far and had changed, which alone counts against its limit."""
    calls = team.repo.github.calls("GET", rf"^/repositories/{team.repo.id}/")
    paths = (call.path.split("/", 3)[3] for call in calls if call.status != 304)
    return Counter(re.sub(r"\b([0-9]+|[0-9a-f]{40})\b", "*", path) for path in paths)


def test_each_app_that_is_changed_has_a_preview_and_one_comment_tells_of_both(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    shop, admin = both(team)
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert [each.page(pull).sha for each in (shop, admin)] == [pull.head] * 2
    assert f"| shop | ready | {shop.url(pull)} |\n| admin | ready | {admin.url(pull)} |" in team.comment(pull)
    assert team.check_runs(pull) == 1
    assert team.deployments(pull) == {pull.head: ["success"]}
    assert not team.in_cluster(pull)
    team.nothing_more_happens(pull)


def test_they_find_each_other(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    shop, admin = both(team)
    urls = {"REVIEWBOT_URL_SHOP": shop.url(pull), "REVIEWBOT_URL_ADMIN": admin.url(pull)}
    assert variables(shop, pull).items() >= {**urls, "REVIEWBOT_URL": shop.url(pull)}.items()
    assert variables(admin, pull).items() >= {**urls, "REVIEWBOT_URL": admin.url(pull)}.items()


def test_an_app_that_is_not_changed_is_not_deployed_until_a_push_changes_it(team: Team) -> None:
    pull = opens(team, {"apps/shop/news.txt": "1"})
    team.settles()
    shop, admin = both(team)
    assert "| admin | Not changed, so not deployed |  |" in team.comment(pull)
    assert (shop.page(pull).sha, recorded(team, pull)) == (pull.head, ["shop"])
    pull.push({"libs/news.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert [each.page(pull).sha for each in (shop, admin)] == [pull.head] * 2
    pull.push({"libs/news.txt": None})
    team.ci_passes(pull)
    team.settles()
    assert (shop.page(pull).sha, admin.in_cluster(pull)) == (pull.head, [])
    assert "| admin | Not changed, so not deployed |  |" in team.comment(pull)
    team.nothing_more_happens(pull)


def test_where_none_is_changed_nothing_is_deployed(team: Team) -> None:
    pull = opens(team, {"topic.txt": "1"})
    team.settles()
    assert team.check(pull) == ("completed", "neutral", "None of the apps is changed: shop, admin.")
    assert recorded(team, pull) == []
    team.asks(pull, "create")
    team.settles()
    assert [each.page(pull).sha for each in both(team)] == [pull.head] * 2


def test_one_fails_and_the_other_runs(team: Team) -> None:
    pull = opens(team, {**EVERYTHING, "apps/admin/Procfile": BROKEN})
    crashes(team, pull)
    shop, admin = both(team)
    status, conclusion, title = team.check(pull)
    assert (status, conclusion) == ("completed", "failure")
    assert title.startswith("admin: ")
    assert "### admin\n\n" in team.summary(pull)
    assert f"| shop | ready | {shop.url(pull)} |\n| admin | failed | {admin.url(pull)} |" in team.comment(pull)
    assert shop.page(pull).sha == pull.head
    pull.push({"apps/admin/Procfile": SOUND})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    team.nothing_more_happens(pull)


def test_what_is_wrong_in_one_is_shown_at_its_lines(team: Team) -> None:
    pull = opens(team, {**EVERYTHING, "apps/admin/app.json": '{"env": {"A": 1}}'})
    team.settles()
    (told,) = team.annotations(pull)
    assert told.startswith("failure apps/admin/app.json:1:15 env.A: ")
    assert team.of("shop").page(pull).sha == pull.head


def test_re_run_tries_again_what_failed(team: Team) -> None:
    pull = opens(team, {**EVERYTHING, "apps/admin/Procfile": BROKEN})
    crashes(team, pull)
    shop, admin = both(team)
    before, kept = uids(admin, pull), uids(shop, pull)
    team.asks(pull, "redeploy")
    team.settles(until=lambda: uids(admin, pull) not in ([], before))
    assert uids(shop, pull) == kept


def test_closing_removes_both(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    name = team.of("admin").record(pull).ref.name
    pull.merge()
    team.settles()
    assert [each.in_cluster(pull) for each in both(team)] == [[], []]
    assert team.check(pull)[2] == "The pull request was merged; nothing of its preview is left."
    assert team.active(pull) == []
    team.nothing_more_happens(pull)
    team.waits(TOMBSTONE)
    assert team.bot.mailbox.record(name) is None


@pytest.mark.parametrize("asked", [False, True], ids=["by its changes", "asked for"])
def test_an_app_that_the_settings_name_no_more_goes(team: Team, asked: bool) -> None:
    pull = opens(team, EVERYTHING)
    if asked:
        team.asks(pull, "create")
    team.settles()
    settings = sample_files(team.cluster)[CONFIG]
    team.repo.push("main", {CONFIG: f"{settings}apps: {{shop: {{path: apps/shop}}}}\n"})
    pull.push({"apps/shop/news.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    shop, admin = both(team)
    assert (shop.page(pull).sha, admin.in_cluster(pull)) == (pull.head, [])
    team.nothing_more_happens(pull)


def test_a_repository_that_has_one_app_again(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    team.repo.push("main", {CONFIG: sample_files(team.cluster)[CONFIG]})
    pull.push({"apps/shop/news.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert [each.in_cluster(pull) for each in both(team)] == [[], []]
    team.repo.push("main", {CONFIG: sample_files(team.cluster)[CONFIG] + APPS})
    pull.push({"apps/shop/news.txt": "3"})
    team.ci_passes(pull)
    team.settles()
    assert [each.page(pull).sha for each in both(team)] == [pull.head] * 2
    until(lambda: not team.in_cluster(pull), "the end of what it had as the only one")
    team.nothing_more_happens(pull)


def test_nothing_is_lost_with_the_records(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    team.forgets()
    team.waits(YOUNG)
    team.waits(EVERY * 1.3)
    assert recorded(team, pull) == ["admin", "shop"]
    assert [each.page(pull).sha for each in both(team)] == [pull.head] * 2
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    pull.close()
    team.settles()
    assert [each.in_cluster(pull) for each in both(team)] == [[], []]


def test_what_rests_costs_nothing(team: Team) -> None:
    opens(team, EVERYTHING)
    team.settles()
    before = len(team.repo.github.calls("", rf"^/repositories/{team.repo.id}/"))
    team.restarts()
    team.waits(CHECK * 1.3)
    asked = team.repo.github.calls("", rf"^/repositories/{team.repo.id}/")[before:]
    assert {call.path.rpartition("/")[2] for call in asked} == {"pulls"}, [call.path for call in asked]


def test_a_second_app_costs_its_files_alone(team: Team) -> None:
    opens(team, {"apps/shop/news.txt": "1"})
    team.settles()
    one = reads(team)
    pull = team.opens("other", files=EVERYTHING)
    team.ci_passes(pull)
    team.settles()
    assert reads(team) - one - one == Counter({"contents/apps/admin/Procfile": 1, "contents/apps/admin/app.json": 1})


def test_an_app_that_ceases_to_answer_is_told(team: Team) -> None:
    pull = opens(team, EVERYTHING)
    team.settles()
    admin = team.of("admin")
    admin.take(pull, "deployment", "--all")
    team.settles()
    assert admin.page(pull).sha == pull.head
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
