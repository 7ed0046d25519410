"""Claims of volumes in previews: the policy reviewbot-tenant-claims. The administrator asks, so RBAC never speaks."""

from collections.abc import Iterator

import pytest

from tests.contract.kube import MANAGED, Account, Object, namespace, path_of, thing, until

pytestmark = pytest.mark.usefixtures("installed")

BINDER = "system:serviceaccount:kube-system:persistent-volume-binder"
SPEC: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
COPY: Object = {"kind": "PersistentVolumeClaim", "name": "theirs"}


def claim(where: str, **fields: object) -> Object:
    return thing("PersistentVolumeClaim", "data", where, spec={**SPEC, **fields})


@pytest.fixture(scope="module")
def managed(admin: Account) -> Iterator[str]:
    """Only the policies stand here."""
    with namespace(admin, **MANAGED) as name:
        until("the policy is in force", lambda: not admin.try_create(claim(name, volumeName="theirs")).done)
        yield name


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"volumeName": "theirs"}, "volumeName is refused"),
        ({"selector": {"matchLabels": {"a": "b"}}}, "selector is refused"),
        ({"dataSource": COPY}, "dataSource and dataSourceRef are refused"),
        ({"dataSourceRef": COPY}, "dataSource and dataSourceRef are refused"),
        ({"storageClassName": ""}, "storageClassName must name a class"),
    ],
)
def test_only_new_volumes(admin: Account, managed: str, foreign: str, fields: Object, reason: str) -> None:
    answer = admin.try_create(claim(managed, **fields))
    assert answer.code == 422
    assert reason in answer.message
    assert admin.try_create(claim(foreign, **fields)).done


def test_only_the_cluster_binds_a_claim_and_it_can_be_changed_then(admin: Account, managed: str) -> None:
    assert admin.create(claim(managed, storageClassName="nobody")).done
    path = path_of("PersistentVolumeClaim", managed, "data")
    bind: Object = {"spec": {"volumeName": "theirs"}}
    assert "volumeName is refused" in admin.patch(path, bind, dry_run=True).message
    assert admin.acting_as(BINDER, "system:masters").patch(path, bind).done
    assert admin.patch(path, {"metadata": {"labels": {"a": "b"}}}).done
