"""What a repository's files say is what runs; what is wrong in them is told with its place."""

import base64
import json
from collections.abc import Mapping

import pytest

from dev.github import Pull
from reviewbot.render.names import host_label
from tests.stories.conftest import Founded
from tests.stories.team import Team

CONFIG = ".github/reviewbot.yml"
WORKER = "web: bin/shop\nworker: while :; do sleep 1; done\n"


def _variables(team: Team, pull: Pull) -> dict[str, str]:
    secrets = team.look(pull, "secrets")["items"]
    found: dict[str, str] = {}
    for secret in secrets:
        found |= {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    return found


def _is_applied(team: Team, pull: Pull) -> bool:
    return bool(team.in_cluster(pull)) and bool(team.objects(pull, "services"))


@pytest.mark.parametrize(
    ("base", "head", "says"),
    [
        ({CONFIG: "health: /healthz\n"}, {}, f"No image is named: add `image:` to `{CONFIG}` on `main`."),
        (
            {CONFIG: "image: shop\nimages: x\n"},
            {},
            f"{CONFIG}:2:1: images: unknown key; known are ",
        ),
        ({CONFIG: "image: shop\nhealth: [\n"}, {}, f"{CONFIG}:3:1: "),
        ({CONFIG: "image: shop:{sah}\n"}, {}, f"{CONFIG}:1:13: image: unknown placeholder {{sah}}; known are "),
        (
            {},
            {"app.json": '{"env": {"A": 1}}'},
            "app.json:1:15: env.A: value must be a string; ",
        ),
        ({}, {"app.json": '{"env": {"A": {}}}'}, "app.json:1:10: env.A: is required and has no value"),
        ({}, {"app.json": "{"}, "app.json:1:2: "),
        (
            {},
            {"Procfile": "worker: true\n"},
            "Procfile:1:1: there is no web process; ",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(
    found: Founded, base: Mapping[str, str], head: dict[str, str], says: str
) -> None:
    team = found(**base)
    pull = team.opens(files={"topic.txt": "1", **head})
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull)[:2] == ("completed", "failure")
    assert says in team.summary(pull)
    assert says in team.comment(pull)
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)


def test_a_mistake_is_mended_by_a_push(team: Team) -> None:
    pull = team.opens(files={"app.json": "{"})
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull)[:2] == ("completed", "failure")
    pull.push({"app.json": "{}"})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[1] == "success"
    assert team.comment(pull).startswith("**Preview: ready**")
    team.nothing_more_happens(pull)


def test_mistakes_are_shown_once_on_their_lines_while_the_commit_before_serves(team: Team) -> None:
    pull = team.is_running()
    served = pull.head
    assert team.annotations(pull) == []
    pull.push({"app.json": '{"env": {"A": 1},\n "formation": []}', "Procfile": "web bin/shop\n"})
    team.ci_passes(pull, image=False)
    team.settles()
    told = [
        "failure Procfile:1:1 expected `type: command`, the type of letters, digits, - and _",
        "failure app.json:1:15 env.A: value must be a string; put it in double quotes",
        "failure app.json:2:15 formation: must be an object",
    ]
    assert team.annotations(pull) == told
    assert (team.page(pull).status, team.page(pull).sha) == (200, served)
    assert f"(still serving `{served[:7]}`)" in team.summary(pull)
    # The check run is written again, for another look or after what was remembered of it is lost.
    team.asks(pull, "redeploy")
    team.settles()
    team.forgets()
    team.settles()
    assert team.annotations(pull) == told
    team.nothing_more_happens(pull)


def test_mistakes_in_the_settings_and_in_the_heads_files_are_told_together(found: Founded) -> None:
    team = found(**{CONFIG: "image: shop\nimages: x\n"})
    pull = team.opens(files={"app.json": "{"})
    team.ci_passes(pull, image=False)
    team.settles()
    for says in (f"{CONFIG}:2:1: images: unknown key; known are ", "app.json:1:2: "):
        assert says in team.summary(pull)
        assert says in team.comment(pull)
    assert [each.split()[1] for each in team.annotations(pull)] == ["app.json:1:2"]
    team.nothing_more_happens(pull)


def test_what_a_pull_request_changes_is_told_in_its_check(team: Team) -> None:
    told = "What this pull request changes in the app's definition:"
    env = {"GREETING": "Welcome", "SESSION_SECRET": {"generator": "secret"}, "COLOUR": {"value": "h1dden"}}
    pull = team.is_running(files={"app.json": json.dumps({"env": env, "success_url": "/welcome"})})
    _, _, changes = team.summary(pull).partition(told)
    assert changes.split("\n") == [
        "",
        "",
        "- adds variable `COLOUR`",
        "- changes the value of variable `GREETING`",
        "- drops variable `PAYMENTS_URL`",
        "- changes `success_url` (/ → /welcome)",
    ]
    assert told not in team.comment(pull)
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert changes in team.summary(pull)
    # Of the base's files only what the pull request touches is read, once for each head.
    read = team.repo.github.calls("GET", f"^/repositories/{team.repo.id}/contents/(Procfile|app.json)$")
    assert [call.path.rpartition("/")[2] for call in read if call.query["ref"] == "main"] == ["app.json"] * 2
    team.nothing_more_happens(pull)


def test_the_settings_are_the_base_branchs(team: Team) -> None:
    theirs = "image: evil.example/miner:{sha}\nchecks:\n  require: [nothing]\n"
    pull = team.opens(files={CONFIG: theirs})
    team.settles()
    assert team.check(pull)[2] == "Waiting for required check “test”, which has not reported."
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: _is_applied(team, pull))
    (deployment,) = team.look(pull, "deployments")["items"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == f"localhost/acme/shop:{pull.head}"


@pytest.mark.parametrize(("formation", "types"), [({}, ["web"]), ({"worker": {"quantity": 1}}, ["web", "worker"])])
def test_a_worker_runs_where_the_formation_has_it(team: Team, formation: object, types: list[str]) -> None:
    pull = team.opens(files={"Procfile": WORKER, "app.json": json.dumps({"formation": formation})})
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: _is_applied(team, pull))
    deployments = [each["spec"]["template"]["spec"] for each in team.look(pull, "deployments")["items"]]
    assert [each["containers"][0]["name"] for each in deployments] == types


