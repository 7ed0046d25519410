"""What manifests must not say, in every kind that makes pods; each complaint names file, line, column and field."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.manifests import Into, confined, read
from reviewbot.manifests.objects import Object
from reviewbot.model import Folder
from reviewbot.render.names import namespace
from reviewbot.spec import SpecError
from tests.manifest_cases import CLAIMS, PODS, SERVICES, Case
from tests.manifest_objects import WORKLOADS, a_pod, claim, config_map, folder_of, merged, service, workload
from tests.unit.builders import REF, a_release

INTO = Into(a_release(), namespace(REF), "shop.example.com", frozenset({"postgresql"}))


def problems(*items: Object) -> list[str]:
    return of(folder_of(*items))


def of(folder: Folder) -> list[str]:
    try:
        confined(read(folder), INTO)
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_what_people_write_is_fine() -> None:
    assert problems(*(workload(kind, a_pod()) for kind in WORKLOADS), service(), config_map(a="b"), claim()) == []


@pytest.mark.parametrize("kind", WORKLOADS)
@pytest.mark.parametrize("case", PODS, ids=lambda case: case.name)
def test_pod_escape_fields__filter(case: Case, kind: str) -> None:
    [problem] = problems(workload(kind, case.spec(a_pod())))
    assert problem.startswith("deploy/preview/all.yaml:1:")
    assert "spec.template." in problem
    assert case.ours in problem


@pytest.mark.parametrize(("item", "ours"), [case[:2] for case in SERVICES.values()], ids=SERVICES)
def test_service_exposure__filter(item: Object, ours: str) -> None:
    is_refused_for(item, ours)


@pytest.mark.parametrize(("item", "ours"), [case[:2] for case in CLAIMS.values()], ids=CLAIMS)
def test_only_new_volumes(item: Object, ours: str) -> None:
    is_refused_for(item, ours)


def is_refused_for(item: Object, ours: str) -> None:
    found = problems(item)
    assert found
    assert all(ours in problem and ": spec." in problem for problem in found)


@pytest.mark.parametrize(
    "change",
    [
        {"hostNetwork": False, "automountServiceAccountToken": False, "serviceAccountName": "default"},
        {"tolerations": [], "priorityClassName": ""},
        {"securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "fsGroup": 0, "sysctls": []}},
        {"imagePullSecrets": [{"name": "reviewbot-pull"}], "os": {"name": "linux"}},
        {"volumes": [{"name": "a", "emptyDir": None, "configMap": {"name": "a"}}, {"name": "b", "emptyDir": {}}]},
        {"volumes": [{"name": "a", "secret": {"secretName": "reviewbot-config-${RELEASE}"}}]},
        {"volumes": [{"name": "a", "projected": {"sources": [{"downwardAPI": {}}, {"configMap": {"name": "a"}}]}}]},
        {"volumes": None, "initContainers": None, "terminationGracePeriodSeconds": 600},
        {"resources": {"limits": {"memory": "64Mi", "hugepages-2Mi": None}, "claims": []}},
    ],
)
def test_what_a_pod_may_say(change: Object) -> None:
    assert problems(workload("Deployment", a_pod(**change))) == []


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"generateName": "web-"}, "metadata.generateName: only a fixed name is possible"),
        ({"name": "reviewbot-web"}, "the name reviewbot-web is reviewbot's own"),
        ({"name": "release"}, "is reviewbot's own"),
        ({"name": "postdeploy"}, "is reviewbot's own"),
        ({"name": "predestroy-2"}, "is reviewbot's own"),
        ({"name": "postgresql"}, "is reviewbot's own"),
        ({"name": "web-${RELEASE}"}, "is reviewbot's own"),
        ({"name": "web-0123abc-0123456789"}, "is reviewbot's own"),
        ({"name": "Web"}, "is no name of a Deployment"),
        ({"name": "web."}, "is no name of a Deployment"),
        ({"name": "web\n"}, "is no name of a Deployment"),
        ({"name": "../web"}, "is no name of a Deployment"),
        ({"name": "w" * 64}, "the name of a Deployment may have at most 63 characters"),
        ({"labels": {"-a": "b"}}, "a label's key has"),
        ({"labels": {"a": "b" * 64}}, "a label's value has"),
        ({"labels": {"a": "b c"}}, "a label's value has"),
        ({"labels": {"a": 1.1}}, "metadata.labels.a: must be a string, but this is read as 1.1; put it in quotes"),
        ({"labels": {"a": True}}, "must be a string, but this is read as true; put it in quotes"),
        ({"labels": ["a"]}, "metadata.labels: must be an object"),
    ],
)
def test_metadata(metadata: Object, problem: str) -> None:
    found = problems(merged(workload("Deployment", a_pod()), {"metadata": metadata}))
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (merged(service("1web"), {}), "is no name of a Service"),
        (config_map("kube-root-ca.crt"), "is reviewbot's own"),
        (workload("StatefulSet", a_pod(), "w" * 53), "at most 52"),
        (workload("CronJob", a_pod(), "w" * 53), "at most 52"),
        (workload("Job", a_pod(), "w" * 45), "at most 44"),
        (config_map(a=1), "data.a: must be a string, but this is read as 1"),  # type: ignore[arg-type]
        (config_map(a=None), 'data.a: must be a string; write "" for an empty one'),  # type: ignore[arg-type]
        (merged(service(), {"spec": {"selector": {"reviewbot.dev/release": "x"}}}), "labels of this domain"),
        (service(clusterIPs=["10.0.0.1"]), "addresses of its own"),
        (service(ports=[{"targetPort": 80}]), "port is missing"),
        (service(ports=[{"port": "http"}]), "must be a whole number"),
        (service(ports={}), "spec.ports: must be a list"),
        ({**service(), "spec": None}, "spec is missing"),
        (merged(workload("Deployment", a_pod()), {"spec": {"replicas": 11}}), "spec.replicas: may be at most 10"),
        (merged(workload("Deployment", a_pod()), {"spec": {"replicas": "2"}}), "must be a whole number"),
        (merged(workload("Job", a_pod()), {"spec": {"parallelism": 1_000_000}}), "may be at most 10"),
        (merged(workload("Job", a_pod()), {"spec": {"completions": 11}}), "may be at most 10"),
        (merged(workload("Job", a_pod()), {"spec": {"manualSelector": True}}), "Kubernetes makes it"),
        (merged(workload("CronJob", a_pod()), {"spec": {"jobTemplate": {"spec": {"completions": 11}}}}), "at most 10"),
        (merged(workload("CronJob", a_pod()), {"spec": {"jobTemplate": {"spec": None}}}), "spec is missing"),
        (merged(workload("CronJob", a_pod()), {"spec": {"jobTemplate": None}}), "jobTemplate is missing"),
        (merged(workload("Deployment", a_pod()), {"spec": {"template": None}}), "spec: template is missing"),
        (merged(workload("Deployment", a_pod()), {"spec": {"template": {"spec": None}}}), "spec is missing"),
        (workload("Deployment", {"restartPolicy": "Always"}), "containers is missing"),
        (workload("Deployment", a_pod(volumes=[{"name": "a", "projected": {}}])), "projected: sources is missing"),
        (workload("Deployment", a_pod(volumes=[{"name": "a", "secret": {}}])), "secret: secretName is missing"),
        (workload("Deployment", {"containers": [{"envFrom": [{"secretRef": {}}]}]}), "secretRef: name is missing"),
        (workload("Deployment", {"containers": [None]}), "must be an object"),
        (workload("Deployment", a_pod(terminationGracePeriodSeconds="1")), "must be a whole number"),
        (
            merged(workload("StatefulSet", a_pod()), {"spec": {"volumeClaimTemplates": [{"spec": {}}]}}),
            "metadata is missing",
        ),
        (
            merged(workload("StatefulSet", a_pod()), {"spec": {"volumeClaimTemplates": [claim(volumeName="x")]}}),
            "new ones",
        ),
        (
            merged(workload("StatefulSet", a_pod()), {"spec": {"volumeClaimTemplates": [claim(storageClassName="x")]}}),
            "volumeClaimTemplates.spec.storageClassName: must be left out: a preview's volumes are of the",
        ),
    ],
)
def test_kinds(item: Object, problem: str) -> None:
    found = problems(item)
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        ({"env": [{"name": "A", "value": True}]}, "env.value: must be a string, but this is read as true"),
        ({"env": [{"name": ["A"]}]}, "env.name: must be a string"),
        ({"command": ["sleep", 1]}, "command: must be a string, but this is read as 1; put it in quotes"),
        ({"args": "serve"}, "args: must be a list"),
        ({"env": ["A=b"]}, "env: must be an object"),
        ({"securityContext": []}, "securityContext: must be an object"),
        ({"securityContext": {"runAsNonRoot": 1}}, "must be true, or left out"),
        (
            {"resources": {"requests": {"cpu": "1", "example.com/tpu": 1}}},
            "resources.requests.example.com/tpu: only cpu",
        ),
        ({"resources": {"claims": [{"name": "gpu"}]}}, "resources.claims: must be left out: previews have no devices"),
        ({"resources": {"limits": []}}, "resources.limits: must be an object"),
    ],
)
def test_containers(container: Object, problem: str) -> None:
    [found] = problems(workload("Deployment", {"containers": [{"name": "web", "image": "a", **container}]}))
    assert problem in found


def job(name: str) -> Object:
    return workload("Job", a_pod(), name)


def test_resource_bombs__filter() -> None:
    for make, most in ((config_map, 17), (claim, 5), (service, 10), (job, 6)):
        items = [make(f"a{number}") for number in range(most + 1)]
        assert problems(*items[:most]) == []
        [problem] = problems(*items)
        assert f"a preview may have at most {most} objects of the kind" in problem


def test_a_name_given_twice() -> None:
    [problem] = problems(service(), config_map("web"), service())
    assert problem == "deploy/preview/all.yaml:5:1: Service web is already in deploy/preview/all.yaml:1"


def test_everything_is_said_at_once(snapshot: SnapshotAssertion) -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  replicas: 1000000
  template:
    spec:
      hostNetwork: true
      containers:
      - name: web
        image: nginx
        securityContext: {privileged: true}
        env:
        - {name: DEBUG, value: on}
"""
    service_text = json.dumps(service(type="LoadBalancer"))
    folder = Folder("deploy/preview", {"b.yaml": text.encode(), "a.json": service_text.encode()})
    assert of(folder) == snapshot
