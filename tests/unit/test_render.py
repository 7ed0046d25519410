"""What is written to the cluster, whole: namespace, walls, workload and route as snapshots."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from reviewbot.model import (
    Addon,
    AppSpec,
    ConfigVar,
    HealthCheck,
    Nodes,
    Placement,
    Process,
    Release,
    RepositoryConfig,
    Resources,
    Script,
    Served,
    Toleration,
)
from reviewbot.render.addons import addon_objects, addon_volume, definition
from reviewbot.render.jobs import postdeploy_job, release_job
from reviewbot.render.names import NETWORK, NO_NETWORK, PROCESS, Address, namespace, tenant
from reviewbot.render.release import Surroundings, release
from reviewbot.render.route import route
from reviewbot.render.secrets import addon_secret, config_secret, generated_secret
from reviewbot.render.walls import gateway_policy, managed_namespace, network_policies, walls
from reviewbot.render.workload import tenant_objects
from reviewbot.spec.variables import OURS, is_ours
from tests.unit.builders import CACHE, DATABASE, HEAD, OLDER, REF, a_pull, a_release, a_state

NAMESPACE = namespace(REF)
WEB = Process("web", "bin/web --port $PORT", 2)
WORKER = Process("worker", "bin/work", 3)
CHECKED = (
    HealthCheck("startup", "/up", attempts=30),
    HealthCheck("readiness", command=("bin/ready", "now")),
    HealthCheck("liveness", port=9000, delay=10, period=20, timeout=3),
)
RELEASES = {
    "web only": a_release(processes=(WEB,)),
    "web and worker": a_release(processes=(WEB, WORKER)),
    "without a Procfile": a_release(processes=(Process("web", None, 1),)),
    "with generated variables": a_release(generated=("SECRET_KEY", "SESSION_KEY")),
    "with a health path": a_release(health="/healthz"),
    "with a port and a user of its own": a_release(port=3000, run_as_user=1000),
    "where an administrator wants it": a_release(
        processes=(WEB, replace(WORKER, size="large")),
        nodes=Nodes(
            {"pool": "previews"},
            (Toleration("only", "previews", "NoSchedule"), Toleration("spot", None, "NoExecute")),
            "gvisor",
        ),
        resources={"default": Resources(), "large": Resources({"cpu": "50m"}, {"cpu": "1", "memory": "1Gi"})},
    ),
    "with health checks": a_release(processes=(Process("web", "bin/web", 1, checks=CHECKED),)),
    "with a last word": a_release(predestroy=Script("bin/tidy", "large")),
    "with a pull secret": a_release(pull_secret="reviewbot-pull-acme"),
}


def test_namespace(snapshot: SnapshotAssertion) -> None:
    assert managed_namespace(REF) == snapshot


def test_walls(snapshot: SnapshotAssertion) -> None:
    assert walls(NAMESPACE, "namespace-uid", "reviewbot-gateway") == snapshot


@pytest.mark.parametrize("name", RELEASES)
def test_workload(name: str, snapshot: SnapshotAssertion) -> None:
    assert tenant_objects(RELEASES[name], NAMESPACE) == snapshot


def test_secrets(snapshot: SnapshotAssertion) -> None:
    wanted = a_release(config={"PORT": "8080", "GREETING": "höi\n"}, generated=("SECRET_KEY",))
    generated = generated_secret("SECRET_KEY", "random", NAMESPACE)
    assert [config_secret(wanted, NAMESPACE), generated, addon_secret(DATABASE, "pass", NAMESPACE)] == snapshot


def test_scripts(snapshot: SnapshotAssertion) -> None:
    wanted = a_release(command=Script("bin/migrate"), postdeploy=Script("bin/seed"), addons=(DATABASE,))
    assert [release_job(wanted, NAMESPACE), postdeploy_job(wanted, NAMESPACE)] == snapshot


@pytest.mark.parametrize("addon", [DATABASE, CACHE], ids=["on a volume", "without a volume"])
def test_addons(addon: Addon, snapshot: SnapshotAssertion) -> None:
    objects = addon_objects(addon, a_release(pull_secret="reviewbot-pull-acme"), NAMESPACE)
    assert [addon_volume(addon, NAMESPACE), *objects] == snapshot


@pytest.mark.parametrize(
    "change", [{"image": "registry.example.com/postgres:18"}, {"storage": None}, {"env": {}}, {"port": 1}]
)
def test_another_server_is_another_definition(change: dict[str, Any]) -> None:
    other = replace(DATABASE, service=replace(DATABASE.service, **change))
    assert definition(other, a_release()) != definition(DATABASE, a_release())


def test_another_release_has_the_same_server() -> None:
    assert definition(DATABASE, a_release(id="other", sha=OLDER, config={})) == definition(DATABASE, a_release())


def test_the_way_to_a_repositorys_own_service() -> None:
    own = a_state(served=Served("shop", 8000, "app"))
    [rule] = route(NAMESPACE, "shop.example.com", own, "gateways/public")["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": "shop", "port": 8000}]
    policy = gateway_policy(NAMESPACE, "gateways", "app")
    usual = next(each for each in network_policies(NAMESPACE, "gateways") if "gateway" in each["metadata"]["name"])
    assert policy["metadata"]["name"] == "allow-from-gateway-app"
    [way], [usual_way] = policy["spec"].pop("ingress"), usual["spec"].pop("ingress")
    assert way == {**usual_way, "ports": [{"port": "app", "protocol": "TCP"}]}
    assert policy["spec"] == usual["spec"]


def test_route(snapshot: SnapshotAssertion) -> None:
    assert route(NAMESPACE, "shop-pr-12-abcdefghij.preview.example.com", a_state(), "gateways/public") == snapshot


def test_the_walls_stand_in_the_order_in_which_they_protect() -> None:
    written = [(item["kind"], item["metadata"]["name"]) for item in walls(NAMESPACE, "uid", "gateways")]
    assert written == [
        ("ServiceAccount", NAMESPACE),
        ("RoleBinding", "steward"),
        ("RoleBinding", "deployer"),
        ("NetworkPolicy", "default-deny"),
        ("NetworkPolicy", "allow-dns"),
        ("NetworkPolicy", "allow-inside"),
        ("NetworkPolicy", "allow-from-gateway"),
        ("NetworkPolicy", "allow-internet"),
        ("ResourceQuota", "preview"),
        ("LimitRange", "preview"),
    ]


@pytest.mark.parametrize(
    ("labels", "selected"),
    [
        ({}, ["allow-dns", "allow-from-gateway", "allow-inside", "allow-internet", "default-deny"]),
        ({NETWORK: NO_NETWORK, PROCESS: "web"}, ["default-deny"]),
    ],
)
def test_a_pod_without_a_network_has_no_exception(labels: dict[str, str], selected: list[str]) -> None:
    def selects(policy: dict[str, Any]) -> bool:
        selector = policy["spec"]["podSelector"]
        assert selector.keys() <= {"matchExpressions"}
        terms = selector.get("matchExpressions", [])
        assert {term["operator"] for term in terms} <= {"NotIn"}
        return all(labels.get(term["key"]) not in term["values"] for term in terms)

    policies = network_policies(NAMESPACE, "gateways")
    assert sorted(policy["metadata"]["name"] for policy in policies if selects(policy)) == selected


def test_dns_is_reached_where_each_node_has_a_cache_of_it() -> None:
    [policy] = [each for each in network_policies(NAMESPACE, "gateways") if each["metadata"]["name"] == "allow-dns"]
    [way] = policy["spec"]["egress"]
    assert {port["port"] for port in way["ports"]} == {53}
    [pods, addresses] = way["to"]
    [labelled] = pods["podSelector"]["matchExpressions"]
    assert (labelled["key"], labelled["values"]) == ("k8s-app", ["kube-dns", "node-local-dns"])
    nodes_own = ip_network(addresses["ipBlock"]["cidr"])
    # Those of NodeLocal DNSCache, of GKE's Cloud DNS and of kubespray.
    assert all(ip_address(each) in nodes_own for each in ("169.254.20.10", "169.254.169.254", "169.254.25.10"))


def test_the_service_is_applied_last() -> None:
    kinds = [item["kind"] for item in tenant_objects(RELEASES["web and worker"], NAMESPACE)]
    assert kinds == ["Deployment", "Deployment", "Service"]
    assert [item["kind"] for item in tenant_objects(RELEASES["with a last word"], NAMESPACE)][-1] == "Service"


def test_the_tenant_lives_outside_the_preview() -> None:
    (account,) = (item for item in walls(NAMESPACE, "uid", "gateways") if item["kind"] == "ServiceAccount")
    place = (account["metadata"]["namespace"], account["metadata"]["name"])
    assert tenant(NAMESPACE) == "system:serviceaccount:{}:{}".format(*place)


APP = AppSpec(
    processes=(WEB,),
    env=(
        ConfigVar("GREETING", "hello"),
        ConfigVar("SECRET_KEY", generated=True),
        ConfigVar("FIXED_KEY", "fixed", generated=True),
        ConfigVar("OPTIONAL", required=False),
        ConfigVar("REVIEWBOT_SHA", "forged"),
        ConfigVar("PORT", "1"),
    ),
)
ADDRESS = Address("shop-pr-12-abcdefghij", "https://preview.example.com:8443")
AROUND = Surroundings(ADDRESS, "host key")


def placed(**nodes: Any) -> Surroundings:
    return replace(AROUND, placement=Placement(Nodes(**nodes), {}))


def of(app: AppSpec = APP, **changes: Any) -> Release:
    values: dict[str, Any] = {"pull": a_pull(), "image": "shop:1", "config": RepositoryConfig(), "around": AROUND}
    return release(app, **(values | changes))


def test_a_release_is_what_the_commit_wants_to_run() -> None:
    made = of()
    url = "https://shop-pr-12-abcdefghij.preview.example.com:8443"
    assert made == Release(
        id=made.id,
        sha=HEAD,
        image="shop:1",
        processes=(WEB,),
        config={
            "GREETING": "hello",
            "FIXED_KEY": "fixed",
            "PORT": "8080",
            "REVIEWBOT_URL": url,
            "REVIEWBOT_PR_NUMBER": "12",
            "REVIEWBOT_SHA": HEAD,
            "HEROKU_APP_NAME": "shop-pr-12-abcdefghij",
            "HEROKU_APP_ID": "shop-pr-12-abcdefghij",
            "HEROKU_BRANCH": "socks",
            "HEROKU_PARENT_APP_NAME": "shop",
            "HEROKU_PR_NUMBER": "12",
            "HEROKU_SLUG_COMMIT": HEAD,
            "HEROKU_SLUG_DESCRIPTION": "Deploy aaaaaaa",
            "HEROKU_RELEASE_VERSION": "aaaaaaa",
        },
        generated=("SECRET_KEY",),
        health=None,
        resources={"default": Resources()},
    )


SMALL = Resources({"memory": "64Mi"}, {"memory": "128Mi"})
CHANGES: dict[str, dict[str, Any]] = {
    "commit": {"pull": a_pull(head="a" * 39 + "b")},
    "branch": {"pull": a_pull(head_ref="shirts")},
    "number": {"pull": a_pull(number=13)},
    "image": {"image": "shop:2"},
    "health": {"config": RepositoryConfig(health="/")},
    "port": {"config": RepositoryConfig(port=3000)},
    "user": {"config": RepositoryConfig(run_as_user=1000)},
    "address": {"around": replace(AROUND, address=Address("other", "https://preview.example.com"))},
    "labels of nodes": {"around": placed(selector={"pool": "previews"})},
    "taints of nodes": {"around": placed(tolerations=(Toleration("pool", None, "NoExecute"),))},
    "runtime": {"around": placed(runtime_class="gvisor")},
    "size": {"app": AppSpec((replace(WEB, size="other"),), APP.env)},
    "what a size means": {"around": replace(AROUND, placement=Placement(Nodes(), {"default": SMALL}))},
    "pull secret": {"around": replace(AROUND, pull_secret="registry")},
    "key": {"around": replace(AROUND, key="another")},
    "command": {"app": AppSpec((Process("web", "bin/other", 2),), APP.env)},
    "entry point": {"app": AppSpec((Process("web", None, 2),), APP.env)},
    "quantity": {"app": AppSpec((Process("web", WEB.command, 3),), APP.env)},
    "another process": {"app": AppSpec((WEB, WORKER), APP.env)},
    "config var": {"app": AppSpec((WEB,), (ConfigVar("GREETING", "bye"), *APP.env[1:]))},
    "generated variable": {"app": AppSpec((WEB,), (*APP.env, ConfigVar("MORE", generated=True)))},
}


def test_the_port_is_told_to_the_app() -> None:
    made = of(config=RepositoryConfig(port=3000))
    assert (made.port, made.config["PORT"]) == (3000, "3000")


def test_the_same_inputs_give_the_same_release() -> None:
    renamed = a_pull(title="Another title", draft=True, merge_sha="c" * 40, base_ref="next")
    reordered = AppSpec((WEB,), (*APP.env[1:], APP.env[0]), success_path="/x", warnings=("a warning",))
    unused = replace(AROUND, placement=Placement(Nodes(), {"other": SMALL}))
    assert {of().id, of(pull=renamed).id, of(reordered).id, of(around=unused).id} == {of().id}
    copied = [replace(AROUND, pull_secret=name) for name in ("registry", "another-registry")]
    assert len({of(around=around).id for around in copied}) == 1
    assert of().id.startswith("aaaaaaa-")
    assert len(of().id) == 18


def test_any_change_gives_another_release() -> None:
    ids = [of(**change).id for change in CHANGES.values()]
    assert len({of().id, *ids}) == 1 + len(CHANGES)


def test_every_variable_that_we_set_is_known_as_ours() -> None:
    given = of(AppSpec((WEB,)))
    assert [name for name in given.config if not is_ours(name)] == []
    assert set(given.config) >= OURS
