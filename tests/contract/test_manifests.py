"""The files of `manifests/` among themselves, and against a server that has them installed."""

import re
import subprocess
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.contract.kube import SYSTEM, Account, Cluster, Object, path_of, service_account, thing, until

pytestmark = pytest.mark.usefixtures("installed")

MANIFESTS = Path(__file__).parents[2] / "manifests"
BUILDS = [".", "cluster", "workloads", "example", "variants/plain-impersonation"]
SETTINGS = (
    "GITHUB_APP_ID GITHUB_APP_PRIVATE_KEY GITHUB_WEBHOOK_SECRET GITHUB_API_URL KUBECONFIG PORT "
    "REVIEWBOT_ACCOUNTS REVIEWBOT_URL REVIEWBOT_PREVIEWS_URL REVIEWBOT_HOST_KEY REVIEWBOT_GATEWAY "
    "REVIEWBOT_GATEWAY_ADDRESS REVIEWBOT_IMAGE REVIEWBOT_PULL_SECRET REVIEWBOT_KUSTOMIZE_IMAGE REVIEWBOT_OPS_PORT"
)
POLICIES = {
    "reviewbot-own-writes",
    "reviewbot-web-writes",
    "reviewbot-tenant-pods",
    "reviewbot-tenant-placement",
    "reviewbot-tenant-services",
    "reviewbot-tenant-claims",
    "reviewbot-tenant-kinds",
}


def build(cluster: Cluster, folder: str) -> dict[tuple[str, str], Object]:
    done = subprocess.run(
        [cluster.bin("kubectl"), "kustomize", MANIFESTS / folder], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(done.stdout)}


def containers(built: dict[tuple[str, str], Object]) -> dict[str, Object]:
    pods = {name: item["spec"]["template"]["spec"] for (kind, name), item in built.items() if kind == "Deployment"}
    return {name: container for name, spec in pods.items() for container in spec["containers"]}


@pytest.mark.parametrize("folder", BUILDS)
def test_every_overlay_builds(cluster: Cluster, folder: str) -> None:
    assert build(cluster, folder)


def test_nothing_moves_the_names_that_policies_compare(cluster: Cluster) -> None:
    for folder in BUILDS:
        built = build(cluster, folder)
        if ("ServiceAccount", "reviewbot") not in built:
            continue
        assert built["ServiceAccount", "reviewbot"]["metadata"]["namespace"] == SYSTEM
        bound = {item["spec"]["policyName"] for (kind, _), item in built.items() if kind.endswith("PolicyBinding")}
        assert bound == POLICIES == {name for kind, name in built if kind == "ValidatingAdmissionPolicy"}
        assert all(
            built["ValidatingAdmissionPolicyBinding", name]["spec"]["validationActions"] == ["Deny"] for name in bound
        )


def test_every_setting_is_mentioned() -> None:
    text = "\n".join(path.read_text() for path in (MANIFESTS / "workloads").glob("*.yaml"))
    assert [name for name in SETTINGS.split() if not re.search(rf"\b{name}\b", text)] == []


def test_each_process_gets_only_its_own_secrets(cluster: Cluster) -> None:
    given = {
        name: {
            (reference["name"], reference["key"])
            for variable in container["env"]
            for reference in [variable["valueFrom"]["secretKeyRef"]]
            if reference["key"] == variable["name"]
        }
        for name, container in containers(build(cluster, "workloads")).items()
    }
    assert given == {
        "reviewbot-web": {("reviewbot-web", "GITHUB_WEBHOOK_SECRET")},
        "reviewbot-controller": {
            ("reviewbot-controller", "GITHUB_APP_PRIVATE_KEY"),
            ("reviewbot-controller", "REVIEWBOT_HOST_KEY"),
        },
    }
    for container in containers(build(cluster, "workloads")).values():
        assert container["envFrom"] == [{"configMapRef": {"name": "reviewbot"}}]


