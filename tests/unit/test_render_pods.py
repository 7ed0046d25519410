"""Every pod template that we make passes Pod Security "restricted" and the policy reviewbot-tenant-pods."""

import json
import re
from typing import Any

import pytest

from reviewbot.model import HealthCheck, Nodes, Process, Release, RepositoryConfig, Resources, Script, Toleration
from reviewbot.render.addons import addon_objects
from reviewbot.render.jobs import postdeploy_job, predestroy_job, release_job
from reviewbot.render.names import Address, namespace
from reviewbot.render.release import Surroundings
from reviewbot.render.release import release as release_of
from reviewbot.render.secrets import config_secret, generated_secret
from reviewbot.render.workload import process_name, tenant_objects
from reviewbot.spec import parse_app
from reviewbot.spec.placement import parse_placement
from tests.unit.builders import CACHE, DATABASE, REF, a_pull, a_release

WEB = Process("web", "bin/web", 1)
ENTRY_POINT = Process("web", None, 1)
LONGEST = Process("w" * 40, "bin/work", 10)
RELEASES = [
    a_release(processes=processes, generated=generated, health=health)
    for processes in ((WEB,), (ENTRY_POINT,), (WEB, Process("worker", "bin/work", 2)), (WEB, LONGEST))
    for generated in ((), ("SECRET_KEY",))
    for health in (None, "/healthz")
] + [
    a_release(port=3000, run_as_user=1000, pull_secret="reviewbot-pull-acme"),
    a_release(nodes=Nodes({"pool": "x"}, (Toleration("only", None, "NoSchedule"),), "gvisor")),
    a_release(resources={"default": Resources({"cpu": "50m"}, {"cpu": "1"})}),
    a_release(processes=(Process("web", "bin/web", 1, checks=(HealthCheck("liveness", "/live"),)),)),
    a_release(predestroy=Script("bin/tidy"), addons=(DATABASE, CACHE)),
]
_WITH_SCRIPTS = a_release(command=Script("bin/migrate"), postdeploy=Script("bin/seed"), addons=(DATABASE,))
DEPLOYMENTS = [
    item for release in RELEASES for item in tenant_objects(release, namespace(REF)) if item["kind"] == "Deployment"
]
TEMPLATES = [
    *DEPLOYMENTS,
    predestroy_job(a_release(predestroy=Script("bin/tidy")), namespace(REF)),
    release_job(_WITH_SCRIPTS, namespace(REF)),
    postdeploy_job(_WITH_SCRIPTS, namespace(REF)),
    *(
        item
        for addon in (DATABASE, CACHE)
        for item in addon_objects(addon, a_release(), namespace(REF))
        if item["kind"] == "StatefulSet"
    ),
]
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
READABLE_SECRET = re.compile(r"^reviewbot-(config|generated|addons)(-[a-z0-9-]+)?$")


