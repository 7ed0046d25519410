"""Commands that run once: the release phase, the first setup, and what is done at the end."""

import json

import pytest

from reviewbot.decide import KEPT
from tests.stories.conftest import Founded
from tests.stories.team import Team, files

CONFIG = ".github/reviewbot.yml"
PROCFILE = "web: bin/shop\nrelease: {release}\n"


def app_json(team: Team, **more: object) -> str:
    return json.dumps(json.loads(files(team.cluster)["app.json"]) | more)


def jobs(team: Team, pull: object) -> list[str]:
    return team.objects(pull, "jobs")  # type: ignore[arg-type]


def test_the_release_phase_runs_before_the_processes_start(found: Founded) -> None:
    team = found(Procfile=PROCFILE.format(release="echo migrating the database"))
    pull = team.opens()
    team.ci_passes(pull)
    team.settles(lambda: "release phase" in (team.status(pull).get("message") or ""))
    assert team.objects(pull, "deployments") == []
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert "The release phase wrote:\n\n```text\nmigrating the database\n```" in team.summary(pull)
    team.nothing_more_happens(pull)


def test_a_release_phase_that_fails_leaves_the_release_before_it(found: Founded) -> None:
    team = found(Procfile=PROCFILE.format(release="true"))
    pull = team.is_running()
    good = pull.head
    pull.push({"Procfile": PROCFILE.format(release="echo column price exists; exit 3")})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[1] == "failure"
    assert team.says(pull) == "The release phase failed. Process release ended (Error, exit code 3)."
    assert "column price exists" in team.summary(pull)
    assert f"(still serving `{good[:7]}`)" in team.comment(pull)
    assert team.page(pull).sha == good
    assert [each for each in team.objects(pull, "deployments") if pull.head[:7] in each] == []
    team.nothing_more_happens(pull)

    pull.push({"Procfile": PROCFILE.format(release="true")})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def test_a_release_phase_that_failed_runs_again_when_somebody_asks(found: Founded) -> None:
    team = found(Procfile=PROCFILE.format(release="false"))
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    assert "release phase failed" in (team.says(pull) or "")
    (first,) = team.look(pull, "jobs")["items"]
    team.asks(pull, "redeploy")
    team.settles()
    (second,) = team.look(pull, "jobs")["items"]
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert "release phase failed" in (team.says(pull) or "")
    team.waits(KEPT)
    assert jobs(team, pull) == []
    assert "release phase failed" in (team.says(pull) or "")


@pytest.mark.parametrize("shown", [False, True])
def test_what_the_release_phase_wrote_in_a_public_repository(team: Team, shown: bool) -> None:
    team.repo.model.private = False
    if shown:
        team.repo.push("main", {CONFIG: f"{files(team.cluster)[CONFIG]}logs: public\n"})
    pull = team.opens(files={"Procfile": PROCFILE.format(release="echo adding a price; exit 3")})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == "The release phase failed. Process release ended (Error, exit code 3)."
    assert ("adding a price\n" in team.summary(pull)) == shown
    pull.push({"Procfile": PROCFILE.format(release="echo adding a colour")})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert ("adding a colour\n" in team.summary(pull)) == shown
    assert "adding" not in team.comment(pull)


def test_a_release_phase_that_does_not_end(team: Team) -> None:
    pull = team.is_running()
    good = pull.head
    team.repo.push("main", {CONFIG: f"{files(team.cluster)[CONFIG]}limits: {{release: 5s}}\n"})
    pull.push({"Procfile": PROCFILE.format(release="while :; do sleep 1; done")})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == ("completed", "failure", "The release phase failed. It did not end within 5 seconds.")
    assert team.page(pull).sha == good
    team.nothing_more_happens(pull)


def test_a_release_phase_whose_image_comes_late(found: Founded) -> None:
    team = found(Procfile=PROCFILE.format(release="true"))
    pull = team.opens()
    team.ci_passes(pull, image=False)
    team.settles(lambda: (team.status(pull).get("message") or "").startswith("Waiting for the image"))
    team.cluster.sample_image(pull.head)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."


def test_a_push_stops_the_release_phase_of_the_commit_before_it(found: Founded) -> None:
    team = found(Procfile=PROCFILE.format(release="sleep 600"))
    pull = team.opens()
    team.ci_passes(pull)
    team.settles(lambda: "The release phase runs." in (team.status(pull).get("message") or ""))
    pull.push({"Procfile": PROCFILE.format(release="true")})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    (job,) = team.look(pull, "jobs")["items"]
    assert job["metadata"]["annotations"]["reviewbot.dev/sha"] == pull.head
    team.nothing_more_happens(pull)


def test_a_reset_makes_everything_anew_and_is_answered_once(team: Team) -> None:
    pull = team.is_running(files={"app.json": app_json(team, scripts={"postdeploy": "echo seeding"})})
    (before,) = team.look(pull, "jobs")["items"]
    team.asks(pull, "reset")
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert team.page(pull).sha == pull.head
    (after,) = team.look(pull, "jobs")["items"]
    assert before["metadata"]["uid"] != after["metadata"]["uid"]
    (answer,) = team.status(pull)["requests"].values()
    assert answer["outcome"] == "Reset"
    team.nothing_more_happens(pull)


def test_the_first_setup_runs_once(team: Team) -> None:
    pull = team.opens(files={"app.json": app_json(team, scripts={"postdeploy": "echo seeding"})})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    (job,) = team.look(pull, "jobs")["items"]
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert [each["metadata"]["uid"] for each in team.look(pull, "jobs")["items"]] == [job["metadata"]["uid"]]
    team.nothing_more_happens(pull)


def test_a_first_setup_that_fails_keeps_the_address_until_it_is_mended(team: Team) -> None:
    pull = team.opens(files={"app.json": app_json(team, scripts={"postdeploy": "echo no such table; exit 1"})})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == "The script postdeploy failed. Process postdeploy ended (Error, exit code 1)."
    assert "no such table" in team.summary(pull)
    assert team.page(pull).status != 200
    team.nothing_more_happens(pull)
    pull.push({"app.json": app_json(team, scripts={"postdeploy": "echo seeding"})})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


@pytest.mark.parametrize("script", ["true", "exit 7"], ids=["succeeds", "fails"])
def test_the_last_script_runs_before_the_preview_goes(team: Team, script: str) -> None:
    pull = team.is_running(files={"app.json": app_json(team, scripts={"pr-predestroy": script})})
    (waiting,) = team.look(pull, "jobs")["items"]
    assert waiting["spec"]["suspend"] is True
    pull.close()
    team.settles(lambda: "pr-predestroy" in (team.status(pull).get("message") or ""))
    assert team.is_dark(pull)
    team.settles()
    assert team.in_cluster(pull) == []
    assert "nothing of its preview is left" in team.comment(pull)
    team.nothing_more_happens(pull)


@pytest.mark.parametrize("what", ["reset", "route"])
def test_address_is_probed_again(team: Team, what: str) -> None:
    pull = team.is_running()
    # Nobody is at the gateway's address, as far as the bot can see.
    team.restarts(REVIEWBOT_GATEWAY_ADDRESS="127.0.0.1:9")
    if what == "reset":
        team.asks(pull, "reset")
    else:
        team.take(pull, "httproutes", "--all")
        team.pokes(pull)
    team.settles(lambda: team.status(pull)["reason"] == "Probing")
    team.restarts()
    team.settles()
    team.runs(pull)
