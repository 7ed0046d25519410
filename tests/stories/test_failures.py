"""What does not start is explained where people look: what happened, and what to do about it."""

import json
import secrets
from datetime import timedelta

import pytest

from dev.bot.install import kubectl
from dev.demo.shown import our_check
from dev.github import Pull
from reviewbot.decide import KEPT, PATIENCE, QUOTA_DEADLINE
from reviewbot.model import Limits
from tests.stories.team import Team, files

CONFIG = ".github/reviewbot.yml"


def _unlike_any_other() -> dict[str, str]:
    # Commits are named by what they hold, and images by commits.
    return {"topic.txt": secrets.token_hex(8)}


def _fails(team: Team, pull: Pull, *, says: str) -> None:
    team.settles()
    assert team.check(pull)[:2] == ("completed", "failure")
    assert says in team.summary(pull)
    assert says in team.comment(pull)


def test_not_ready_is_explained__an_image_whose_user_is_root(team: Team) -> None:
    pull = team.opens(files=_unlike_any_other())
    team.cluster.sample_image(pull.head, user="")
    team.ci_passes(pull, image=False)
    advice = "Set `run_as_user:` in `.github/reviewbot.yml` to the number of another user, such as 1000."
    _fails(team, pull, says=f"The image of process `web` runs as root, which no preview may. {advice}")

    team.repo.push("main", {CONFIG: f"{files(team.cluster)[CONFIG]}run_as_user: 1000\n"})
    pull.push(_unlike_any_other())
    team.cluster.sample_image(pull.head, user="")
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    team.nothing_more_happens(pull)


def test_an_app_that_listens_on_a_port_of_its_own(team: Team) -> None:
    team.repo.push("main", {CONFIG: f"{files(team.cluster)[CONFIG]}port: 3000\n"})
    pull = team.is_running()
    assert team.page(pull).sha == pull.head
    (service,) = team.look(pull, "services")["items"]
    assert service["spec"]["ports"][0]["targetPort"] == 3000


@pytest.mark.parametrize(
    ("health", "says"),
    [
        ("", "Process web runs, but nothing answers on port 3000."),
        ("health: /nowhere\n", "Process web runs, but /nowhere does not answer on port 3000."),
    ],
    ids=["port", "path"],
)
def test_not_ready_is_explained__an_app_that_does_not_answer_where_it_is_asked(
    team: Team, health: str, says: str
) -> None:
    image = files(team.cluster)[CONFIG].partition("health:")[0]
    team.repo.push("main", {CONFIG: f"{image}port: 3000\n{health}"})
    where = "" if health else "PORT=3001 "
    pull = team.opens(files={"Procfile": f"web: {where}exec bin/shop\n", **_unlike_any_other()})
    team.ci_passes(pull)
    team.settles(until=lambda: "Deploying" in (team.says(pull) or "") and team.record(pull).release is not None)
    team.bot.clock.skip(PATIENCE)
    team.settles(until=lambda: says in (team.says(pull) or ""))
    team.repo.push("main", {CONFIG: f"{image}port: 3000\n"})
    pull.push({"Procfile": "web: bin/shop\n"})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")


def test_quota_exceeded_or_too_large__no_room_until_somebody_asks_again(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tight", "namespace": team.namespace(pull)},
        "spec": {"hard": {"pods": "1"}},
    }
    kubectl(team.cluster, "apply", "-f", "-", stdin=json.dumps(quota))
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    why = "The preview's quota does not allow its pods: exceeded quota: tight, requested: pods=1"
    team.settles(until=lambda: why in (team.says(pull) or ""))
    team.bot.clock.skip(QUOTA_DEADLINE)
    _fails(team, pull, says=why)
    assert f"still serving `{old[:7]}`" in team.comment(pull)
    assert team.page(pull).sha == old
    team.nothing_more_happens(pull)

    team.waits(KEPT)
    assert len(team.objects(pull, "deployments")) == 1
    kubectl(team.cluster, "delete", "resourcequota", "tight", "-n", team.namespace(pull))
    team.nothing_more_happens(pull)
    assert len(team.objects(pull, "deployments")) == 1
    run = our_check(pull)
    assert run is not None
    team.repo.rerequest(run)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def test_quota_exceeded_or_too_large__more_config_than_a_secret_holds(team: Team) -> None:
    rest = len('{"env": {"LARGE": ""}}')
    pull = team.opens(files={"app.json": json.dumps({"env": {"LARGE": "x" * (1024 * 1024 - rest)}})})
    team.ci_passes(pull, image=False)
    _fails(team, pull, says="data: Too long: may not be more than 1048576 bytes")
    team.nothing_more_happens(pull)
    said = team.writes()
    team.waits(timedelta(hours=2))
    again = team.record(pull).again
    assert again is not None
    assert again - team.bot.clock() > timedelta(minutes=25)
    assert team.writes() == said


@pytest.mark.keeps("no_secret_in_logs_or_comments")
@pytest.mark.parametrize("private", [True, False])
def test_not_ready_is_explained__a_process_that_ends(team: Team, private: bool) -> None:
    team.repo.model.private = private
    # Two streams would be told in any order.
    speaks = "exec 2>&1; echo paying at $PAYMENTS_URL; echo key $SESSION_SECRET; bin/nothing"
    pull = team.opens(files={"Procfile": f"web: {speaks}\n"})
    team.ci_passes(pull)
    why = "Process web ended (Error, exit code 127): its command was not found."
    team.settles(until=lambda: why in (team.says(pull) or ""))
    assert "nothing: not found" not in team.summary(pull)
    team.bot.clock.skip(Limits().ready)
    _fails(team, pull, says="(Error, exit code 127): its command was not found.")
    lines = "```text\npaying at [redacted]\nkey [redacted]\n/bin/sh: bin/nothing: not found\n```"
    assert (lines in team.summary(pull)) == private
    assert ("not found\n" in team.summary(pull)) == private
    assert "paying" not in team.comment(pull)
    team.nothing_more_happens(pull)
    team.restarts()
    team.nothing_more_happens(pull)
