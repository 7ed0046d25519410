"""What restricted pods find in the local world: names, volumes, and images of servers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dev.bot.install import kubectl
from dev.cluster import Cluster
from tests.contract.kube import RESTRICTED, Account, Object, namespace, path_of, thing, until

PASSWORD = "correct horse 'battery' \"staple\""


class Place:
    """A namespace that takes restricted pods only."""

    def __init__(self, cluster: Cluster, admin: Account, name: str) -> None:
        self._cluster = cluster
        self._admin = admin
        self.name = name

    def has(self, item: Object) -> None:
        answer = self._admin.create(item)
        assert answer.done, answer.message

    def get(self, kind: str, name: str) -> Object:
        return self._admin.call("GET", path_of(kind, self.name, name)).body

    def serves(self, name: str, port: int, container: Object) -> None:
        """A server that others find under its name, with the claim of its name at /data."""
        probe = {"tcpSocket": {"port": port}, "periodSeconds": 1}
        self.has(pod(self.name, name, container | {"readinessProbe": probe}, claim=name))
        until(f"{name} is ready", lambda: _ready(self.get("Pod", name)), 120)

    def ends(self, name: str) -> None:
        """Delete a pod and see it go."""
        self._admin.call("DELETE", path_of("Pod", self.name, name))
        until(f"{name} is gone", lambda: "spec" not in self.get("Pod", name), 60)

    def log(self, name: str) -> str:
        return kubectl(self._cluster, "logs", "-n", self.name, name)

    def runs(self, name: str, image: str, script: str, *, claim: str = "", **environment: str) -> str:
        """What a script prints, in a pod of its own."""
        container = {"image": image, "command": ["sh", "-c", script], "env": variables(environment)}
        self.has(pod(self.name, name, container, claim=claim))
        ended = ("Succeeded", "Failed")
        until(f"{name} has ended", lambda: self.get("Pod", name)["status"]["phase"] in ended, 60)
        return self.log(name)


@pytest.fixture
def place(cluster: Cluster, admin: Account) -> Iterator[Place]:
    if not cluster.tools:
        pytest.skip("a cluster that somebody brings has volumes, names and images of its own")
    with namespace(admin, **RESTRICTED) as name:
        yield Place(cluster, admin, name)


def pod(where: str, name: str, container: Object, claim: str = "") -> Object:
    """A pod as Pod Security wants it, which can write to /data, /tmp and /var/run/postgresql only."""
    scratch = {"name": "scratch", "emptyDir": {}}
    data: Object = {"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}}
    mounts = [
        {"name": "data", "mountPath": "/data"},
        {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108
        {"name": "scratch", "mountPath": "/var/run/postgresql"},
    ]
    walls = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    account = {"runAsNonRoot": True, "runAsUser": 999, "fsGroup": 999, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": account,
        "containers": [container | {"name": "main", "volumeMounts": mounts, "securityContext": walls}],
        "volumes": [data | {"name": "data"}, scratch],
    }
    return thing("Pod", name, where, labels={"app": name}, spec=spec)


def variables(environment: dict[str, str]) -> list[Object]:
    return [{"name": name, "value": value} for name, value in environment.items()]


def service(where: str, name: str, port: int) -> Object:
    return thing("Service", name, where, spec={"selector": {"app": name}, "ports": [{"port": port}]})


def claim(where: str, name: str) -> Object:
    """Without a class: the default one is to be had."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "100Mi"}}}
    return thing("PersistentVolumeClaim", name, where, spec=spec)


def _ready(answer: Object) -> bool:
    conditions: list[Any] = answer["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def test_a_volume_has_what_an_earlier_pod_wrote_and_goes_with_its_claim(
    place: Place, cluster: Cluster, admin: Account
) -> None:
    image = cluster.kustomize_image()
    place.has(claim(place.name, "files"))
    assert place.runs("writer", image, "echo kept > /data/note && echo written", claim="files") == "written\n"
    assert place.runs("reader", image, "cat /data/note", claim="files") == "kept\n"
    volume = place.get("PersistentVolumeClaim", "files")["spec"]["volumeName"]
    place.ends("writer")
    place.ends("reader")
    admin.call("DELETE", path_of("PersistentVolumeClaim", place.name, "files"))
    path = path_of("PersistentVolume", name=volume)
    until("the volume is gone", lambda: admin.call("GET", path).code == 404, 60)


def test_postgresql_wants_its_password_and_keeps_its_data(place: Place, cluster: Cluster) -> None:
    image = cluster.server_image("postgresql")
    settings = {"POSTGRES_USER": "app", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": 'shop "1"'}
    server = {"image": image, "env": variables(settings | {"PGDATA": "/data/pgdata"})}
    place.has(claim(place.name, "db"))
    place.has(service(place.name, "db", 5432))
    half_done = "mkdir /data/pgdata.new && echo 15 > /data/pgdata.new/PG_VERSION"
    assert place.runs("interrupted", image, half_done, claim="db") == ""
    place.serves("db", 5432, server)

    psql = "psql -w -X -A -t -h db -U app -d 'shop \"1\"' 2>&1"
    create = f"{psql} -c 'create table answers as select 42 as answer'"
    assert place.runs("create", image, create, PGPASSWORD=PASSWORD) == "SELECT 1\n"
    assert "no password supplied" in place.runs("refused", image, psql)
    assert "password authentication failed" in place.runs("wrong", image, psql, PGPASSWORD="guess")

    place.ends("db")
    place.serves("db", 5432, server)
    assert "database system was shut down" in place.log("db")
    assert place.runs("again", image, f"{psql} -c 'table answers'", PGPASSWORD=PASSWORD) == "42\n"


def test_redis_takes_arguments_and_wants_its_password(place: Place, cluster: Cluster) -> None:
    image = cluster.server_image("redis")
    arguments = ["--requirepass", PASSWORD, "--dir", "/data", "--appendonly", "yes"]
    place.has(claim(place.name, "cache"))
    place.has(service(place.name, "cache", 6379))
    place.serves("cache", 6379, {"image": image, "args": arguments})

    assert "NOAUTH" in place.runs("refused", image, "redis-cli -h cache set answer 42")
    assert place.runs("set", image, "redis-cli -h cache set answer 42", REDISCLI_AUTH=PASSWORD) == "OK\n"

    place.ends("cache")
    place.serves("cache", 6379, {"image": image, "args": arguments})
    assert place.runs("again", image, "redis-cli -h cache get answer", REDISCLI_AUTH=PASSWORD) == "42\n"


def test_kustomize_renders_a_folder(place: Place, cluster: Cluster) -> None:
    kustomization = json.dumps({"configMapGenerator": [{"name": "x", "literals": ["answer=42"]}]})
    script = f"cd /tmp && echo '{kustomization}' > kustomization.yaml && kubectl kustomize ."
    said = place.runs("render", cluster.kustomize_image(), script)
    assert "kind: ConfigMap" in said
    assert 'answer: "42"' in said
