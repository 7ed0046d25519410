"""Databases and other servers of a preview's own."""

import json
from collections.abc import Iterator

import pytest

from dev.bot.install import SYSTEM, kubectl
from dev.cluster import Cluster
from dev.github import Pull
from reviewbot.model import Limits
from tests.stories.team import Team, files

# The host is looked up as the app would.
PROCFILE = "web: bin/shop\nrelease: nc -w 5 postgresql 5432 </dev/null && echo postgresql answers\n"


@pytest.fixture(scope="session", autouse=True)
def catalogue(cluster: Cluster, installed: object) -> Iterator[None]:
    """The administrator's catalogue has the images of the local world."""
    del installed
    images = {name: f"image: {cluster.server_image(name)}\n" for name in ("postgresql", "redis")}
    broken = "image: localhost/nowhere:1\nport: 1\nurl: x://$(HOST)\nvariable: BROKEN_URL\nuser: 999\n"
    provide(cluster, images | {"broken": broken})
    yield


def provide(cluster: Cluster, data: dict[str, str]) -> None:
    """The administrator writes the catalogue."""
    metadata = {"name": "reviewbot-addons", "namespace": SYSTEM}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    kubectl(cluster, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(item))


def app_json(team: Team, *addons: object, **more: object) -> str:
    """The sample's, with these add-ons."""
    return json.dumps(json.loads(files(team.cluster)["app.json"]) | {"addons": list(addons)} | more)


def variables(team: Team, pull: Pull) -> dict[str, tuple[str, str]]:
    """The variables of the web process that come from Secrets, and from where: name and key."""
    (deployment,) = team.look(pull, "deployments", "-l", "reviewbot.dev/process=web")["items"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    found = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"]}
    return {name: (source["name"], source["key"]) for name, source in found.items()}


def uids(team: Team, pull: Pull) -> dict[str, str]:
    """What belongs to the add-ons, and which of several of the same name it is."""
    items = team.look(pull, "statefulsets,persistentvolumeclaims,pods", "-l", "reviewbot.dev/addon")["items"]
    return {f"{each['kind']} {each['metadata']['name']}": each["metadata"]["uid"] for each in items}


def test_a_database_is_ready_before_the_release_phase_and_outlives_the_release(team: Team) -> None:
    changes = {"app.json": app_json(team, "heroku-postgresql:mini", "heroku-redis"), "Procfile": PROCFILE}
    pull = team.opens(files=changes)
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert "postgresql answers" in team.summary(pull)
    assert {"DATABASE_URL", "REDIS_URL"} <= variables(team, pull).keys()
    assert variables(team, pull)["DATABASE_URL"] == ("reviewbot-addons-postgresql", "URL")
    first = uids(team, pull)
    assert first.keys() >= {"StatefulSet redis", "StatefulSet postgresql", "PersistentVolumeClaim postgresql"}

    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert uids(team, pull) == first
    team.nothing_more_happens(pull)

    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []


def test_an_add_on_that_is_no_longer_asked_for_keeps_its_data(team: Team) -> None:
    pull = team.is_running(files={"app.json": app_json(team, "postgresql")})
    first = uids(team, pull)
    pull.push({"app.json": app_json(team)})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert "The add-on postgresql is no longer asked for; its data is kept until the preview goes." in team.summary(
        pull
    )
    assert "DATABASE_URL" not in variables(team, pull)
    assert uids(team, pull) == first


def test_names_of_its_own(team: Team) -> None:
    orders, events = ({"plan": "heroku-postgresql", "as": name} for name in ("ORDERS", "EVENTS"))
    pull = team.is_running(files={"app.json": app_json(team, orders, events)})
    assert variables(team, pull)["ORDERS_URL"] == ("reviewbot-addons-orders", "URL")
    assert {"StatefulSet orders", "StatefulSet events"} <= uids(team, pull).keys()


def test_an_add_on_that_does_not_start_is_named(team: Team) -> None:
    pull = team.opens(files={"app.json": app_json(team, "broken")})
    team.ci_passes(pull)
    team.settles(lambda: "registry" in (team.status(pull).get("message") or ""))
    assert team.objects(pull, "deployments") == []
    team.bot.clock.skip(Limits().ready)
    team.settles()
    assert (team.says(pull) or "").startswith("The add-on broken does not get ready. Image localhost/nowhere:1")
    assert team.check(pull)[1] == "failure"
    pull.push({"app.json": app_json(team)})
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."


def test_data_is_made_anew_when_somebody_asks(team: Team) -> None:
    changes = {
        "app.json": app_json(team, "postgresql", scripts={"postdeploy": "echo seeding"}),
        "Procfile": PROCFILE,
    }
    pull = team.is_running(files=changes)
    first, scripts = uids(team, pull), jobs(team, pull)
    assert scripts.keys() == {f"release-{team.record(pull).serving.id}", "postdeploy"}  # type: ignore[union-attr]
    key = team.asks(pull, "reset")
    team.settles()
    assert team.status(pull)["requests"][key]["outcome"] == "Reset"
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert team.page(pull).sha == pull.head
    second = uids(team, pull)
    assert second.keys() == first.keys()
    assert not set(second.values()) & set(first.values())
    assert jobs(team, pull).keys() == scripts.keys()
    assert not set(jobs(team, pull).values()) & set(scripts.values())
    team.nothing_more_happens(pull)
    assert uids(team, pull) == second


def test_a_stranger_does_not_reset_it(team: Team) -> None:
    pull = team.is_running(files={"app.json": app_json(team, "postgresql")})
    first = uids(team, pull)
    key = team.asks(pull, "reset", by="mallory")
    team.settles()
    assert team.status(pull)["requests"][key]["outcome"] == "Refused"
    assert uids(team, pull) == first


def test_what_somebody_deleted_of_it_comes_back(team: Team) -> None:
    pull = team.is_running(files={"app.json": app_json(team, "postgresql")})
    claim = uids(team, pull)["PersistentVolumeClaim postgresql"]
    for what in ("statefulset", "service"):
        team.take(pull, what, "postgresql")
        team.bot.mailbox.poke(team.record(pull).ref)
        team.settles()
        assert team.objects(pull, what) != [], what
        assert uids(team, pull)["PersistentVolumeClaim postgresql"] == claim, what


def jobs(team: Team, pull: Pull) -> dict[str, str]:
    """The preview's Jobs, and which of several of the same name it is."""
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in team.look(pull, "jobs")["items"]}
