"""What RBAC grants to each account, by itself: exactly this, and nothing else."""

import pytest

from tests.contract.kube import (
    CONTROLLER,
    SYSTEM,
    TENANTS,
    VARS,
    Account,
    preview,
    tenant,
    thing,
    until,
)

pytestmark = pytest.mark.usefixtures("installed")

WEB = f"system:serviceaccount:{SYSTEM}:reviewbot-web"
READ = "get list watch"
CHANGE = "create get list watch update patch"
OWN = f"{CHANGE} delete"

ALL_OVER = {
    "/namespaces": "create get list watch",
    "rbac.authorization.k8s.io/rolebindings": "create get list",
    "rbac.authorization.k8s.io/clusterroles=reviewbot-ns-steward": "bind",
    "rbac.authorization.k8s.io/clusterroles=reviewbot-tenant-deployer": "bind",
    "gateway.networking.k8s.io/gateways": "get",
    "discovery.k8s.io/endpointslices": "list watch",
}
AT_HOME = {
    "reviewbot.dev/reviewapps": "create get list watch patch delete",
    "reviewbot.dev/repositories": "create get list watch patch delete",
    "reviewbot.dev/reviewapps/status": "patch",
    "reviewbot.dev/repositories/status": "patch",
    "coordination.k8s.io/leases": "create",
    "coordination.k8s.io/leases=reviewbot": "get update patch",
    "events.k8s.io/events": "create",
    "/configmaps": "create",
    "/configmaps=reviewbot-deliveries": "get patch",
    "/configmaps=reviewbot-placement": "get",
    "/configmaps=reviewbot-addons": "get",
    "/secrets=reviewbot-pull": "get",
}
AMONG_VARS = {"/secrets": "get"}
AMONG_TENANTS = {
    "/serviceaccounts": "create get list watch delete",
    "authentication.k8s.io/serviceaccounts": "impersonate:serviceaccount",
}
AS_TENANT = dict.fromkeys(
    (
        "/services",
        "/configmaps",
        "/persistentvolumeclaims",
        "apps/deployments",
        "apps/statefulsets",
        "batch/jobs",
        "batch/cronjobs",
    ),
    OWN,
)
IN_PREVIEW = {
    "/namespaces": "delete",
    "/resourcequotas": CHANGE,
    "/limitranges": CHANGE,
    "networking.k8s.io/networkpolicies": OWN,
    "gateway.networking.k8s.io/httproutes": OWN,
    "/secrets": "create delete",
    "/secrets=reviewbot-pull": "get patch",
    "/pods": f"{READ} deletecollection",
    "/pods/log": READ,
    "events.k8s.io/events": "list",
    "/services": READ,
    "discovery.k8s.io/endpointslices": READ,
    "/persistentvolumeclaims": "list",
    "apps/deployments": READ,
    "apps/statefulsets": READ,
    "apps/replicasets": READ,
    "batch/jobs": READ,
    "batch/cronjobs": READ,
}

NEVER = {
    "/secrets": "get list watch update deletecollection",
    "/pods": "create update patch",
    "/pods/exec": "create get",
    "/pods/attach": "create",
    "/pods/portforward": "create",
    "/pods/ephemeralcontainers": "update patch",
    "/serviceaccounts/token": "create",
    "/serviceaccounts": "impersonate",
    "/namespaces": "update patch deletecollection",
    "/namespaces/finalize": "update",
    "/endpoints": "create update",
    "discovery.k8s.io/endpointslices": "create update",
    "networking.k8s.io/ingresses": "create get list update patch delete",
    "rbac.authorization.k8s.io/roles": "create escalate bind",
    "rbac.authorization.k8s.io/rolebindings": "update patch delete",
}
# Of the cluster, whichever namespace somebody names.
NEVER_AT_ALL = {
    "/nodes/proxy": "get create",
    "/users": "impersonate",
    "/groups": "impersonate",
    "/persistentvolumes": "create get",
    "rbac.authorization.k8s.io/clusterroles": "create escalate bind",
    "rbac.authorization.k8s.io/clusterrolebindings": "create",
    "admissionregistration.k8s.io/validatingadmissionpolicies": "create update patch delete",
    "admissionregistration.k8s.io/validatingadmissionpolicybindings": "create update patch delete",
    "admissionregistration.k8s.io/validatingwebhookconfigurations": "create",
    "admissionregistration.k8s.io/mutatingwebhookconfigurations": "create",
    "apiextensions.k8s.io/customresourcedefinitions": "create update patch",
    "apiregistration.k8s.io/apiservices": "create",
    "certificates.k8s.io/certificatesigningrequests": "create",
}


