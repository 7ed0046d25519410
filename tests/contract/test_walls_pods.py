"""What may run in a preview: Pod Security and the policy reviewbot-tenant-pods, each with the other one absent.

The administrator writes here, so that RBAC never speaks: a namespace labelled restricted only has the one wall,
a namespace labelled managed only has the other. All are dry runs unless a later request needs the object.
"""

import copy
from collections.abc import Iterator

import pytest

from tests.contract.kube import (
    MANAGED,
    RESTRICTED,
    Account,
    Object,
    namespace,
    path_of,
    thing,
    until,
)
from tests.contract.pods import DEPLOYMENT_CONTROLLER, one, pod, pod_spec, verdicts, volume

pytestmark = pytest.mark.usefixtures("installed")

PASSWORD = "reviewbot-pull"
READABLE = [
    "reviewbot-config",
    "reviewbot-config-0123456789",
    "reviewbot-generated",
    "reviewbot-addons-postgresql",
]
UNREADABLE = [
    PASSWORD,
    "reviewbot-pull-config",
    "reviewbot",
    "reviewbot-configuration",
    "x-reviewbot-config",
    "app",
]


@pytest.fixture(scope="module")
def managed(admin: Account) -> Iterator[str]:
    """Only the policies stand here."""
    with namespace(admin, **MANAGED) as name:
        assert admin.create(thing("ServiceAccount", "other", name)).done
        until("the policy is in force", lambda: not admin.try_create(pod(name, hostNetwork=True)).done)
        yield name


@pytest.fixture(scope="module")
def restricted(admin: Account) -> Iterator[str]:
    """Only Pod Security stands here."""
    with namespace(admin, **RESTRICTED) as name:
        yield name


