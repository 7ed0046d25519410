"""What of an administrator's is read and copied, for whom, and what is said where it cannot be."""

import base64
import logging
from typing import Any

import pytest

from reviewbot.errors import Denied, GiveUp, Unseen
from reviewbot.model import Nodes
from reviewbot.reconcile import provided
from tests.unit.builders import a_pull

DOCKER = "kubernetes.io/dockerconfigjson"
CANARY = base64.b64encode(b"c4n4ry").decode()
FORK, GONE = a_pull(head_repository=1), a_pull(head_repository=None)


class Objects:
    """A cluster of a few objects; an exception stands for what cannot be read."""

    def __init__(self, **found: Any) -> None:
        self._found = {name.replace("_", "-"): item for name, item in found.items()}
        self.read: list[tuple[str, str, str | None]] = []
        self.applied: list[Any] = []

    def get(self, kind: str, name: str, namespace: str | None = None) -> Any:
        self.read.append((kind, name, namespace))
        found = self._found.get(f"copy-of-{name}" if namespace == "rb-x" else name)
        if isinstance(found, Exception):
            raise found
        return found

    def apply(self, item: Any) -> None:
        self.applied.append(item)


def as_cluster(objects: Objects) -> Any:
    return objects


def test_the_placement() -> None:
    objects = Objects(reviewbot_placement={"data": {"runtimeClassName": "gvisor"}})
    assert provided.placement(as_cluster(objects)).nodes == Nodes(runtime_class="gvisor")
    assert objects.read == [("ConfigMap", "reviewbot-placement", "reviewbot-system")]


@pytest.mark.parametrize("found", [None, {}, {"data": None}])
def test_no_placement_is_none(found: Any) -> None:
    assert provided.placement(as_cluster(Objects(reviewbot_placement=found))).nodes == Nodes()


def test_a_placement_that_cannot_be_used_is_told_whole() -> None:
    with pytest.raises(GiveUp) as caught:
        provided.placement(as_cluster(Objects(reviewbot_placement={"data": {"nodeSelector": "linux", "x": ""}})))
    assert caught.value.sentence.splitlines() == [
        "The ConfigMap `reviewbot-placement` in `reviewbot-system` says where previews run, and cannot be used:",
        "x:1:1: unknown key; known are nodeSelector, tolerations, runtimeClassName, sizes",
        "nodeSelector:1:1: must be a node's label, key=value",
    ]


def test_a_placement_that_cannot_be_seen_is_not_taken_for_none() -> None:
    with pytest.raises(Unseen):
        provided.placement(as_cluster(Objects(reviewbot_placement=Unseen("no answer"))))


def test_config_vars_are_the_repositorys() -> None:
    objects = Objects(repo_4711={"data": {"A": base64.b64encode(b"\xff").decode(), "B": ""}})
    assert provided.config_vars(as_cluster(objects), a_pull()) == {"A": b"\xff", "B": b""}
    assert objects.read == [("Secret", "repo-4711", "reviewbot-vars")]


@pytest.mark.parametrize("secret", [None, {}, {"data": None}])
def test_no_config_vars(secret: Any) -> None:
    assert provided.config_vars(as_cluster(Objects(repo_4711=secret)), a_pull()) == {}


@pytest.mark.parametrize("pull", [FORK, GONE], ids=["fork", "deleted fork"])
def test_a_fork_gets_nothing_and_nothing_is_read_for_it(pull: Any) -> None:
    objects = Objects(repo_4711={"data": {"A": CANARY}})
    assert provided.config_vars(as_cluster(objects), pull) == {}
    assert objects.read == []
    assert provided.pull_secret_for(pull, {"": "reviewbot-pull", "acme": "reviewbot-pull-acme"}) is None


@pytest.mark.parametrize(
    ("names", "owner", "secret"),
    [
        ({}, "acme", None),
        ({"": "ours"}, "acme", "ours"),
        ({"": "ours", "acme": "theirs"}, "Acme", "theirs"),
        ({"": "ours", "acme": "theirs"}, "other", "ours"),
        ({"acme": "theirs"}, "other", None),
    ],
)
def test_whose_secret_images_are_pulled_with(names: dict[str, str], owner: str, secret: str | None) -> None:
    assert provided.pull_secret_for(a_pull(full_name=f"{owner}/shop"), names) == secret


def test_a_password_is_copied_as_it_is() -> None:
    objects = Objects(reg={"type": DOCKER, "data": {".dockerconfigjson": CANARY, "other": "x"}})
    provided.copy_pull_secret(as_cluster(objects), "reg", "rb-x")
    assert objects.applied == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": DOCKER,
            "metadata": {"name": "reviewbot-pull", "namespace": "rb-x"},
            "data": {".dockerconfigjson": CANARY},
        }
    ]


UNUSABLE = [
    (None, "which is not there. Whoever runs the cluster can create it."),
    (
        {"type": "Opaque", "data": {".dockerconfigjson": CANARY}},
        f"which must be of type `{DOCKER}`.",
    ),
    (
        Denied('secrets "reg" is forbidden'),
        "which reviewbot may not read: name it in the Role `reviewbot-controller` in `reviewbot-system`.",
    ),
]


@pytest.mark.parametrize(("secret", "why"), UNUSABLE)
def test_a_password_that_cannot_be_used_is_told_by_its_name(secret: Any, why: str) -> None:
    objects = Objects(reg=secret)
    with pytest.raises(GiveUp) as caught:
        provided.copy_pull_secret(as_cluster(objects), "reg", "rb-x")
    assert not isinstance(caught.value, Denied)
    assert caught.value.sentence == f"Images are pulled with the Secret `reg` in `reviewbot-system`, {why}"
    assert objects.applied == []


@pytest.mark.parametrize(("secret", "why"), UNUSABLE)
def test_a_preview_keeps_the_password_that_it_has(secret: Any, why: str, caplog: pytest.LogCaptureFixture) -> None:
    objects = Objects(reg=secret, copy_of_reviewbot_pull={"data": {".dockerconfigjson": CANARY}})
    with caplog.at_level(logging.WARNING):
        provided.copy_pull_secret(as_cluster(objects), "reg", "rb-x")
    assert objects.applied == []
    assert why in caplog.text
    assert CANARY not in caplog.text


def test_a_password_that_cannot_be_seen_is_not_taken_for_none() -> None:
    objects = Objects(reg=Unseen("no answer"), copy_of_reviewbot_pull={})
    with pytest.raises(Unseen):
        provided.copy_pull_secret(as_cluster(objects), "reg", "rb-x")
