"""Only seven kinds are a preview's own: the filter alone refuses every other one, on its own and in lists in lists."""

import pytest

from reviewbot.manifests import Into, confined, read
from reviewbot.manifests.read import KINDS
from reviewbot.render.names import namespace
from reviewbot.spec import SpecError
from tests.manifest_kinds import CLUSTER_SCOPED, EXPOSURES, GUARDRAILS, HOSTS, PODS_THEMSELVES, PRIVILEGES, UNKNOWN
from tests.manifest_objects import WORKLOADS, Object, a_pod, claim, config_map, folder_of, merged, service, workload
from tests.unit.builders import REF, a_release

INTO = Into(a_release(), namespace(REF), "shop.example.com")


def one_of(*items: Object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", items, ids=lambda item: item["kind"])


def refused(*items: Object) -> list[str]:
    with pytest.raises(SpecError) as caught:
        confined(read(folder_of(*items)), INTO)
    return [str(problem) for problem in caught.value.problems]


def is_refused(item: Object) -> None:
    inner = {"apiVersion": "v1", "kind": f"{item['kind']}List", "items": [item]}
    for where in (item, {"apiVersion": "v1", "kind": "List", "items": [inner]}):
        # With it the whole set.
        [problem] = refused(service(), where)
        assert "is not allowed: " in problem or "is only allowed as " in problem


@one_of(*CLUSTER_SCOPED, *UNKNOWN)
def test_cluster_scoped_or_foreign_namespace__filter(item: Object) -> None:
    is_refused(item)


@one_of(*(workload(kind, a_pod()) for kind in WORKLOADS), service(), config_map(), claim())
def test_cluster_scoped_or_foreign_namespace__filter_of_namespaces(item: Object) -> None:
    """Every kind that is allowed, and no other place than the preview's own."""
    for where in ("kube-system", "reviewbot-system", "", "rb-another"):
        [problem] = refused(merged(item, {"metadata": {"namespace": where}}))
        assert "metadata.namespace: must be left out" in problem
    [made] = confined(read(folder_of(item)), INTO)
    assert made["metadata"]["namespace"] == namespace(REF)
    assert len(KINDS) == len(WORKLOADS) + 3


@one_of(*PRIVILEGES)
def test_in_namespace_privilege__filter(item: Object) -> None:
    is_refused(item)


@one_of(*GUARDRAILS)
def test_guardrail_tampering__filter(item: Object) -> None:
    is_refused(item)


@one_of(*(workload(kind, a_pod()) for kind in WORKLOADS), service(), config_map(), claim())
def test_guardrail_tampering__filter_of_metadata(item: Object) -> None:
    """A label of Kubernetes' or of ours is refused; what would hold or own an object is left out."""
    for label in ("reviewbot.dev/release", "reviewbot.dev/managed", "pod-security.kubernetes.io/enforce", "x.k8s.io/a"):
        [problem] = refused(merged(item, {"metadata": {"labels": {label: "x"}}}))
        assert "labels of this domain are not for a repository to set" in problem
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "x", "uid": "x"}
    held = {"finalizers": ["example.com/hold"], "ownerReferences": [owner], "annotations": {"a": "b"}, "uid": "x"}
    [made] = confined(read(folder_of(merged(item, {"metadata": held}))), INTO)
    assert set(made["metadata"]) == {"name", "namespace", "labels", "annotations"}
    assert set(made["metadata"]["annotations"]) == {"reviewbot.dev/sha"}
    assert "status" not in made


@one_of(*EXPOSURES)
def test_service_exposure__filter_of_endpoints(item: Object) -> None:
    is_refused(item)


@one_of(*HOSTS)
def test_host_hijack__filter(item: Object) -> None:
    is_refused(item)


@one_of(*PODS_THEMSELVES)
def test_pod_escape_fields__filter_of_kinds(item: Object) -> None:
    is_refused(item)