def from_secret(name: str) -> dict[str, Object]:
    """Every way in which a pod can read a Secret."""
    env = {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": name, "key": "k"}}}]}
    env_from = {"envFrom": [{"secretRef": {"name": name}}]}
    return {
        "volume": pod_spec(**volume(secret={"secretName": name})),
        "optional volume": pod_spec(**volume(secret={"secretName": name, "optional": True})),
        "projected": pod_spec(
            **volume(projected={"sources": [{"configMap": {"name": "a"}}, {"secret": {"name": name}}]})
        ),
        "env": pod_spec(env),
        "envFrom": pod_spec(env_from),
        "second container": pod_spec(containers=[one(), one(name="other", **env)]),
        "env of an initContainer": pod_spec(initContainers=[one(name="init", **env)]),
        "envFrom of an initContainer": pod_spec(initContainers=[one(name="init", **env_from)]),
        "envFrom of a sidecar": pod_spec(initContainers=[one(name="init", restartPolicy="Always", **env_from)]),
    }


REFUSED_BY_POLICY: dict[str, tuple[Object, str]] = {
    "another account": ({"serviceAccountName": "other"}, "serviceAccountName must be default"),
    "another account, by its old name": ({"serviceAccount": "other"}, "serviceAccountName must be default"),
    "a token": ({"automountServiceAccountToken": True}, "automountServiceAccountToken must be false"),
    "a token, by default": (
        {"automountServiceAccountToken": None},
        "automountServiceAccountToken must be false",
    ),
    "hostNetwork": ({"hostNetwork": True}, "hostNetwork, hostPID and hostIPC"),
    "hostPID": ({"hostPID": True}, "hostNetwork, hostPID and hostIPC"),
    "hostIPC": ({"hostIPC": True}, "hostNetwork, hostPID and hostIPC"),
    "hostPath": (volume(hostPath={"path": "/"}), "volumes may only be"),
    "nfs": (volume(nfs={"server": "a", "path": "/"}), "volumes may only be"),
    "csi": (volume(csi={"driver": "a"}), "volumes may only be"),
    "csi with a password": (
        volume(csi={"driver": "a", "nodePublishSecretRef": {"name": PASSWORD}}),
        "volumes may only be",
    ),
    "another driver with a password": (
        volume(cephfs={"monitors": ["a"], "secretRef": {"name": PASSWORD}}),
        "volumes may only be",
    ),
    "an image": (volume(image={"reference": "a"}), "volumes may only be"),
    "a projected token": (
        volume(projected={"sources": [{"serviceAccountToken": {"path": "t"}}]}),
        "volumes may only be",
    ),
    "a projected token beside others": (
        volume(
            projected={"sources": [{"secret": {"name": "reviewbot-config"}}, {"serviceAccountToken": {"path": "t"}}]}
        ),
        "volumes may only be",
    ),
    "imagePullSecrets": (
        {"imagePullSecrets": [{"name": "reviewbot-config"}]},
        "imagePullSecrets may only name",
    ),
    "nodeName": ({"nodeName": "n"}, "nodeName is refused"),
    "a system priority": (
        {"priorityClassName": "system-node-critical"},
        "system priority classes are refused",
    ),
    "devices": (
        pod_spec({"resources": {"requests": {"a.example/b": 1, "cpu": "1m"}, "limits": {"a.example/b": 1}}}),
        "resources may only be",
    ),
    "a claimed device": (
        pod_spec(
            {"resources": {"claims": [{"name": "gpu"}]}},
            resourceClaims=[{"name": "gpu", "resourceClaimName": "theirs"}],
        ),
        "resourceClaims is refused",
    ),
    "a long grace": (
        {"terminationGracePeriodSeconds": 31},
        "terminationGracePeriodSeconds may be at most 30",
    ),
}

# Beside each: the part of the answer that names the field.
REFUSED_BY_POD_SECURITY: dict[str, tuple[Object, str]] = {
    "privileged": (
        pod_spec({"securityContext": {"privileged": True, "allowPrivilegeEscalation": True}}),
        "privileged",
    ),
    "privilege escalation": (
        pod_spec({"securityContext": {"allowPrivilegeEscalation": True}}),
        "allowPrivilegeEscalation != false",
    ),
    "a capability": (
        pod_spec({"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}}),
        "capabilities",
    ),
    "capabilities kept": (pod_spec({"securityContext": {"capabilities": {}}}), "unrestricted capabilities"),
    "root": (pod_spec({"securityContext": {"runAsUser": 0}}), "runAsUser=0"),
    "root allowed": (pod_spec({"securityContext": {"runAsNonRoot": False}}), "runAsNonRoot"),
    "seccomp off": (
        pod_spec({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}),
        "seccompProfile",
    ),
    "procMount": (pod_spec({"securityContext": {"procMount": "Unmasked"}}, hostUsers=False), "procMount"),
    "a host port": (pod_spec({"ports": [{"containerPort": 80, "hostPort": 80}]}), "hostPort"),
    "hostNetwork": (pod_spec(hostNetwork=True), "host namespaces"),
    "hostPID": (pod_spec(hostPID=True), "host namespaces"),
    "hostIPC": (pod_spec(hostIPC=True), "host namespaces"),
    "hostPath": (pod_spec(**volume(hostPath={"path": "/"})), "hostPath"),
    "a sysctl": (
        pod_spec(
            securityContext={
                **pod_spec()["securityContext"],
                "sysctls": [{"name": "kernel.msgmax", "value": "1"}],
            }
        ),
        "forbidden sysctls",
    ),
    "seccomp off for all": (
        pod_spec(securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "Unconfined"}}),
        "seccompProfile",
    ),
    "an AppArmor profile off": (
        pod_spec({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}),
        "AppArmor profile",
    ),
    "an SELinux user": (pod_spec({"securityContext": {"seLinuxOptions": {"user": "u"}}}), "seLinuxOptions"),
    "a process of a Windows host": (
        pod_spec({"securityContext": {"windowsOptions": {"hostProcess": True}}}, hostNetwork=True),
        "hostProcess",
    ),
    "a volume of another type": (pod_spec(**volume(nfs={"server": "a", "path": "/"})), "restricted volume types"),
    "an initContainer as root": (
        pod_spec(initContainers=[one(name="init", securityContext={"runAsUser": 0})]),
        "runAsUser=0",
    ),
}


def test_both_walls_accept_what_previews_run(admin: Account, managed: str, restricted: str) -> None:
    volumes: list[Object] = [
        {"name": "a", "configMap": {"name": "a"}},
        {"name": "b", "emptyDir": {}},
        {"name": "c", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "d", "downwardAPI": {"items": []}},
        {"name": "e", "secret": {"secretName": "reviewbot-config-0a"}},
    ]
    wide = pod_spec(volumes=volumes, imagePullSecrets=[{"name": PASSWORD}], terminationGracePeriodSeconds=30)
    for where in (managed, restricted):
        for spec in (pod_spec(), wide):
            assert set(verdicts(admin, where, spec).values()) == {""}


@pytest.mark.parametrize("case", REFUSED_BY_POLICY)
def test_pod_escape_fields__admission(admin: Account, managed: str, case: str) -> None:
    change, reason = REFUSED_BY_POLICY[case]
    spec = {name: value for name, value in pod_spec(**change).items() if value is not None}
    assert [kind for kind, message in verdicts(admin, managed, spec).items() if reason not in message] == []


@pytest.mark.parametrize("name", READABLE)
def test_the_previews_own_secrets_can_be_read(admin: Account, managed: str, name: str) -> None:
    for spec in from_secret(name).values():
        assert set(verdicts(admin, managed, spec).values()) == {""}


@pytest.mark.parametrize("name", UNREADABLE)
def test_in_namespace_privilege__admission_of_secrets(admin: Account, managed: str, name: str) -> None:
    allowed = [
        (way, kind)
        for way, spec in from_secret(name).items()
        for kind, message in verdicts(admin, managed, spec).items()
        if "may only name the Secrets reviewbot-config" not in message
    ]
    assert allowed == []


def test_the_policy_refuses_a_secret_in_an_ephemeral_container(admin: Account, managed: str) -> None:
    made = admin.create(pod(managed, schedulerName="nobody")).body
    path = path_of("Pod", managed, "web") + "/ephemeralcontainers"

    def attach(secret: str) -> str:
        debug = {"name": "debug", "image": "a", "envFrom": [{"secretRef": {"name": secret}}]}
        changed = {**made, "spec": {**made["spec"], "ephemeralContainers": [debug]}}
        return admin.call("PUT", path, changed, query={"dryRun": "All"}).message

    assert "env and envFrom may only name" in attach(PASSWORD)
    assert attach("reviewbot-config") == ""


def test_the_policy_refuses_a_change_but_lets_controllers_finish_what_is_older(admin: Account) -> None:
    with namespace(admin) as where:
        labels = {"app": "web"}
        old = pod_spec(hostNetwork=True)
        spec = {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": old},
        }
        assert admin.create(thing("Deployment", "web", where, spec=spec)).done
        assert admin.patch(path_of("Namespace", name=where), {"metadata": {"labels": MANAGED}}).done
        path = path_of("Deployment", where, "web")
        change: Object = {"metadata": {"annotations": {"a": "b"}}}
        until("the new label counts", lambda: not admin.patch(path, change, dry_run=True).done)
        controller = admin.acting_as(DEPLOYMENT_CONTROLLER, "system:masters")
        assert controller.patch(path, change, dry_run=True).done
        better = {"spec": {"template": {"spec": {**pod_spec(), "hostNetwork": False}}}}
        assert admin.patch(path, better, dry_run=True).done


@pytest.mark.parametrize("case", REFUSED_BY_POD_SECURITY)
def test_pod_escape_fields__pod_security(admin: Account, restricted: str, case: str) -> None:
    spec, reason = REFUSED_BY_POD_SECURITY[case]
    answer = admin.try_create(thing("Pod", "web", restricted, spec=copy.deepcopy(spec)))
    assert answer.code == 403
    assert "violates PodSecurity" in answer.message
    assert reason in answer.message


def test_pod_escape_fields__pod_security_of_an_ephemeral_container(admin: Account, restricted: str) -> None:
    made = admin.create(pod(restricted, schedulerName="nobody")).body
    path = path_of("Pod", restricted, "web") + "/ephemeralcontainers"
    debug = one(name="debug", securityContext={"privileged": True, "allowPrivilegeEscalation": True})
    changed = {**made, "spec": {**made["spec"], "ephemeralContainers": [debug]}}
    answer = admin.call("PUT", path, changed, query={"dryRun": "All"})
    assert (answer.code, "violates PodSecurity" in answer.message) == (403, True)
