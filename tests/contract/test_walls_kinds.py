"""Kinds that no preview may have, each with two of the three walls out of the way.

RBAC alone: as the tenant, whom the authorizer refuses before a policy is asked; its own words show that. Admission
alone: the tenant in the group system:masters, to whom RBAC says yes. The filter is not here: objects go as they are.
"""

import re

import pytest

from tests.contract.kube import Account, Object, tenant, until
from tests.manifest_kinds import CLUSTER_SCOPED, EXPOSURES, GUARDRAILS, HOSTS, PODS_THEMSELVES, PRIVILEGES
from tests.manifest_objects import config_map, merged

pytestmark = pytest.mark.usefixtures("installed")


def kinds(*items: Object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", items, ids=lambda item: item["kind"])


def into(where: str, item: Object) -> Object:
    return item if item in CLUSTER_SCOPED else merged(item, {"metadata": {"namespace": where}})


@pytest.fixture(scope="module")
def admin(admin: Account) -> Account:
    nobody = admin.acting_as(tenant("nobody"), "system:masters")
    until("policies are in force", lambda: not nobody.try_create(into("default", config_map())).done)
    return admin


def by_rights(admin: Account, where: str, item: Object) -> None:
    answer = admin.acting_as(tenant(where)).try_create(into(where, item))
    assert answer.code == 403
    assert re.search('User ".*" cannot (create|patch) resource', answer.message)


def by_admission(admin: Account, where: str, item: Object) -> None:
    answer = admin.acting_as(tenant(where), "system:masters").try_create(into(where, item))
    assert answer.code == 403
    assert "reviewbot-tenant-kinds" in answer.message
    # It is the account that is refused, and nothing about the object.
    assert admin.acting_as("somebody else", "system:masters").try_create(into(where, item)).message == ""


@kinds(*CLUSTER_SCOPED)
def test_cluster_scoped_or_foreign_namespace__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*CLUSTER_SCOPED)
def test_cluster_scoped_or_foreign_namespace__admission(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)


@kinds(*PRIVILEGES)
def test_in_namespace_privilege__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*PRIVILEGES)
def test_in_namespace_privilege__admission(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)


@kinds(*GUARDRAILS)
def test_guardrail_tampering__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*GUARDRAILS)
def test_guardrail_tampering__admission(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)


@kinds(*EXPOSURES)
def test_service_exposure__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*EXPOSURES)
def test_service_exposure__admission_of_endpoints(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)


@kinds(*HOSTS)
def test_host_hijack__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*HOSTS)
def test_host_hijack__admission(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)


@kinds(*PODS_THEMSELVES)
def test_pod_escape_fields__rights(admin: Account, managed: str, item: Object) -> None:
    by_rights(admin, managed, item)


@kinds(*PODS_THEMSELVES)
def test_pod_escape_fields__admission_of_kinds(admin: Account, managed: str, item: Object) -> None:
    by_admission(admin, managed, item)
