"""The administrator's placement: every line read or refused with its place."""

import pytest

from reviewbot.model import Nodes, Placement, Resources, Toleration
from reviewbot.spec import SpecError, parse_placement
from reviewbot.spec.placement import SIZES

NOTHING = Resources()


def refused(**data: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_placement(data)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("data", [{}, {"nodeSelector": "", "tolerations": "\n", "runtimeClassName": " ", "sizes": "#"}])
def test_without_a_word_previews_run_anywhere(data: dict[str, str]) -> None:
    found = parse_placement(data)
    assert found.nodes == Nodes()
    assert set(found.sizes) == SIZES
    assert [found.sizes[name] for name in ("default", "eco", "basic", "standard-1x")] == [NOTHING] * 4
    assert found.sizes["standard-2x"].limits["memory"] == "1Gi"


def test_a_whole_placement() -> None:
    found = parse_placement(
        {
            "nodeSelector": "# ours\n example.com/pool=previews\r\nkubernetes.io/arch=amd64\n\nempty=\n",
            "tolerations": "only=previews:NoSchedule\nspot:NoExecute\nempty=:PreferNoSchedule",
            "runtimeClassName": "gvisor\n",
            "sizes": 'default: {limits: {cpu: 1, memory: "1.5Gi"}}\nhuge: {requests: {cpu: 250m}}\nstandard-2x: {}\n',
        }
    )
    tolerations = (
        Toleration("only", "previews", "NoSchedule"),
        Toleration("spot", None, "NoExecute"),
        Toleration("empty", "", "PreferNoSchedule"),
    )
    selector = {"example.com/pool": "previews", "kubernetes.io/arch": "amd64", "empty": ""}
    assert found.nodes == Nodes(selector, tolerations, "gvisor")
    default = Resources({}, {"cpu": "1", "memory": "1.5Gi"})
    assert found.sizes == {
        **dict.fromkeys(("default", "free", "hobby", "eco", "basic", "standard-1x"), default),
        "huge": Resources({"cpu": "250m"}),
        "standard-2x": NOTHING,
        "performance-m": found.sizes["performance-m"],
    }
    assert isinstance(found, Placement)


LABEL = "must be a node's label, key=value"
TAINT = "must be a node's taint, key=value:NoSchedule or key:NoSchedule"
QUANTITY = "must be a quantity such as 250m or 512Mi, in quotes if it has a point"


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("nodeSelector", "a", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "a=b\nc = d", f"nodeSelector:2:1: {LABEL}"),
        ("nodeSelector", '{"a": "b"}', f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "a: b", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "a=b=c", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "=b", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "a=b # c", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", f"a={'b' * 64}", f"nodeSelector:1:1: {LABEL}"),
        ("nodeSelector", "ä=b", f"nodeSelector:1:1: {LABEL}"),
        (
            "nodeSelector",
            "a=b\na=c",
            "nodeSelector:2:1: a second value for the same label, which no node can have",
        ),
        ("tolerations", "a=b", f"tolerations:1:1: {TAINT}"),
        ("tolerations", ":NoSchedule", f"tolerations:1:1: {TAINT}"),
        ("tolerations", "a=b:Never", f"tolerations:1:1: {TAINT}"),
        ("tolerations", "Exists", f"tolerations:1:1: {TAINT}"),
        ("runtimeClassName", "a b", "runtimeClassName:1:1: must be the name of a RuntimeClass"),
        ("runtimeClassName", "Kata", "runtimeClassName:1:1: must be the name of a RuntimeClass"),
        ("sizes", "a", "sizes:1:1: must be an object"),
        ("sizes", "a: [", "sizes:1:5: "),
        ("sizes", "A: {}", "sizes:1:1: A: a name has only lower-case letters, digits, . and -"),
        ("sizes", "a: {limit: {}}", "sizes:1:5: a.limit: unknown key; known are requests, limits"),
        (
            "sizes",
            "a: {limits: {gpu: 1}}",
            "sizes:1:14: a.limits.gpu: unknown key; known are cpu, memory, ephemeral-storage",
        ),
        ("sizes", "a: {limits: {cpu: 1.5}}", f"sizes:1:19: a.limits.cpu: {QUANTITY}"),
        ("sizes", "a: {limits: {cpu: lots}}", f"sizes:1:19: a.limits.cpu: {QUANTITY}"),
        ("sizes", "a: {limits: {cpu: -1}}", f"sizes:1:19: a.limits.cpu: {QUANTITY}"),
        ("sizes", "a: {limits: {cpu: true}}", f"sizes:1:19: a.limits.cpu: {QUANTITY}"),
        (
            "nodeselector",
            "a=b",
            "nodeselector:1:1: unknown key; known are nodeSelector, tolerations, runtimeClassName, sizes",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(key: str, text: str, problem: str) -> None:
    (told,) = refused(**{key: text})
    assert told.startswith(problem)


def test_every_problem_at_once() -> None:
    told = refused(nodeSelector="a", tolerations="b", runtimeClassName="?", sizes="c", other="")
    assert [line.partition(":")[0] for line in told] == [
        "other",
        "nodeSelector",
        "tolerations",
        "runtimeClassName",
        "sizes",
    ]
