"""Where pods of previews may run: the policy reviewbot-tenant-placement, with the other walls absent.

What the administrator's ConfigMap says counts for every preview of the cluster, so the rules are tried on a copy of the
policy that differs in three names: its own, that of its ConfigMap, and the label of the namespaces that it looks at.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.kube import MANAGED, Account, Object, namespace, path_of, thing, until
from tests.contract.pods import DEPLOYMENT_CONTROLLER, every_kind, pod, pod_spec, verdicts

pytestmark = pytest.mark.usefixtures("installed")

POLICY = Path(__file__).parents[2] / "manifests/cluster/admission/tenant-placement.yaml"
SELECTOR = "nodeSelector must be that of the ConfigMap"
TOLERATIONS = "tolerations may only be those of the ConfigMap"
RUNTIME = "runtimeClassName must be that of the ConfigMap"
AFFINITY = "affinity is refused"
SANDBOX = f"test-{secrets.token_hex(4)}"
FULL = {
    "nodeSelector": "# ours\nexample.com/pool=previews\r\n\n  empty=\n",
    "tolerations": "only=previews:NoSchedule\nspot:NoExecute\n# none=x:NoSchedule",
    "runtimeClassName": f"{SANDBOX}\n",
}
POOL = {"example.com/pool": "previews", "empty": ""}
RIGHT: dict[str, Any] = {"nodeSelector": POOL, "runtimeClassName": SANDBOX}
SERVERS_OWN = [
    {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute"}
    for what in ("not-ready", "unreachable", "memory-pressure")
]


@contextmanager
def placed(admin: Account, data: dict[str, str] | None) -> Iterator[str]:
    """A namespace where only a copy of the policy stands, with this ConfigMap, or with none."""
    label = {"reviewbot-test": secrets.token_hex(8)}
    with namespace(admin, **label) as where:
        policy, binding = yaml.safe_load_all(POLICY.read_text())
        for item in (policy, binding):
            item["metadata"]["name"] = where
        policy["spec"]["matchConstraints"]["namespaceSelector"]["matchLabels"] = label
        binding["spec"]["policyName"] = where
        binding["spec"]["paramRef"] |= {"name": "placement", "namespace": where}
        params = [thing("ConfigMap", "placement", where, data=data)] if data is not None else []
        try:
            for item in (*params, policy, binding):
                answer = admin.create(item)
                assert answer.done, answer.message
            wrong = pod(where, affinity={"nodeAffinity": {}})
            refusal = "no params found" if data is None else f"Policy '{where}'"
            until("the copy is in force", lambda: refusal in _said(admin, wrong))
            yield where
        finally:
            for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
                admin.call("DELETE", path_of(kind, name=where))


def _said(admin: Account, item: Object) -> str:
    return admin.try_create(item).message


@pytest.fixture(scope="module")
def full(admin: Account) -> Iterator[str]:
    # Before any policy is asked the server refuses pods of a RuntimeClass that nobody made.
    assert admin.create(thing("RuntimeClass", SANDBOX, handler="none")).done
    with placed(admin, FULL) as where:
        yield where
    admin.call("DELETE", path_of("RuntimeClass", name=SANDBOX))


@pytest.fixture(scope="module")
def empty(admin: Account) -> Iterator[str]:
    with placed(admin, {}) as where:
        yield where


def test_what_the_configmap_says_is_accepted_in_every_kind(admin: Account, full: str) -> None:
    tolerations = [
        {"key": "only", "operator": "Equal", "value": "previews", "effect": "NoSchedule"},
        {"key": "only", "value": "previews", "effect": "NoSchedule"},
        {"key": "spot", "operator": "Exists", "effect": "NoExecute"},
        *SERVERS_OWN,
    ]
    for spec in (pod_spec(**RIGHT), pod_spec(**RIGHT, tolerations=tolerations)):
        assert set(verdicts(admin, full, spec).values()) == {""}


def test_without_a_word_a_pod_says_nothing_either(admin: Account, empty: str) -> None:
    for spec in (pod_spec(), pod_spec(tolerations=SERVERS_OWN), pod_spec(nodeSelector={})):
        assert set(verdicts(admin, empty, spec).values()) == {""}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no label": ({"nodeSelector": {}}, SELECTOR),
    "one label of two": ({"nodeSelector": {"empty": ""}}, SELECTOR),
    "another value": ({"nodeSelector": POOL | {"example.com/pool": "production"}}, SELECTOR),
    "one label more": ({"nodeSelector": POOL | {"zone": "a"}}, SELECTOR),
    "another label": ({"nodeSelector": {"empty": "", "kubernetes.io/hostname": "n"}}, SELECTOR),
    "a toleration": ({"tolerations": [{"key": "x", "operator": "Exists", "effect": "NoSchedule"}]}, TOLERATIONS),
    "every toleration": ({"tolerations": [{"operator": "Exists"}]}, TOLERATIONS),
    "every value": ({"tolerations": [{"key": "only", "operator": "Exists", "effect": "NoSchedule"}]}, TOLERATIONS),
    "every effect": ({"tolerations": [{"key": "spot", "operator": "Exists"}]}, TOLERATIONS),
    "another effect": ({"tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}]}, TOLERATIONS),
    "another taint's value": ({"tolerations": [{"key": "only", "value": "x", "effect": "NoSchedule"}]}, TOLERATIONS),
    "a taint in a comment": ({"tolerations": [{"key": "none", "value": "x", "effect": "NoSchedule"}]}, TOLERATIONS),
    "one of each": (
        {"tolerations": [*SERVERS_OWN, {"key": "control-plane", "operator": "Exists", "effect": "NoSchedule"}]},
        TOLERATIONS,
    ),
    "no runtime": ({"runtimeClassName": None}, RUNTIME),
    "affinity to a node": (
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n"]}]}
                        ]
                    }
                }
            }
        },
        AFFINITY,
    ),
    "affinity to a neighbour": ({"affinity": {"podAffinity": {}}}, AFFINITY),
}


@pytest.mark.parametrize("case", REFUSED)
def test_any_other_place_is_refused_in_every_kind(admin: Account, full: str, case: str) -> None:
    change, reason = REFUSED[case]
    spec = {name: value for name, value in pod_spec(**(RIGHT | change)).items() if value is not None}
    assert [kind for kind, message in verdicts(admin, full, spec).items() if reason not in message] == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"nodeSelector": {"pool": "production"}}, SELECTOR),
        ({"tolerations": [{"key": "x", "operator": "Exists", "effect": "NoSchedule"}]}, TOLERATIONS),
        ({"tolerations": [{"operator": "Exists"}]}, TOLERATIONS),
        ({"affinity": {"podAffinity": {}}}, AFFINITY),
    ],
)
def test_without_a_word_no_place_can_be_chosen(admin: Account, empty: str, change: dict[str, Any], reason: str) -> None:
    assert [kind for kind, said in verdicts(admin, empty, pod_spec(**change)).items() if reason not in said] == []


def test_another_runtime_is_refused(admin: Account, empty: str, full: str) -> None:
    for where, spec in (
        (full, pod_spec(nodeSelector=POOL, runtimeClassName="runc")),
        (empty, pod_spec(runtimeClassName=SANDBOX)),
    ):
        # In templates; a pod whose RuntimeClass nobody made is refused by the server itself.
        wrong = every_kind(where, spec)[1:]
        assert [item["kind"] for item in wrong if RUNTIME not in _said(admin, item)] == []


def test_what_cannot_be_read_opens_nothing(admin: Account) -> None:
    with placed(admin, {"nodeSelector": '{"pool": "previews"}', "tolerations": "Exists\n:\n=:", "sizes": "["}) as where:
        for selector in ({}, {"pool": "previews"}):
            assert SELECTOR in _said(admin, pod(where, nodeSelector=selector))


def test_without_a_configmap_nothing_runs(admin: Account) -> None:
    with placed(admin, None) as where:
        assert "no params found" in _said(admin, pod(where))


def test_controllers_finish_what_is_older(admin: Account, full: str) -> None:
    with namespace(admin) as where:
        deployment = every_kind(where, pod_spec())[1]
        deployment["spec"]["replicas"] = 0
        assert admin.create(deployment).done
        label = admin.call("GET", path_of("Namespace", name=full)).body["metadata"]["labels"]
        mark = {name: value for name, value in label.items() if name == "reviewbot-test"}
        assert admin.patch(path_of("Namespace", name=where), {"metadata": {"labels": mark}}).done
        path, change = path_of("Deployment", where, "web"), {"metadata": {"annotations": {"a": "b"}}}
        until("the new label counts", lambda: SELECTOR in admin.patch(path, change, dry_run=True).message)
        controller = admin.acting_as(DEPLOYMENT_CONTROLLER, "system:masters")
        assert controller.patch(path, change, dry_run=True).done


def test_previews_are_held_to_the_administrators_own(admin: Account) -> None:
    """The policy as it is installed, without a word in its ConfigMap."""
    with namespace(admin, **MANAGED) as where:
        wrong = pod(where, nodeSelector={"pool": "production"})
        until("the policy is in force", lambda: SELECTOR in _said(admin, wrong))
        assert "tolerations" in _said(admin, pod(where, tolerations=[{"operator": "Exists"}]))
        assert _said(admin, pod(where)) == ""
