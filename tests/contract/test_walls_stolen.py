"""What the thief of the controller's token meets: its own token, live calls, every wall in place."""

import re
from collections.abc import Callable

import pytest

from tests.contract.kube import (
    SYSTEM,
    TENANTS,
    Account,
    Answer,
    Object,
    binding,
    path_of,
    preview,
    steward,
    subject,
    tenant,
    thing,
    until,
)

pytestmark = pytest.mark.usefixtures("installed")

WEB = f"system:serviceaccount:{SYSTEM}:reviewbot-web"


CONFIG = thing("ConfigMap", "a", "", data={})


def into(where: str) -> Object:
    return {**CONFIG, "metadata": {"name": "a", "namespace": where}}


# With the controller's own token: what its thief tries, in the preview it was given and outside.
ATTEMPTS: dict[str, Callable[[Account, str, str], Answer]] = {
    "a pod in a preview": lambda bot, here, _: bot.try_create(thing("Pod", "a", here, spec={"containers": []})),
    "a Deployment as itself": lambda bot, here, _: bot.try_create(thing("Deployment", "a", here, spec={})),
    "a ConfigMap as itself": lambda bot, here, _: bot.try_create(into(here)),
    "every Secret": lambda bot, here, _: bot.call("GET", path_of("Secret", here)),
    "the preview's config": lambda bot, here, _: bot.call("GET", path_of("Secret", here, "reviewbot-config-1")),
    "its own Secrets": lambda bot, _, __: bot.call("GET", path_of("Secret", SYSTEM, "reviewbot-controller")),
    "pods elsewhere": lambda bot, _, there: bot.call("GET", path_of("Pod", there)),
    "a shell in a pod": lambda bot, here, _: bot.call("POST", path_of("Pod", here, "a") + "/exec"),
    "a new label": lambda bot, here, _: bot.patch(path_of("Namespace", name=here), {"metadata": {"labels": {}}}),
    "a foreign namespace's end": lambda bot, _, there: bot.call("DELETE", path_of("Namespace", name=there)),
    "its own binding": lambda bot, here, _: bot.call("DELETE", path_of("RoleBinding", here, "reviewbot-ns-steward")),
    "a binding to cluster-admin": lambda bot, here, _: bot.try_create(
        binding(here, "cluster-admin", subject("reviewbot", SYSTEM))
    ),
    "a Role": lambda bot, here, _: bot.try_create(thing("Role", "a", here, rules=[])),
    "the tenant's token": lambda bot, here, _: bot.call(
        "POST", path_of("ServiceAccount", TENANTS, here) + "/token", {}
    ),
    "the tenant in a foreign namespace": lambda bot, here, there: bot.acting_as(tenant(here)).try_create(into(there)),
    "the tenant in kube-system": lambda bot, here, _: bot.acting_as(tenant(here)).try_create(into("kube-system")),
    "the tenant reading Secrets": lambda bot, here, _: bot.acting_as(tenant(here)).call("GET", path_of("Secret", here)),
    "a user": lambda bot, here, _: bot.acting_as("admin").try_create(into(here)),
    "the other account": lambda bot, _, __: bot.acting_as(WEB).call("GET", path_of("ReviewApp", SYSTEM)),
    "a system account": lambda bot, here, _: bot.acting_as("system:serviceaccount:kube-system:default").try_create(
        into(here)
    ),
    "a group": lambda bot, here, _: bot.acting_as(tenant(here), "system:masters").try_create(into(here)),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_bot_account_stolen__rights(controller: Account, managed: str, foreign: str, attempt: str) -> None:
    answer = ATTEMPTS[attempt](controller, managed, foreign)
    assert answer.code == 403
    assert re.search("cannot|not currently held", answer.message)  # RBAC's words, nobody else's


def test_bot_account_stolen__admission_where_rights_are_needed(controller: Account, foreign: str) -> None:
    """RBAC allows this one, a bind of its own role; the policy does not."""
    answer = controller.create(steward(foreign))
    assert (answer.code, "inside namespaces labelled reviewbot.dev/managed=true" in answer.message) == (
        422,
        True,
    )


def test_bot_account_stolen__rights_as_a_tenant_that_has_them_all(
    admin: Account, controller: Account, foreign: str
) -> None:
    """Constrained impersonation: what the account may do does not count where the bot may not do it as them."""
    with preview(admin) as name:
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
        wide = thing("ClusterRoleBinding", name, roleRef=role, subjects=[subject(name, TENANTS)])
        assert admin.create(wide).done
        try:
            # The server's authorizer hears of a binding a moment after it was stored.
            until("the binding is in effect", lambda: admin.may("list", "/secrets", "kube-system", user=tenant(name)))
            almighty = controller.acting_as(tenant(name))
            loose = {"policyName": "reviewbot-tenant-kinds", "validationActions": ["Audit"]}
            answers = {
                "read": almighty.call("GET", path_of("Secret", "kube-system")),
                "read here": almighty.call("GET", path_of("Secret", name)),
                "write": almighty.try_create(into(foreign)),
                "delete": almighty.call("DELETE", path_of("ConfigMap", "kube-system", "kube-root-ca.crt")),
                "policies": almighty.try_create(thing("ValidatingAdmissionPolicyBinding", "a", spec=loose)),
            }
            assert {what: answer.code for what, answer in answers.items()} == dict.fromkeys(answers, 403)
            assert all("impersonate-on:serviceaccount:" in answer.message for answer in answers.values())
        finally:
            assert admin.call("DELETE", path_of("ClusterRoleBinding", name=name)).done
