"""What happens while a command runs that runs once: a push, an end, a return, another controller."""

import json

import pytest

from dev.bot.install import kubectl
from dev.github import Pull
from reviewbot.render.names import JOB, PROCESS
from tests.stories.team import NAMELESS, Team, files
from tests.stories.test_closing import GONE

# Until the story, or the cluster, tells it to end.
HELD = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


def _files(team: Team, release: str = "true", **scripts: str) -> dict[str, str]:
    manifest = json.loads(files(team.cluster)["app.json"])
    return {"app.json": json.dumps(manifest | {"scripts": scripts}), "Procfile": f"web: bin/shop\nrelease: {release}\n"}


def _opens(team: Team, files: dict[str, str]) -> Pull:
    pull = team.opens(files=files)
    team.ci_passes(pull)
    return pull


def _running(team: Team, pull: Pull, kind: str) -> list[str]:
    pods = team.look(pull, "pods", "-l", f"{JOB}={kind}")["items"]
    return [each["metadata"]["name"] for each in pods if each["status"]["phase"] == "Running"]


def _until_it_runs(team: Team, pull: Pull, kind: str) -> None:
    team.settles(until=lambda: _running(team, pull, kind) != [])


def _ends(team: Team, pull: Pull, kind: str) -> None:
    (pod,) = _running(team, pull, kind)
    kubectl(team.cluster, "exec", pod, "-n", team.namespace(pull), "--", "sh", "-c", "kill 1")


def _started(team: Team, pull: Pull) -> list[str]:
    """The kinds of the commands that the cluster has started so far, each as often as it was."""
    events = team.look(pull, "events", "--field-selector=involvedObject.kind=Job,reason=SuccessfulCreate")["items"]
    return sorted(each["involvedObject"]["name"].partition("-")[0] for each in events)


def test_a_push_during_the_release_phase(team: Team) -> None:
    pull = _opens(team, _files(team, HELD))
    _until_it_runs(team, pull, "release")
    first = pull.head
    pull.push(_files(team, "echo the second"))
    team.ci_passes(pull)
    team.settles()
    team.runs(pull)
    assert "the second" in team.summary(pull)
    assert [each for each in team.objects(pull, "jobs", "deployments", "secrets") if first[:7] in each] == []
    assert first not in team.active(pull)
    assert "failed" not in " ".join(team.told())


def test_closed_during_the_release_phase(team: Team) -> None:
    pull = _opens(team, _files(team, HELD))
    _until_it_runs(team, pull, "release")
    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []
    assert team.check(pull) == ("completed", "neutral", GONE)
    assert "failed" not in " ".join(team.told())
    team.nothing_more_happens(pull)


def test_reopened_while_the_last_script_runs(team: Team) -> None:
    pull = _opens(team, _files(team, **{"postdeploy": "true", "pr-predestroy": HELD}))
    team.settles()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    pull.close()
    _until_it_runs(team, pull, "pr-predestroy")
    pull.reopen()
    team.settles(until=lambda: "The former preview is being removed." in team.status(pull)["message"])
    assert team.is_dark(pull)
    _ends(team, pull, "pr-predestroy")
    team.settles()
    team.runs(pull)
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    # It is another preview, so its first setup is its own, and its last script waits again.
    assert _started(team, pull) == ["postdeploy", "release"]
    (waiting,) = team.look(pull, "jobs", "-l", f"{JOB}=pr-predestroy")["items"]
    assert waiting["spec"]["suspend"] is True


def test_a_worker_starts_after_the_release_phase(team: Team) -> None:
    worker = {"app.json": json.dumps({"formation": {"worker": {"quantity": 2}}})}
    pull = _opens(team, {**worker, "Procfile": f"web: bin/shop\nworker: {HELD}\nrelease: {HELD}\n"})
    _until_it_runs(team, pull, "release")
    assert team.objects(pull, "deployments") == []
    _ends(team, pull, "release")
    team.settles()
    team.runs(pull, NAMELESS)
    workers = team.look(pull, "deployments", "-l", f"{PROCESS}=worker")["items"]
    assert [each["spec"]["replicas"] for each in workers] == [2]

    pull.push(_files(team))
    team.ci_passes(pull)
    team.settles()
    team.runs(pull)
    assert team.look(pull, "deployments", "-l", f"{PROCESS}=worker")["items"] == []


@pytest.mark.parametrize("kind", ["release", "postdeploy"])
def test_another_controller_goes_on_while_a_command_runs(team: Team, kind: str) -> None:
    pull = _opens(team, _files(team, **{"release": "true", "postdeploy": "true", kind: HELD}))
    _until_it_runs(team, pull, kind)
    jobs = _uids(team, pull)
    team.restarts()
    for _ in range(3):
        team.bot.advance()
    team.restarts()
    _ends(team, pull, kind)
    team.settles()
    team.runs(pull)
    assert jobs.items() <= _uids(team, pull).items()
    assert _started(team, pull) == ["postdeploy", "release"]


@pytest.mark.parametrize("steps", [2, 5])
def test_a_controller_that_never_lives_long_runs_no_command_twice(team: Team, steps: int) -> None:
    pull = _opens(team, _files(team, "echo migrating", postdeploy="echo seeding"))
    team.repo.github.settle()
    for _ in range(4):
        for _step in range(steps):
            team.bot.advance()
        team.restarts()
    team.settles()
    team.runs(pull)
    assert _started(team, pull) == ["postdeploy", "release"]
    assert "migrating" in team.summary(pull)


def _uids(team: Team, pull: Pull) -> dict[str, str]:
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in team.look(pull, "jobs")["items"]}
