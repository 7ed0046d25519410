"""A repository's own manifests: the server takes what the filter lets through, and alone refuses what it refuses."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reviewbot.manifests import Into, confined, read
from reviewbot.model import Folder, Kustomization
from reviewbot.render.kustomize import IMAGE, render_objects
from reviewbot.render.walls import network_policies
from reviewbot.spec import SpecError
from tests.contract.kube import Account, Object, path_of, tenant, thing
from tests.manifest_cases import CLAIMS, PODS, SERVICES, Case
from tests.manifest_changes import changed_sets
from tests.manifest_objects import (
    WORKLOADS,
    a_pod,
    claim,
    config_map,
    everything,
    folder_of,
    merged,
    service,
    template_of,
    workload,
)
from tests.unit.builders import a_release

pytestmark = pytest.mark.usefixtures("installed")

RELEASE = a_release(image="localhost/none", generated=("SECRET_KEY",), run_as_user=1000, pull_secret="mine")
ALLOWED: list[Object] = [
    {},
    {"volumes": [{"name": "a", "configMap": {"name": "a"}}, {"name": "b", "emptyDir": {}}]},
    {"volumes": [{"name": "a", "secret": {"secretName": "reviewbot-config-${RELEASE}"}}]},
    {"volumes": [{"name": "a", "projected": {"sources": [{"secret": {"name": "reviewbot-addons"}}]}}]},
    {"volumes": [{"name": "a", "persistentVolumeClaim": {"claimName": "data"}}]},
    {"securityContext": {"runAsUser": 7, "fsGroup": 7, "seccompProfile": {"type": "RuntimeDefault"}}},
    {"securityContext": {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]}},
    {"terminationGracePeriodSeconds": 600, "enableServiceLinks": True, "imagePullSecrets": []},
    {"initContainers": [{"name": "init", "image": "${IMAGE}", "restartPolicy": "Always"}]},
    {"tolerations": [], "serviceAccountName": "default", "os": {"name": "linux"}},
]


@pytest.fixture
def own(admin: Account, managed: str) -> Account:
    """The preview's own account."""
    return admin.acting_as(tenant(managed))


def made(where: str, *items: Object) -> list[Object]:
    return confined(read(folder_of(*items)), Into(RELEASE, where, "shop.example.com"))


def pod_of(item: Object, where: str) -> Object:
    template = template_of(item)
    return thing("Pod", "web", where, labels=template["metadata"]["labels"], spec=template["spec"])


def app(**fields: Any) -> Object:
    security = {"capabilities": {"add": ["NET_BIND_SERVICE"]}, "privileged": False}
    container = {"name": "app", "image": "${IMAGE}", "securityContext": security}
    return a_pod(containers=[container, {"name": "web", "image": "localhost/none2"}], **fields)


@pytest.mark.parametrize("fields", ALLOWED, ids=lambda fields: ",".join(fields) or "nothing")
def test_the_server_takes_what_the_filter_lets_through(
    admin: Account, own: Account, managed: str, fields: Object
) -> None:
    stateful = merged(workload("StatefulSet", a_pod(), "db"), {"spec": {"volumeClaimTemplates": [claim()]}})
    pods = [workload(kind, app(**fields)) for kind in WORKLOADS]
    items = made(managed, *pods, stateful, service(), service("db", clusterIP="None"), claim(), config_map(a="b"))
    answers = [own.try_create(item) for item in items]
    answers += [admin.try_create(pod_of(item, managed)) for item in items if item["kind"] in WORKLOADS]
    assert [answer.message for answer in answers if not answer.done] == []


def test_the_server_takes_all_that_may_be_said(admin: Account, own: Account, managed: str) -> None:
    items = made(managed, *everything())
    answers = [own.try_create(item) for item in items]
    answers += [admin.try_create(pod_of(item, managed)) for item in items if item["kind"] in WORKLOADS]
    assert [answer.message for answer in answers if not answer.done] == []


@pytest.mark.parametrize("kind", WORKLOADS)
@pytest.mark.parametrize("case", [case for case in PODS if case.servers], ids=lambda case: case.name)
def test_pod_escape_fields__in_templates(admin: Account, own: Account, managed: str, case: Case, kind: str) -> None:
    """Of a template Pod Security only warns; it speaks when the pod is made of it."""
    [item] = made(managed, workload(kind, a_pod()))
    template_of(item)["spec"] = case.spec(template_of(item)["spec"])
    refusal = own.try_create(item).message or admin.try_create(pod_of(item, managed)).message
    assert case.servers.lower() in refusal.lower()


@pytest.mark.parametrize(("item", "servers"), [(item, servers) for item, _, servers in CLAIMS.values() if servers])
def test_the_server_alone_refuses_volumes(own: Account, managed: str, item: Object, servers: str) -> None:
    assert servers in own.try_create(merged(item, {"metadata": {"namespace": managed}})).message


@pytest.mark.parametrize(("item", "servers"), [(item, servers) for item, _, servers in SERVICES.values() if servers])
def test_service_exposure__as_the_tenant(own: Account, managed: str, item: Object, servers: str) -> None:
    assert servers in own.try_create(merged(item, {"metadata": {"namespace": managed}})).message


def test_cluster_scoped_or_foreign_namespace__rights_elsewhere(own: Account, managed: str, foreign: str) -> None:
    workloads = [workload(kind, a_pod()) for kind in WORKLOADS]
    for item in made(managed, *workloads, service(), config_map(), claim()):
        for where in ("kube-system", "reviewbot-system", "reviewbot-tenants", "default", foreign):
            answer = own.try_create(merged(item, {"metadata": {"namespace": where}}))
            assert (answer.code, "cannot create resource" in answer.message) == (403, True)


def test_an_applied_set_can_be_applied_again(own: Account, managed: str) -> None:
    items = made(managed, service(), claim(), config_map(a="b"), workload("Deployment", a_pod(), "idle"))
    items[-1]["spec"]["replicas"] = 0
    for item in [*items, *items]:
        answer = own.apply(item)
        assert answer.done, answer.message
    for item in items:
        assert own.call("DELETE", path_of(item["kind"], managed, item["metadata"]["name"])).done


def test_the_server_takes_what_renders_a_kustomization(admin: Account, own: Account, managed: str) -> None:
    folder = Folder("deploy", {"kustomization.yaml": b"resources: [base]", "base/kustomization.yaml": b"\xff"})
    files, job = render_objects(a_release(unrendered=Kustomization(folder, IMAGE)), managed)
    answers = [own.try_create(files), own.try_create(job), admin.try_create(pod_of(job, managed))]
    assert [answer.message for answer in answers if not answer.done] == []


def test_the_server_takes_the_network_policies(admin: Account, managed: str) -> None:
    answers = [admin.try_create(policy) for policy in network_policies(managed, "gateways")]
    assert [answer.message for answer in answers if not answer.done] == []


# The server's answers where one of the walls speaks, and not its own check of what makes an object.
WALLS = ("ValidatingAdmissionPolicy", "violates PodSecurity", "cannot create resource", "exceeded quota")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed_sets())
def test_no_wall_refuses_what_the_filter_lets_through(
    admin: Account, own: Account, managed: str, items: list[Object]
) -> None:
    try:
        through = made(managed, *items)
    except SpecError:
        return
    pods = [pod_of(item, managed) for item in through if item["kind"] in WORKLOADS]
    refusals = [own.try_create(item).message for item in through] + [admin.try_create(pod).message for pod in pods]
    assert [refusal for refusal in refusals if any(wall in refusal for wall in WALLS)] == []
