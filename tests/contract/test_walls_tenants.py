"""The policies on Services and on tenants, with RBAC out of the way.

The administrator speaks in a tenant's name and adds the group system:masters: RBAC then allows everything, as if
the account had been bound to cluster-admin by mistake. Nearly all of it is dry runs.
"""

from collections.abc import Iterator

import pytest

from reviewbot.render.walls import QUOTA
from tests.contract.kube import (
    SYSTEM,
    TENANTS,
    Account,
    Object,
    namespace,
    path_of,
    preview,
    preview_name,
    tenant,
    thing,
    until,
)

pytestmark = pytest.mark.usefixtures("installed")

SAFE: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
POD: Object = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "a", "image": "a", "securityContext": SAFE}],
    },
}
JOB: Object = {"template": {"spec": {**POD["spec"], "restartPolicy": "Never"}}}
SET: Object = {"selector": {"matchLabels": {"a": "b"}}, "template": POD}
CLAIM: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
PORT: Object = {"ports": [{"port": 80}], "selector": {"a": "b"}}
TENANTS_KINDS: dict[str, Object] = {
    "Service": {"spec": PORT},
    "ConfigMap": {"data": {"a": "b"}},
    "PersistentVolumeClaim": {"spec": CLAIM},
    "Deployment": {"spec": SET},
    "StatefulSet": {"spec": {**SET, "serviceName": "a"}},
    "Job": {"spec": JOB},
    "CronJob": {"spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": JOB}}},
}


@pytest.fixture(scope="module")
def admin(admin: Account) -> Account:
    nobody = almighty(admin, tenant("nobody"))
    until("policies are in force", lambda: not nobody.try_create(thing("ConfigMap", "a", "default")).done)
    return admin


def almighty(admin: Account, user: str) -> Account:
    """The user, were RBAC not there."""
    return admin.acting_as(user, "system:masters")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({**PORT, "type": "NodePort"}, "Service type NodePort is refused, use ClusterIP"),
        ({**PORT, "type": "LoadBalancer"}, "Service type LoadBalancer is refused, use ClusterIP"),
        ({"type": "ExternalName", "externalName": "db.example.com"}, "Service type ExternalName is refused"),
        ({**PORT, "externalName": "db.example.com"}, "externalName is refused"),
        ({**PORT, "externalIPs": ["203.0.113.1"]}, "externalIPs are refused"),
    ],
)
def test_service_exposure__admission(admin: Account, managed: str, spec: Object, reason: str) -> None:
    """As the administrator, so that neither RBAC nor a quota has a say; both when made and when changed."""
    answer = admin.try_create(thing("Service", "a", managed, spec=spec))
    assert answer.code == 422
    assert reason in answer.message
    name = f"web-{preview_name()}"
    assert admin.create(thing("Service", name, managed, spec=PORT)).done
    assert reason in admin.patch(path_of("Service", managed, name), {"spec": spec}, dry_run=True).message


@pytest.fixture(scope="module")
def bounded(admin: Account) -> Iterator[str]:
    """Only a preview's quota stands here."""
    with namespace(admin) as name:
        assert admin.create(thing("ResourceQuota", "preview", name, spec={"hard": QUOTA})).done
        yield name


def exceeds(admin: Account, item: Object) -> None:
    until("the quota refuses it", lambda: "exceeded quota: preview" in admin.try_create(item).message)


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_service_exposure__quota(admin: Account, bounded: str, kind: str) -> None:
    exceeds(admin, thing("Service", "a", bounded, spec={**PORT, "type": kind}))


def test_resource_bombs__quota(admin: Account, bounded: str) -> None:
    huge = {**CLAIM, "resources": {"requests": {"storage": "1Pi"}}}
    exceeds(admin, thing("PersistentVolumeClaim", "a", bounded, spec=huge))
    thirsty = {"cpu": "100", "memory": "1Ti", "ephemeral-storage": "1Ti"}
    container = {"name": "a", "image": "a", "resources": {"requests": thirsty, "limits": thirsty}}
    exceeds(admin, thing("Pod", "a", bounded, spec={"containers": [container]}))


def test_resource_bombs__quota_of_jobs(admin: Account, bounded: str) -> None:
    """A clock that ticks every minute, and whose jobs do not end, has had its last one then."""
    most = int(QUOTA["count/jobs.batch"])
    idle = {**JOB, "suspend": True}
    until("the first job", lambda: admin.create(thing("Job", "tick-0", bounded, spec=idle)).done)
    later = [admin.create(thing("Job", f"tick-{tick}", bounded, spec=idle)).message for tick in range(1, most)]
    assert later == [""] * (most - 1)
    exceeds(admin, thing("Job", f"tick-{most}", bounded, spec=idle))


def test_a_tenant_writes_its_seven_kinds(admin: Account, managed: str) -> None:
    mine = almighty(admin, tenant(managed))
    for kind, fields in TENANTS_KINDS.items():
        assert mine.try_create(thing(kind, "a", managed, **fields)).message == ""


@pytest.mark.parametrize("kind", TENANTS_KINDS)
def test_cluster_scoped_or_foreign_namespace__admission_elsewhere(
    admin: Account, managed: str, foreign: str, kind: str
) -> None:
    fields = TENANTS_KINDS[kind]
    mine = almighty(admin, tenant(managed))
    with preview(admin) as neighbour:
        for where in (neighbour, foreign, "default", "kube-system", SYSTEM, TENANTS):
            answer = mine.try_create(thing(kind, "a", where, **fields))
            assert (answer.code, "only in its own namespace" in answer.message) == (403, True)
    # Being named like a namespace is not enough, it must be a preview's.
    answer = almighty(admin, tenant(foreign)).try_create(thing(kind, "a", foreign, **fields))
    assert (answer.code, "labelled reviewbot.dev/managed=true" in answer.message) == (403, True)


def test_no_policy_guards_the_policies(admin: Account, managed: str) -> None:
    """The server exempts them. Only RBAC and constrained impersonation stand there."""
    loose = thing(
        "ValidatingAdmissionPolicyBinding",
        "a",
        spec={"policyName": "reviewbot-tenant-kinds", "validationActions": ["Audit"]},
    )
    assert almighty(admin, tenant(managed)).try_create(loose).done


def test_in_namespace_privilege__admission_of_subresources(admin: Account, managed: str) -> None:
    mine, dry = almighty(admin, tenant(managed)), {"dryRun": "All"}
    assert admin.create(thing("Deployment", "scaled", managed, spec={**SET, "replicas": 0})).done
    deployment, pod = path_of("Deployment", managed, "scaled"), path_of("Pod", managed, "a")
    answers = {
        "scale": mine.patch(f"{deployment}/scale", {"spec": {"replicas": 100}}, dry_run=True),
        "status": mine.patch(f"{deployment}/status", {"status": {"replicas": 1}}, dry_run=True),
        "exec": mine.call("POST", f"{pod}/exec", query={"command": "id", "stdout": "true"}),
        "token": mine.call("POST", path_of("ServiceAccount", managed, "default") + "/token", {"spec": {}}, query=dry),
    }
    assert [name for name, answer in answers.items() if "subresources are refused" not in answer.message] == []
