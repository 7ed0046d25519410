"""The policy on the controller's own writes, with RBAC out of the way.

The administrator speaks in the controller's name and adds the group system:masters: RBAC then allows everything,
as if the account had been bound to cluster-admin by mistake. All of it is dry runs.
"""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.model import Served
from reviewbot.render.route import route
from tests.contract.kube import (
    CONTROLLER,
    MANAGED,
    RESTRICTED,
    SYSTEM,
    TENANTS,
    Account,
    Object,
    binding,
    deployer,
    path_of,
    preview_name,
    steward,
    subject,
    thing,
    until,
)
from tests.unit.builders import a_state

pytestmark = pytest.mark.usefixtures("installed")

VERSION = "pod-security.kubernetes.io/enforce-version"
ENFORCE = "pod-security.kubernetes.io/enforce"


@pytest.fixture(scope="module")
def admin(admin: Account) -> Account:
    until(
        "policies are in force",
        lambda: not admin.acting_as(CONTROLLER, "system:masters").try_create(space()).done,
    )
    return admin


@pytest.fixture(scope="module")
def bot(admin: Account) -> Account:
    """The controller, were RBAC not there."""
    return admin.acting_as(CONTROLLER, "system:masters")


def space(name: str = "", **labels: str) -> Object:
    return thing("Namespace", name or preview_name(), labels=labels)


def secret(where: str, name: str, kind: str = "Opaque", **annotations: str) -> Object:
    item = thing("Secret", name, where, type=kind)
    item["metadata"]["annotations"] = annotations
    if kind == "kubernetes.io/dockerconfigjson":
        item["stringData"] = {".dockerconfigjson": "{}"}
    return item


def a_route(where: str, name: str = "preview", **spec: Any) -> Object:
    made = route(where, "shop.walls.invalid", a_state(), "gateways/shared")
    return {**made, "metadata": {"name": name, "namespace": where}, "spec": {**made["spec"], **spec}}


def to(**backend: Any) -> Object:
    return {"backendRefs": [{"name": "web", "port": 80, **backend}]}


def test_bot_account_stolen__admission_of_namespaces(bot: Account) -> None:
    good = {**MANAGED, **RESTRICTED}
    for accepted in (
        space(**good),
        space(**good, **{VERSION: "v1.30"}),
        space(**good, **{VERSION: "latest"}),
    ):
        assert bot.try_create(accepted).message == ""
    refused = {
        "no labels": space(),
        "not managed": space(**RESTRICTED),
        "managed by another word": space(**{**good, "reviewbot.dev/managed": "yes"}),
        "no Pod Security": space(**MANAGED),
        "Pod Security baseline": space(**{**good, ENFORCE: "baseline"}),
        "Pod Security only warns": space(**MANAGED, **{"pod-security.kubernetes.io/warn": "restricted"}),
        "an old Pod Security": space(**good, **{VERSION: "v1.18"}),
        "another prefix": space("shop", **good),
        "a short name": space("rb-1", **good),
        "a longer name": space(preview_name() + "x", **good),
    }
    assert bot.not_refused("reviewbot may only create namespaces", refused) == []


def test_bot_account_stolen__admission_of_changes_to_namespaces(
    admin: Account, bot: Account, managed: str, foreign: str
) -> None:
    for name in (managed, foreign, "kube-system", SYSTEM):
        path = path_of("Namespace", name=name)
        current = admin.call("GET", path).body
        relabelled = bot.patch(path, {"metadata": {"labels": MANAGED | {"x": "y"}}}, dry_run=True)
        status = bot.patch(f"{path}/status", {"status": {"phase": "Active"}}, dry_run=True)
        finalized = bot.call("PUT", f"{path}/finalize", {**current, "spec": {}}, query={"dryRun": "All"})
        for answer in (relabelled, status, finalized):
            assert answer.code == 422
            assert "reviewbot may not change namespaces" in answer.message


def test_bot_account_stolen__admission_of_deletions(bot: Account, managed: str, foreign: str) -> None:
    dry = {"dryRun": "All"}
    assert bot.call("DELETE", path_of("Namespace", name=managed), query=dry).done
    for name in (foreign, SYSTEM, TENANTS):
        answer = bot.call("DELETE", path_of("Namespace", name=name), query=dry)
        assert answer.code == 422
        assert "reviewbot may only delete namespaces labelled" in answer.message


