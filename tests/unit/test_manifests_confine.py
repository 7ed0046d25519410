"""A repository's objects as they are applied: whole, and what was filled into them."""

from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.errors import GiveUp
from reviewbot.manifests import Into, confined, read, served
from reviewbot.manifests.objects import Object
from reviewbot.model import Folder, Nodes, Served, Toleration
from reviewbot.render.names import namespace
from tests.manifest_objects import (
    WORKLOADS,
    a_pod,
    claim,
    config_map,
    folder_of,
    merged,
    service,
    template_of,
    workload,
)
from tests.unit.builders import HEAD, REF, a_release

RELEASE = a_release(image="ghcr.io/acme/shop:1", generated=("SECRET_KEY", "SALT"), run_as_user=1000)
INTO = Into(RELEASE, namespace(REF), "shop.example.com")
APP = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  uid: 1-2-3
  finalizers: [example.com/hold]
  ownerReferences: [{apiVersion: v1, kind: Namespace, name: x, uid: x}]
  managedFields: [{manager: x}]
  labels: {app.kubernetes.io/name: web}
  annotations: {external-dns.alpha.kubernetes.io/hostname: www.example.com}
spec:
  replicas: 2
  revisionHistoryLimit: 10
  progressDeadlineSeconds: 99999
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations: {k8s.v1.cni.cncf.io/networks: other}
      creationTimestamp: null
    spec:
      terminationGracePeriodSeconds: 600
      enableServiceLinks: true
      volumes:
      - {name: tmp, emptyDir: {}}
      initContainers:
      - name: migrate
        image: ${IMAGE}
        command: [migrate]
      containers:
      - name: web
        image: ${IMAGE}
        env:
        - {name: SALT, value: pepper}
        - {name: ADDRESS, value: "https://${HOST}/?${SHA}"}
        envFrom:
        - configMapRef: {name: settings}
        resources:
        readinessProbe: {httpGet: {path: /, port: 3000}}
      - name: proxy
        image: nginx
        securityContext: {runAsUser: 101, capabilities: {add: [NET_BIND_SERVICE], drop: [NET_RAW]}}
status:
  replicas: 2