def test_the_example_leaves_no_placeholder(cluster: Cluster) -> None:
    built = build(cluster, "example")
    assert {container["image"] for container in containers(built).values()} == {
        "registry.acme.example/tools/reviewbot:v0.1.0"
    }
    hosts = {name: item["spec"]["hostnames"] for (kind, name), item in built.items() if kind == "HTTPRoute"}
    assert hosts == {
        "reviewbot": ["reviewbot.acme.example"],
        "reviewbot-catch-all": ["*.acme-previews.example"],
    }
    own = [
        built["ConfigMap", "reviewbot"],
        built["HTTPRoute", "reviewbot"],
        built["HTTPRoute", "reviewbot-catch-all"],
    ]
    assert "example.com" not in str(own)
    assert "example.org" not in str(own)


def test_the_two_ways_to_impersonate_are_never_granted_together(cluster: Cluster) -> None:
    """Beside the constrained form the plain one wins, and the narrowing is gone."""
    constrained = build(cluster, "cluster")["Role", "reviewbot-impersonation"]["rules"]
    plain = build(cluster, "variants/plain-impersonation")["Role", "reviewbot-impersonation"]["rules"]
    assert [(rule["apiGroups"], rule["verbs"]) for rule in constrained] == [
        (["authentication.k8s.io"], ["impersonate:serviceaccount"])
    ]
    assert [(rule["apiGroups"], rule["verbs"]) for rule in plain] == [([""], ["impersonate"])]


def test_the_tenant_may_do_what_the_controller_may_do_as_it(cluster: Cluster) -> None:
    built = build(cluster, "cluster")
    prefix = "impersonate-on:serviceaccount:"
    through = [
        {**rule, "verbs": [verb.removeprefix(prefix) for verb in rule["verbs"]]}
        for rule in built["ClusterRole", "reviewbot-ns-steward"]["rules"]
        if all(verb.startswith(prefix) for verb in rule["verbs"])
    ]
    assert through == built["ClusterRole", "reviewbot-tenant-deployer"]["rules"]


def test_the_server_has_no_doubts_about_the_policies(admin: Account) -> None:
    for name in POLICIES:
        path = path_of("ValidatingAdmissionPolicy", name=name)
        until(f"{name} has been checked", partial(_checked, admin, path))
        assert admin.call("GET", path).body["status"]["typeChecking"] == {}


def _checked(admin: Account, path: str) -> bool:
    policy = admin.call("GET", path).body
    return bool(policy.get("status", {}).get("observedGeneration") == policy["metadata"]["generation"])


def test_the_server_accepts_the_workloads_without_a_warning(cluster: Cluster, admin: Account) -> None:
    arguments = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "-k",
        str(MANIFESTS / "workloads"),
    ]
    done = subprocess.run(
        [cluster.bin("kubectl"), "--kubeconfig", cluster.kubeconfig, *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("reviewbot-web", "reviewbot-controller"):
        template = build(cluster, "workloads")["Deployment", name]["spec"]["template"]
        assert admin.try_create(thing("Pod", name, SYSTEM, spec=template["spec"])).message == ""


def test_nothing_runs_among_the_tenants(cluster: Cluster, admin: Account) -> None:
    """Where a pod could run as any preview's account."""
    spec = build(cluster, "workloads")["Deployment", "reviewbot-web"]["spec"]["template"]["spec"]
    here = thing("Pod", "a", "reviewbot-tenants", spec={**spec, "serviceAccountName": "default"})
    token = thing("Secret", "a", "reviewbot-tenants", stringData={"a": "b"})

    def refused(item: Object) -> bool:
        return "exceeded quota: accounts-only" in admin.try_create(item).message

    until("pods are refused", lambda: refused(here))
    until("Secrets are refused", lambda: refused(token))


def test_accounts_work_but_hand_out_no_token_by_themselves(cluster: Cluster) -> None:
    built = build(cluster, "cluster")
    for account in ("reviewbot", "reviewbot-web"):
        assert built["ServiceAccount", account]["automountServiceAccountToken"] is False
    with service_account(cluster, "reviewbot-web") as web:
        assert web.call("GET", path_of("ReviewApp", SYSTEM)).done
