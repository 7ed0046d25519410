"""What the walls must let through: a preview's whole life and a record's, with the accounts' own tokens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dev.bot.install import Accounts
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.records import repository_name
from reviewbot.gateways.cluster import connect
from reviewbot.model import REDEPLOY, TRUST, InstallationId, PullRequestRef, RepositoryId, Request
from tests.contract.kube import (
    MANAGED,
    RESTRICTED,
    SYSTEM,
    TENANTS,
    Account,
    Object,
    deployer,
    path_of,
    preview_name,
    steward,
    tenant,
    tenant_account,
    thing,
    until,
)
from tests.unit.builders import HEAD, NOW

pytestmark = pytest.mark.usefixtures("installed")

LABELS = {"app": "web"}
SEEN = ("Deployment", "StatefulSet", "ReplicaSet", "Job", "Service", "EndpointSlice", "Event")
HARD = {
    "pods": "5",
    "services.loadbalancers": "0",
    "services.nodeports": "0",
    "limits.cpu": "4",
    "limits.memory": "4Gi",
}
LIMITS = {
    "type": "Container",
    "default": {"cpu": "1", "memory": "512Mi"},
    "defaultRequest": {"cpu": "10m", "memory": "16Mi"},
}


@pytest.fixture
def name(admin: Account) -> Iterator[str]:
    chosen = preview_name()
    yield chosen
    admin.call("DELETE", path_of("Namespace", name=chosen))


def arm(controller: Account, name: str) -> None:
    """Everything that has to stand before a workload."""
    space = thing("Namespace", name, labels={**MANAGED, **RESTRICTED})
    made = controller.create(space)
    assert made.done, made.message
    assert controller.create(space).code == 409
    for item in (tenant_account(name, made.body["metadata"]["uid"]), steward(name), deployer(name)):
        answer = controller.create(item)
        assert answer.done, answer.message
    quota = thing("ResourceQuota", "preview", name, spec={"hard": HARD})
    # A new binding counts at once on one API server, a moment later where there are several.
    until("the steward's rights are in effect", lambda: controller.apply(quota).code != 403, seconds=10)
    walls = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for item in (
        quota,
        thing("NetworkPolicy", "default-deny", name, spec=walls),
        thing("LimitRange", "preview", name, spec={"limits": [LIMITS]}),
    ):
        answer = controller.apply(item)
        assert answer.done, answer.message


def workload(name: str) -> list[Object]:
    """One pod that no scheduler will take: it exists everywhere and runs nowhere."""
    safe = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    env = [
        {"secretRef": {"name": "reviewbot-config-0123456789"}},
        {"secretRef": {"name": "reviewbot-generated"}},
    ]
    spec = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "schedulerName": "nobody",
        "imagePullSecrets": [{"name": "reviewbot-pull"}],
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "web", "image": "localhost/none", "envFrom": env, "securityContext": safe}],
    }
    template = {"metadata": {"labels": LABELS}, "spec": spec}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    return [
        thing("ConfigMap", "web", name, data={"a": "b"}),
        thing("PersistentVolumeClaim", "web", name, spec=claim),
        thing("Deployment", "web", name, spec={"selector": {"matchLabels": LABELS}, "template": template}),
        thing("Service", "web", name, spec={"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]}),
    ]


def route(name: str, backend: str) -> Object:
    rules = [{"backendRefs": [{"name": backend, "port": 80}]}]
    parents = [{"namespace": "reviewbot-gateway", "name": "reviewbot"}]
    host = f"{name}.walls.invalid"
    return thing("HTTPRoute", "preview", name, spec={"parentRefs": parents, "hostnames": [host], "rules": rules})


def configure(controller: Account, name: str) -> None:
    """Write-once Secrets, which are never read, and the one that is kept up to date."""
    config = thing("Secret", "reviewbot-config-0123456789", name, type="Opaque", immutable=True, stringData={"A": "b"})
    generated = thing("Secret", "reviewbot-generated", name, type="Opaque", stringData={"SECRET": "x"})
    addon = thing("Secret", "reviewbot-addons-redis", name, type="Opaque", stringData={"PASSWORD": "x"})
    for item in (config, generated, addon):
        assert [controller.create(item).code for _ in range(2)] == [201, 409]
        path = path_of("Secret", name, item["metadata"]["name"])
        assert (controller.call("GET", path).code, controller.patch(path, {}).code) == (403, 403)
    pull = thing("Secret", "reviewbot-pull", name, type="kubernetes.io/dockerconfigjson")
    pull["stringData"] = {".dockerconfigjson": "{}"}
    for _ in range(2):
        answer = controller.apply(pull)
        assert answer.done, answer.message


def test_a_preview_lives_and_dies(controller: Account, name: str) -> None:
    arm(controller, name)
    configure(controller, name)
    as_tenant = controller.acting_as(tenant(name))
    for item in workload(name) + workload(name):
        answer = as_tenant.apply(item)
        assert answer.done, answer.message
    until("its pod exists", lambda: len(controller.call("GET", path_of("Pod", name)).body["items"]) == 1)
    for kind in (*SEEN, "PersistentVolumeClaim"):
        assert controller.call("GET", path_of(kind, name)).done
    assert controller.call("GET", path_of("PersistentVolumeClaim", name, "web")).code == 403
    for kind in ("ConfigMap", "PersistentVolumeClaim", "Job", "CronJob"):
        assert as_tenant.call("GET", path_of(kind, name)).done
    watch = {"watch": "true", "timeoutSeconds": "1"}
    assert controller.call("GET", path_of("Pod", name), query=watch).done
    assert as_tenant.call("GET", path_of("Deployment", name), query=watch).done
    for backend in ("web", "web-of-the-next-release"):
        answer = controller.apply(route(name, backend))
        assert answer.done, answer.message
    assert controller.call("DELETE", path_of("HTTPRoute", name, "preview")).done
    for item in workload(name)[:2]:
        assert as_tenant.call("DELETE", path_of(item["kind"], name, "web")).done
    assert controller.call("DELETE", path_of("Secret", name, "reviewbot-config-0123456789")).done

    space = path_of("Namespace", name=name)
    uid = controller.call("GET", space).body["metadata"]["uid"]
    assert controller.call("DELETE", space, {"preconditions": {"uid": "another"}}).code == 409
    assert controller.call("DELETE", space, {"preconditions": {"uid": uid}}).done
    assert controller.call("DELETE", path_of("Pod", name), query={"gracePeriodSeconds": "1"}).done
    until("the namespace is gone", lambda: controller.call("GET", space).code == 404, seconds=90)
    account = path_of("ServiceAccount", TENANTS, name)
    until("its account went with it", lambda: controller.call("GET", account).code == 404)


@pytest.mark.records
def test_a_record_is_written_by_both(controller: Account, web: Account) -> None:
    number = int(preview_name()[3:15], 16) + 1
    spec = {"repositoryId": number, "installationId": 1, "source": {"pullRequest": {"number": 7}}}
    record = thing("ReviewApp", f"pr-{number}-7", SYSTEM, spec=spec)
    path = path_of("ReviewApp", SYSTEM, f"pr-{number}-7")
    poke = {"metadata": {"annotations": {"reviewbot.dev/poke": "1"}}}
    request = {"verb": "redeploy", "sender": {"id": 1, "login": "a"}, "at": "2026-01-01T00:00:00Z"}
    assert web.patch(path, poke).code == 404
    try:
        assert web.create(record).done
        assert web.create(record).code == 409
        assert web.patch(path, {**poke, "spec": {"requests": {"12345": request}}}).done
        assert web.call("GET", path_of("ReviewApp", SYSTEM)).done
        assert controller.patch(f"{path}/status", {"status": {"phase": "Waiting", "observedPoke": "1"}}).done
        assert controller.patch(path, {"spec": {"requests": {"12345": None}}}).done
        assert web.patch(f"{path}/status", {"status": {"phase": "Running"}}).code == 403
        assert web.patch(path, {"status": {"phase": "Running"}}).body["status"]["phase"] == "Waiting"
        assert web.call("DELETE", path).code == 403
    finally:
        version = controller.call("GET", path).body["metadata"]["resourceVersion"]
        assert controller.call("DELETE", path, {"preconditions": {"resourceVersion": version}}).done


@pytest.fixture
def ref(controller: Account) -> Iterator[PullRequestRef]:
    """A pull request that nobody knows; its records go in the end."""
    made = PullRequestRef(RepositoryId(int(preview_name()[3:15], 16) + 1), InstallationId(1), 7)
    yield made
    for kind, record in (("ReviewApp", made.name), ("Repository", repository_name(made.repository))):
        controller.call("DELETE", path_of(kind, SYSTEM, record))


@pytest.fixture
def mailboxes(installed: Accounts) -> Iterator[tuple[Mailbox, Mailbox]]:
    """The receiver's and the controller's."""
    homes = connect(str(installed.web)), connect(str(installed.controller))
    yield Mailbox(homes[0]), Mailbox(homes[1])
    for home in homes:
        home.close()


@pytest.mark.records
def test_all_that_web_writes(mailboxes: tuple[Mailbox, Mailbox], ref: PullRequestRef) -> None:
    web, own = mailboxes
    for installation in (1, 2, 2):
        web.poke(replace(ref, installation=InstallationId(installation)), "delivery")
    record = own.record(ref.name)
    assert record is not None
    assert record.ref.installation == 2
    own.label(record, HEAD, "shop-pr-7-abcdefghij")
    own.note(record, Request("trust-1", TRUST, HEAD, (1, "alice"), NOW))
    asked = Request("delivery-1", REDEPLOY, HEAD, (2, "bob"), NOW)
    # The same delivery may come again.
    for at in (NOW, NOW + timedelta(minutes=1)):
        assert web.poke_commit(ref.repository, HEAD, replace(asked, at=at), "delivery-1") == 1
    assert web.poke_commit(ref.repository, HEAD) == 1
    web.poke(ref)
    for name in ("acme/shop", "acme/store"):
        web.poke_repository(ref.repository, ref.installation, name)
    web.poke_known(ref.installation, ref.repository)
    record = own.record(ref.name)
    assert record is not None
    assert {each.key for each in record.requests} == {"trust-1", "delivery-1"}
    own.drop_requests(record, ["delivery-1"])


@pytest.mark.records
def test_a_repository_is_written_by_both(controller: Account, web: Account) -> None:
    number = int(preview_name()[3:15], 16) + 1
    record = thing("Repository", f"repo-{number}", SYSTEM, spec={"installationId": 1, "fullName": "acme/shop"})
    path = path_of("Repository", SYSTEM, f"repo-{number}")
    try:
        assert web.create(record).done
        assert web.patch(path, {"metadata": {"annotations": {"reviewbot.dev/poke": "1"}}}).done
        assert controller.patch(f"{path}/status", {"status": {"observedPoke": "1", "openPullRequests": 3}}).done
        assert web.patch(f"{path}/status", {"status": {"openPullRequests": 0}}).code == 403
    finally:
        assert controller.call("DELETE", path).done


def test_the_controller_holds_its_lease_and_sees_gateways(controller: Account) -> None:
    """Without effect: a controller may be at work. No 403 is what counts."""
    lease = thing("Lease", "reviewbot", SYSTEM, spec={"holderIdentity": "a"})
    path = path_of("Lease", SYSTEM, "reviewbot")
    assert controller.try_create(lease).code in {201, 409}
    assert controller.patch(path, {"spec": {"holderIdentity": "a"}}, dry_run=True).code in {200, 404}
    assert controller.patch(path_of("Lease", SYSTEM, "another"), {}, dry_run=True).code == 403
    assert controller.call("GET", path_of("Gateway", "reviewbot-gateway", "reviewbot")).code in {200, 404}