def test_without_a_procfile_the_image_runs_as_it_is(team: Team) -> None:
    team.repo.push("main", {"Procfile": None, "app.json": None})
    pull = team.is_running()
    assert (team.page(pull).status, team.page(pull).sha) == (200, pull.head)
    (pod,) = team.look(pull, "pods")["items"]
    assert "command" not in pod["spec"]["containers"][0]


def test_an_image_for_repositories_that_name_none(found: Founded) -> None:
    team = found(**{CONFIG: "health: /healthz\n"})
    team.bot = team.another_bot(REVIEWBOT_IMAGE="localhost/{owner}/shop:{sha}")
    pull = team.is_running()
    assert team.page(pull).sha == pull.head


def test_the_variables_of_a_preview(team: Team) -> None:
    pull = team.is_running()
    name = host_label(team.record(pull).ref, team.repo.full_name, "")[:-10]
    before = _variables(team, pull)
    assert before == {
        **before,
        "GREETING": "Welcome to a preview of the shop",
        "PAYMENTS_URL": "https://payments.example/sandbox",
        "PORT": "8080",
        "HEROKU_APP_NAME": team.record(pull).host,
        "HEROKU_BRANCH": "topic",
        "HEROKU_PARENT_APP_NAME": team.repo.model.name,
        "HEROKU_PR_NUMBER": str(pull.number),
        "HEROKU_SLUG_COMMIT": pull.head,
        "REVIEWBOT_SHA": pull.head,
        "REVIEWBOT_PR_NUMBER": str(pull.number),
        "REVIEWBOT_URL": team.url(pull),
    }
    assert before["HEROKU_APP_NAME"].startswith(name)
    assert team.url(pull).startswith(f"http://{name}")
    page = team.page(pull).text
    assert "Welcome to a preview of the shop" in page
    assert f"set, {len(before['SESSION_SECRET'])} characters" in page

    pull.push({"app.json": json.dumps({"env": {"SESSION_SECRET": {"generator": "secret"}, "NEW": "1"}})})
    team.ci_passes(pull)
    team.settles()
    after = _variables(team, pull)
    assert (after["SESSION_SECRET"], after["NEW"]) == (before["SESSION_SECRET"], "1")
    assert "GREETING" not in after
    team.nothing_more_happens(pull)