def pod(deployment: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("deployment", TEMPLATES, ids=range(len(TEMPLATES)))
class TestPodTemplate:
    def test_is_restricted(self, deployment: dict[str, Any]) -> None:
        spec = pod(deployment)
        restricted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert restricted.items() <= spec["securityContext"].items()
        assert set(spec["securityContext"]) - {"runAsUser", "runAsGroup", "fsGroup"} == set(restricted)
        assert spec["securityContext"].get("runAsUser") != 0
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
            assert not any("hostPort" in port for port in container.get("ports", []))

    def test_has_no_field_beyond_what_we_mean(self, deployment: dict[str, Any]) -> None:
        spec = pod(deployment)
        placed = {"imagePullSecrets", "nodeSelector", "tolerations", "runtimeClassName", "restartPolicy", "volumes"}
        assert set(spec) - placed == {
            "serviceAccountName",
            "automountServiceAccountToken",
            "enableServiceLinks",
            "terminationGracePeriodSeconds",
            "securityContext",
            "containers",
        }
        assert spec.get("imagePullSecrets", [{"name": "reviewbot-pull"}]) == [{"name": "reviewbot-pull"}]
        allowed = {"name", "image", "command", "args", "env", "envFrom", "ports", "resources", "volumeMounts"}
        allowed |= {"securityContext", "readinessProbe", "livenessProbe"}
        assert all(set(container) <= allowed for container in spec["containers"])
        assert all(
            set(volume) - {"name"} <= {"persistentVolumeClaim", "emptyDir"} for volume in spec.get("volumes", ())
        )

    def test_has_no_account(self, deployment: dict[str, Any]) -> None:
        spec = pod(deployment)
        assert spec["serviceAccountName"] == "default"
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert 0 < spec["terminationGracePeriodSeconds"] <= 30

    def test_reads_only_its_own_secrets(self, deployment: dict[str, Any]) -> None:
        for container in pod(deployment)["containers"]:
            named = [each["secretRef"]["name"] for each in container.get("envFrom", ())]
            named += [each["valueFrom"]["secretKeyRef"]["name"] for each in container["env"] if "valueFrom" in each]
            assert named
            assert all(READABLE_SECRET.match(name) for name in named)

    def test_has_valid_names(self, deployment: dict[str, Any]) -> None:
        names = [deployment["metadata"]["name"], *(each["name"] for each in pod(deployment)["containers"])]
        assert all(DNS_LABEL.fullmatch(name) for name in names)
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert all(len(value) <= 63 for value in labels.values())


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=range(len(DEPLOYMENTS)))
class TestDeployment:
    def test_is_selected_by_its_own_labels(self, deployment: dict[str, Any]) -> None:
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert set(labels) >= {"reviewbot.dev/release", "reviewbot.dev/process"}

    def test_counts_as_available_only_when_it_stays_up(self, deployment: dict[str, Any]) -> None:
        (container,) = pod(deployment)["containers"]
        probed, waits = "readinessProbe" in container, deployment["spec"].get("minReadySeconds", 0) >= 5
        assert probed != waits
        assert probed == (container["name"] == "web")


def objects(release: Release) -> list[dict[str, Any]]:
    return tenant_objects(release, namespace(REF))


def test_the_service_selects_web_of_its_release_only() -> None:
    release = a_release(processes=(WEB, LONGEST))
    (service,) = (item for item in objects(release) if item["kind"] == "Service")
    web, worker = (item for item in objects(release) if item["kind"] == "Deployment")
    selector = service["spec"]["selector"].items()
    assert selector <= web["spec"]["template"]["metadata"]["labels"].items()
    assert not selector <= worker["spec"]["template"]["metadata"]["labels"].items()
    assert set(service["spec"]) == {"selector", "ports"}
    assert service["metadata"]["name"] == process_name("web", release.id)


def test_everything_stays_inside_the_namespace() -> None:
    for release in RELEASES:
        for item in objects(release):
            assert item["metadata"]["namespace"] == namespace(REF)
            assert not {"finalizers", "ownerReferences"} & set(item["metadata"])


def test_secrets_are_immutable_and_no_tokens() -> None:
    secrets = [config_secret(a_release(), "rb-x"), generated_secret("SECRET_KEY", "random", "rb-x")]
    for secret in secrets:
        assert (secret["type"], secret["immutable"]) == ("Opaque", True)
        assert READABLE_SECRET.match(secret["metadata"]["name"])


def test_every_generated_variable_has_a_secret_of_its_own() -> None:
    names = {generated_secret(variable, "x", "rb-x")["metadata"]["name"] for variable in ("A", "a", "A_B", "AB")}
    assert len(names) == 4


BRANCHES = ("$(touch /x)", "a;touch /x", "`touch /x`", "a\nkind: Pod", "../../x", "--touch=x", "$(PORT)")


@pytest.mark.parametrize("branch", BRANCHES)
def test_paths_shell_ssrf__a_branch_is_a_value_and_nothing_else(branch: str) -> None:
    """Nothing of it is run, filled in, or in a name: it is the one config var."""
    around = Surroundings(Address("shop", "https://preview.example.com"), "key", parse_placement({}))
    made = release_of(parse_app(b"web: run", None), a_pull(head_ref=branch), "shop:1", RepositoryConfig(), around)
    secret = config_secret(made, "rb-x")
    assert [name for name, value in secret["stringData"].items() if value == branch] == ["HEROKU_BRANCH"]
    assert json.dumps(branch)[1:-1] not in json.dumps(tenant_objects(made, "rb-x"))


def test_two_releases_share_no_object() -> None:
    one, other = (
        {(item["kind"], item["metadata"]["name"]) for item in [config_secret(each, "rb-x"), *objects(each)]}
        for each in (a_release(), a_release(id="aaaaaaa-9999999999"))
    )
    assert not one & other