def rules(admin: Account, user: str, where: str) -> set[str]:
    """Everything the user may do there, one `verb group/resource=name` each."""
    home = user.split(":")[2]
    groups = ("system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{home}")
    review = thing("SelfSubjectRulesReview", "", spec={"namespace": where})
    answer = admin.acting_as(user, *groups).create(review)
    assert answer.done, answer.message
    return {
        f"{verb} {group}/{resource}" + (f"={name}" if name else "")
        for rule in answer.body["status"]["resourceRules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames") or [""]
        for verb in rule["verbs"]
    }


def granted(admin: Account, user: str, where: str) -> set[str]:
    """The same without what every account may do."""
    return rules(admin, user, where) - rules(admin, f"system:serviceaccount:{SYSTEM}:nobody", where)


def spelled(*tables: dict[str, str]) -> set[str]:
    return {f"{verb} {what}" for table in tables for what, verbs in table.items() for verb in verbs.split()}


def test_web_may_write_and_list_the_two_kinds_and_nothing_else(admin: Account, managed: str, foreign: str) -> None:
    kinds = ("reviewbot.dev/reviewapps", "reviewbot.dev/repositories")
    assert granted(admin, WEB, SYSTEM) == spelled(dict.fromkeys(kinds, "create get list patch"))
    for where in (managed, foreign, TENANTS, VARS, "default", "kube-system", "kube-public"):
        assert granted(admin, WEB, where) == set()


def test_the_controllers_rights_outside_previews(admin: Account, foreign: str) -> None:
    assert granted(admin, CONTROLLER, SYSTEM) == spelled(ALL_OVER, AT_HOME)
    assert granted(admin, CONTROLLER, TENANTS) == spelled(ALL_OVER, AMONG_TENANTS)
    assert granted(admin, CONTROLLER, VARS) == spelled(ALL_OVER, AMONG_VARS)
    for where in (foreign, "default", "kube-system", "kube-public"):
        assert granted(admin, CONTROLLER, where) == spelled(ALL_OVER)


def test_the_controllers_rights_in_a_preview(admin: Account, managed: str) -> None:
    as_tenant = {kind: " ".join(f"impersonate-on:serviceaccount:{verb}" for verb in OWN.split()) for kind in AS_TENANT}
    assert granted(admin, CONTROLLER, managed) == spelled(ALL_OVER, IN_PREVIEW, as_tenant)


def test_a_tenants_rights(admin: Account, managed: str, foreign: str) -> None:
    assert granted(admin, tenant(managed), managed) == spelled(AS_TENANT)
    with preview(admin) as neighbour:
        for where in (neighbour, foreign, SYSTEM, TENANTS, VARS, "default", "kube-system"):
            assert granted(admin, tenant(managed), where) == set()


def test_bot_account_stolen__rights_as_the_authorizers_say(admin: Account, managed: str, foreign: str) -> None:
    """Questions instead of lists, for the rights that would hurt most. No admission policy answers here."""
    never = [
        (user, verb, resource, where)
        for user in (WEB, CONTROLLER, tenant(managed))
        for places, table in ((("", foreign, managed, SYSTEM, TENANTS, "kube-system"), NEVER), (("",), NEVER_AT_ALL))
        for where in places
        for resource, verbs in table.items()
        for verb in verbs.split()
    ]
    assert [each for each in never if admin.may(each[1], each[2], each[3], user=each[0])] == []
    until("the binding is in effect", lambda: admin.may("delete", "/namespaces", managed, managed, user=CONTROLLER))
    assert not admin.may("delete", "/namespaces", foreign, foreign, user=CONTROLLER)
    assert not admin.may("bind", "rbac.authorization.k8s.io/clusterroles", "", "cluster-admin", user=CONTROLLER)