def test_bot_account_stolen__admission_of_bindings(bot: Account, managed: str, foreign: str) -> None:
    me, its_tenant = subject("reviewbot", SYSTEM), subject(managed, TENANTS)
    renamed = [
        {**item, "metadata": {**item["metadata"], "name": "again"}} for item in (steward(managed), deployer(managed))
    ]
    assert [bot.try_create(item).message for item in renamed] == ["", ""]
    refused = {
        "cluster-admin to itself": binding(managed, "cluster-admin", me),
        "edit to the tenant": binding(managed, "edit", its_tenant),
        "steward to the tenant": binding(managed, "reviewbot-ns-steward", its_tenant),
        "steward to web": binding(managed, "reviewbot-ns-steward", subject("reviewbot-web", SYSTEM)),
        "deployer to itself": binding(managed, "reviewbot-tenant-deployer", me),
        "deployer to another tenant": binding(managed, "reviewbot-tenant-deployer", subject("rb-other", TENANTS)),
        "deployer to the pods' account": binding(managed, "reviewbot-tenant-deployer", subject("default", managed)),
        "two subjects": binding(managed, "reviewbot-ns-steward", me, its_tenant),
        "nobody": binding(managed, "reviewbot-ns-steward"),
        "a user": binding(managed, "reviewbot-ns-steward", {"kind": "User", "name": "reviewbot"}),
        "a group": binding(managed, "reviewbot-ns-steward", {"kind": "Group", "name": "system:authenticated"}),
        "a Role of that name": binding(managed, "reviewbot-ns-steward", me, kind="Role"),
        **{f"in {name}": steward(name) for name in (foreign, "kube-system", "default", SYSTEM, TENANTS)},
    }
    assert bot.not_refused("reviewbot-own-writes", refused) == []


def test_bot_account_stolen__admission_of_secrets(bot: Account, managed: str, foreign: str) -> None:
    docker = "kubernetes.io/dockerconfigjson"
    names = ("reviewbot-config-0123456789", "reviewbot-generated", "reviewbot-addons")
    assert [bot.try_create(secret(managed, name)).message for name in names] == ["", "", ""]
    assert bot.try_create(secret(managed, "reviewbot-pull", docker)).message == ""
    account = {"kubernetes.io/service-account.name": "default"}
    refused = {
        "a token": secret(managed, "reviewbot-config", "kubernetes.io/service-account-token", **account),
        "a bootstrap token": secret(managed, "reviewbot-config", "bootstrap.kubernetes.io/token"),
        "another name": secret(managed, "app"),
        "a name that only starts so": secret(managed, "reviewbot-configuration"),
        "a registry password that pods can read": secret(managed, "reviewbot-config", docker),
        "a pull secret that is none": secret(managed, "reviewbot-pull"),
        **{f"in {name}": secret(name, "reviewbot-config") for name in (foreign, "kube-system", SYSTEM, TENANTS)},
    }
    assert bot.not_refused("reviewbot-own-writes", refused) == []


def test_bot_account_stolen__admission_of_routes(bot: Account, managed: str, foreign: str) -> None:
    own = replace(a_state(), served=Served("db", 5432, 5432))
    for accepted in (a_route(managed), route(managed, "shop.walls.invalid", own, "gateways/shared")):
        assert bot.try_create(accepted).message == ""
    gateway, elsewhere = {"name": "shared", "namespace": "gateways"}, {"requestRedirect": {"hostname": "a.invalid"}}
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "a", "namespace": foreign, "port": 80}}}
    refused = {
        "another name": a_route(managed, "second"),
        "no host": a_route(managed, hostnames=[]),
        "every host": a_route(managed, hostnames=["*.walls.invalid"]),
        "two hosts": a_route(managed, hostnames=["shop.walls.invalid", "www.walls.invalid"]),
        "no Gateway": a_route(managed, parentRefs=[]),
        "two Gateways": a_route(managed, parentRefs=[gateway, {**gateway, "name": "internal"}]),
        "the mesh": a_route(managed, parentRefs=[{"kind": "Service", "group": "", "name": "web"}]),
        "a Service elsewhere": a_route(managed, rules=[to(), to(namespace=foreign)]),
        "no Service": a_route(managed, rules=[to(kind="Bucket", group="storage.example.com")]),
        "a redirect": a_route(managed, rules=[{"filters": [{"type": "RequestRedirect", **elsewhere}]}]),
        "a copy": a_route(managed, rules=[{**to(), "filters": [mirror]}]),
        "a copy, at a backend": a_route(managed, rules=[to(filters=[mirror])]),
        **{f"in {name}": a_route(name) for name in (foreign, "kube-system", SYSTEM)},
    }
    assert bot.not_refused("reviewbot-own-writes", refused) == []