"""


def made(*items: Object, into: Into = INTO) -> list[Object]:
    return confined(read(folder_of(*items)), into)


def test_a_deployment(snapshot: SnapshotAssertion) -> None:
    assert confined(read(Folder("", {"web.yaml": APP.encode()})), INTO) == snapshot


def test_every_kind_in_the_order_to_apply_them_in(snapshot: SnapshotAssertion) -> None:
    stateful = merged(workload("StatefulSet", a_pod(), "db"), {"spec": {"volumeClaimTemplates": [claim()]}})
    others = [workload(kind, a_pod(), kind.lower()) for kind in WORKLOADS if kind != "StatefulSet"]
    items = made(*others, stateful, service(), claim("files"), config_map(a="b"))
    assert [item["kind"] for item in items] == [
        "ConfigMap",
        "PersistentVolumeClaim",
        "Service",
        "Deployment",
        "StatefulSet",
        "Job",
        "CronJob",
    ]
    assert items == snapshot


@pytest.mark.parametrize("kind", WORKLOADS)
def test_every_pod_is_placed_and_has_the_password_for_its_image(kind: str) -> None:
    nodes = Nodes({"pool": "previews"}, (Toleration("only", "previews", "NoSchedule"),), "gvisor")
    into = replace(INTO, release=replace(RELEASE, nodes=nodes, pull_secret="reviewbot-pull-acme"))
    [item] = made(workload(kind, a_pod()), into=into)
    spec = template_of(item)["spec"]
    assert (spec["nodeSelector"], spec["runtimeClassName"]) == ({"pool": "previews"}, "gvisor")
    assert [each["value"] for each in spec["tolerations"]] == ["previews"]
    assert spec["imagePullSecrets"] == [{"name": "reviewbot-pull"}]


@pytest.mark.parametrize("kind", WORKLOADS)
def test_what_a_pod_says_cannot_open_a_wall(kind: str) -> None:
    [item] = made(workload(kind, a_pod(enableServiceLinks=True, securityContext={"fsGroup": 1})))
    template = template_of(item)
    assert template["metadata"]["labels"] == {"app": "web", "reviewbot.dev/origin": "manifests"}
    assert template["spec"]["automountServiceAccountToken"] is False
    assert template["spec"]["securityContext"] == {
        "fsGroup": 1,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_config_vars_go_to_the_app_s_own_image_alone() -> None:
    pod = {"containers": [{"name": "db", "image": "postgres"}, {"name": "web", "image": RELEASE.image}]}
    db, web = template_of(made(workload("Deployment", pod))[0])["spec"]["containers"]
    assert "env" not in db
    assert "envFrom" not in db
    assert "runAsUser" not in db["securityContext"]
    assert web["envFrom"] == [{"secretRef": {"name": f"reviewbot-config-{RELEASE.id}"}}]
    assert [variable["name"] for variable in web["env"]] == ["SECRET_KEY", "SALT"]
    assert web["securityContext"]["runAsUser"] == 1000


@pytest.mark.parametrize("user", [{"securityContext": {"runAsUser": 7}}, {}])
def test_a_user_of_its_own_stays(user: Object) -> None:
    pod: Object = {"securityContext": {} if user else {"runAsUser": 7}}
    pod["containers"] = [{"name": "web", "image": RELEASE.image, **user}]
    [container] = template_of(made(workload("Deployment", pod))[0])["spec"]["containers"]
    assert container["securityContext"].get("runAsUser", 7) == 7


def test_a_job_is_each_release_s_own() -> None:
    assert made(workload("Job", a_pod(), "seed"))[0]["metadata"]["name"] == f"seed-{RELEASE.id}"


def test_without_a_readiness_probe_it_has_to_last() -> None:
    [deployment] = made(workload("Deployment", a_pod()))
    assert deployment["spec"]["minReadySeconds"] == 5
    [own] = made(merged(workload("Deployment", a_pod()), {"spec": {"minReadySeconds": 1}}))
    assert own["spec"]["minReadySeconds"] == 1


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${IMAGE}", RELEASE.image),
        ("a ${SHA} b ${RELEASE} ${SHA}", f"a {HEAD} b {RELEASE.id} {HEAD}"),
        ("https://${HOST}/", "https://shop.example.com/"),
        ("$${IMAGE}", "${IMAGE}"),
        ("$$${IMAGE}", "$${IMAGE}"),
        ("${FOO} $${FOO} ${image} $IMAGE $(IMAGE) {SHA}", "${FOO} $${FOO} ${image} $IMAGE $(IMAGE) {SHA}"),
        ("${IMAGE:-x}", "${IMAGE:-x}"),
    ],
)
def test_filled_in(text: str, filled: str) -> None:
    [found] = made(config_map(a=text, b="${HOST}: x\nkind: ${SHA}"))
    assert found["data"] == {"a": filled, "b": f"shop.example.com: x\nkind: {HEAD}"}


def test_a_name_may_be_filled_in_but_a_key_may_not() -> None:
    [found] = made(config_map("at-${SHA}", **{"${SHA}": "a"}))
    assert found["metadata"]["name"] == f"at-{HEAD}"
    assert found["data"] == {"${SHA}": "a"}


TWO_PORTS: Any = [{"name": "http", "port": 80, "targetPort": "web"}, {"name": "admin", "port": 9000}]
UDP: Any = {"port": 53, "protocol": "UDP"}


@pytest.mark.parametrize(
    ("items", "serve", "expected"),
    [
        ([service()], None, Served("web", 80, 8080)),
        ([service(), service("db")], "db", Served("db", 80, 8080)),
        ([service(ports=TWO_PORTS)], "web:http", Served("web", 80, "web")),
        ([service(ports=TWO_PORTS)], "web:9000", Served("web", 9000, 9000)),
        ([service(ports=[*TWO_PORTS[:1], UDP])], "web", Served("web", 80, "web")),
    ],
)
def test_what_is_served(items: list[Object], serve: str | None, expected: Served) -> None:
    assert served(made(*items), serve) == expected


@pytest.mark.parametrize(
    ("items", "serve"),
    [
        ([config_map()], "web"),
        ([service(), service("db")], None),
        ([service(), service("db")], "app"),
        ([service(ports=TWO_PORTS)], "web"),
        ([service(ports=TWO_PORTS)], None),
        ([service(ports=TWO_PORTS)], "web:443"),
        ([service(ports=[UDP])], "web:53"),
        ([service(ports=[])], "web"),
    ],
)
def test_what_cannot_be_served(items: list[Object], serve: str | None, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(GiveUp) as caught:
        served(made(*items), serve)
    assert caught.value.sentence == snapshot
