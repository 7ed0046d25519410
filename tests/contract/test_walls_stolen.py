"""What the thief of a token of reviewbot's meets: its own token, live calls, every wall in place."""

import re
from collections.abc import Callable, Iterator

import pytest

from reviewbot.engine.records import HEAD, HOST, REPOSITORY
from tests.contract.kube import (
    SYSTEM,
    TENANTS,
    Account,
    Answer,
    Object,
    binding,
    path_of,
    preview,
    preview_name,
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


# --- the receiver's ------------------------------------------------------------------------------


def said(verb: str) -> Object:
    return {"verb": verb, "sha": "a" * 40, "sender": {"id": 1, "login": "alice"}, "at": "2026-01-01T00:00:00Z"}


def asking(**requests: Object | None) -> Object:
    return {"spec": {"requests": requests}}


def about(**metadata: object) -> Object:
    return {"metadata": metadata}


def a_record(labels: Object | None = None, app: str = "", **requests: Object) -> Object:
    number = int(preview_name()[3:15], 16) + 1
    source = {"number": 7, **({"app": app} if app else {})}
    name = f"pr-{number}-7" + (f"-{app}" if app else "")
    spec = {"repositoryId": number, "installationId": 1, "source": {"pullRequest": source}, "requests": requests}
    return thing("ReviewApp", name, SYSTEM, labels={REPOSITORY: str(number), **(labels or {})}, spec=spec)


@pytest.fixture(scope="module")
def record(admin: Account, web: Account) -> Iterator[str]:
    """Where the record of a preview is, for which people have asked for all that there is."""
    labels = {HOST: "shop-pr-7-abcdefghij", HEAD: "a" * 40}
    item = a_record(labels, trusted=said("trust"), emptied=said("reset"), tried=said("redeploy"))
    assert admin.create(item).done
    path = path_of("ReviewApp", SYSTEM, item["metadata"]["name"])
    try:
        until("the policy is in force", lambda: not web.patch(path, about(labels={"a": "b"}), dry_run=True).done)
        yield path
    finally:
        assert admin.call("DELETE", path).done


def also(item: Object, **metadata: object) -> Object:
    return {**item, "metadata": {**item["metadata"], **metadata}}


_OWNER: Object = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "a"}
CHANGES = {
    "trust in another's name": asking(new=said("trust")),
    "a preview that nobody wants": asking(new=said("create")),
    "empty databases": asking(new={"verb": "reset", "at": "2026-01-01T00:00:00Z"}),
    "another who trusted": asking(trusted={"sender": {"id": 2, "login": "mallory"}}),
    "another commit that is trusted": asking(trusted={"sha": "b" * 40}),
    "a redeploy that becomes a trust": asking(tried={"verb": "trust"}),
    "a reset that becomes a redeploy": asking(emptied={"verb": "redeploy"}),
    "a trust that nobody asked for": asking(trusted=None),
    "a redeploy that nobody asked for": asking(tried=None),
    "nothing that anybody asked for": {"spec": {"requests": None}},
    "another's host": about(labels={HOST: "shop-pr-8-abcdefghij"}),
    "no host": about(labels={HOST: None}),
    "another commit": about(labels={HEAD: "b" * 40}),
    "no labels": about(labels=None),
    "no end": about(finalizers=["example.com/never"]),
    "an early end": about(ownerReferences=[_OWNER]),
}
_REPOSITORY = thing("Repository", "repo-1", SYSTEM, spec={"installationId": 1})
NEW = {
    "trust": a_record(a=said("trust")),
    "a reset beside a redeploy": a_record(a=said("redeploy"), b=said("reset")),
    "a host": a_record({HOST: "shop-pr-8-abcdefghij"}),
    "another repository's": a_record({REPOSITORY: "1"}),
    "an app's": a_record(app="shop"),
    "no end": also(a_record(), finalizers=["example.com/never"]),
    "an early end": also(a_record(), ownerReferences=[_OWNER]),
    "a repository with a host": also(_REPOSITORY, labels={HOST: "shop-pr-8-abcdefghij"}),
}


@pytest.mark.records
def test_bot_account_stolen__admission_of_what_web_changes(web: Account, record: str) -> None:
    answers = {what: web.patch(record, change, dry_run=True) for what, change in CHANGES.items()}
    refused = {what for what, answer in answers.items() if "reviewbot-web-writes" in answer.message}
    assert refused == CHANGES.keys()
    assert {answer.code for answer in answers.values()} == {422}
    again = asking(new=said("redeploy"), tried={"at": "2026-01-02T00:00:00Z"})
    assert web.patch(record, again | about(annotations={"reviewbot.dev/poke": "1"}), dry_run=True).done


@pytest.mark.records
@pytest.mark.usefixtures("record")
def test_bot_account_stolen__admission_of_what_web_makes(web: Account) -> None:
    assert web.not_refused("reviewbot-web-writes", NEW) == []
    assert web.try_create(a_record(a=said("redeploy"))).message == ""


@pytest.mark.records
def test_bot_account_stolen__admission_of_a_status(admin: Account, record: str) -> None:
    almighty = admin.acting_as(WEB, "system:masters")
    approved = {"approvals": {"trusted": {"sha": "a" * 40, "by": "alice", "at": "2026-01-01T00:00:00Z"}}}
    answer = almighty.patch(f"{record}/status", {"status": approved}, dry_run=True)
    assert "reviewbot-web may not write a status" in answer.message
