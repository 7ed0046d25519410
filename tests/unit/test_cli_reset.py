"""`reviewbot reset`: whose record it finds, what it writes there, and what it says."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewbot.cli import main
from reviewbot.cli.reset import ask
from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import GiveUp
from reviewbot.model import RESET, PullRequestRef, Request, Sha
from tests.unit.builders import HEAD, NOW, REF, a_ref
from tests.unit.stores import Store


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(Store())


def looked_at(mailbox: Mailbox, ref: PullRequestRef = REF, **status: Any) -> None:
    mailbox.poke(ref)
    record = mailbox.record(ref.name)
    assert record is not None
    mailbox.label(record, status.pop("head", HEAD), f"host-of-{ref.name}")
    mailbox.write_status(ref.name, {"repository": "acme/shop", "observedPoke": record.poke, **status})


def requests(mailbox: Mailbox, ref: PullRequestRef = REF) -> tuple[Request, ...]:
    record = mailbox.record(ref.name)
    assert record is not None
    assert record.due == bool(record.requests)
    return record.requests


def test_it_is_asked_for_and_told_what_to_watch(mailbox: Mailbox) -> None:
    for other in (a_ref(13), a_ref(12, repository=4712)):
        looked_at(mailbox, other, phase="Running", repository="acme/shop" if other.number == 13 else "acme/store")
    looked_at(mailbox, phase="Running")
    said = ask(mailbox, "Acme/Shop", 12, NOW)
    (asked,) = requests(mailbox)
    assert asked == Request(asked.key, RESET, HEAD, None, NOW)
    assert said.splitlines() == [
        "Asked for. Watch it:",
        "  kubectl get reviewapp pr-4711-12 -n reviewbot-system --watch",
        "What came of it:",
        "  kubectl get reviewapp pr-4711-12 -n reviewbot-system"
        f""" -o jsonpath="{{.status.requests['{asked.key}']}}\"""",
    ]
    assert (requests(mailbox, a_ref(13)), requests(mailbox, a_ref(12, repository=4712))) == ((), ())


def test_of_a_pull_request_with_several_apps_it_is_the_whole(mailbox: Mailbox) -> None:
    shop = replace(a_ref(12), app="shop")
    looked_at(mailbox, shop, phase="Running")
    with pytest.raises(GiveUp, match="There is no record"):
        ask(mailbox, "acme/shop", 12, NOW)
    looked_at(mailbox, phase="Running")
    ask(mailbox, "acme/shop", 12, NOW)
    assert (len(requests(mailbox)), requests(mailbox, shop)) == (1, ())


def test_whoever_asks_twice_has_asked_twice(mailbox: Mailbox) -> None:
    looked_at(mailbox, phase="Failed")
    for _ in range(2):
        ask(mailbox, "acme/shop", 12, NOW)
    assert len(requests(mailbox)) == 2


def test_the_name_may_have_gone_to_another_repository(mailbox: Mailbox) -> None:
    looked_at(mailbox, phase="Closed", head=Sha("c" * 40))
    successor = a_ref(12, repository=4712)
    looked_at(mailbox, successor, phase="Running")
    ask(mailbox, "acme/shop", 12, NOW)
    assert (len(requests(mailbox)), len(requests(mailbox, successor))) == (0, 1)


@pytest.mark.parametrize(
    ("name", "number", "phase", "sentence"),
    [
        ("acme/shop", 13, "Running", "There is no record of acme/shop#13 in reviewbot-system."),
        ("acme/store", 12, "Running", "There is no record of acme/store#12 in reviewbot-system."),
        (
            "acme/shop",
            12,
            "Closed",
            "There is nothing to reset: acme/shop#12 is closed, or its preview is going.",
        ),
        (
            "acme/shop",
            12,
            "Closing",
            "There is nothing to reset: acme/shop#12 is closed, or its preview is going.",
        ),
    ],
)
def test_what_cannot_be_reset(mailbox: Mailbox, name: str, number: int, phase: str, sentence: str) -> None:
    looked_at(mailbox, phase=phase)
    with pytest.raises(GiveUp, match=re.escape(sentence)):
        ask(mailbox, name, number, NOW)
    assert requests(mailbox) == ()


@pytest.mark.parametrize("name", ["acme/shop", "shop#12", "acme/shop#", "acme/shop#x", "a/b/c#1"])
def test_how_a_pull_request_is_named(name: str) -> None:
    ended = CliRunner().invoke(main, ["reset", name])
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (
        2,
        "Error: Invalid value for 'OWNER/REPO#NUMBER': write it as owner/repo#12",
    )


@pytest.mark.parametrize(
    ("kubeconfig", "sentence"),
    [
        (None, "KUBECONFIG names no file, and this is no pod."),
        ("nowhere", "Invalid kube-config file. No configuration found."),
    ],
)
def test_without_access_to_the_cluster(tmp_path: Path, kubeconfig: str | None, sentence: str) -> None:
    path = str(tmp_path / kubeconfig) if kubeconfig else None
    environment = {"KUBECONFIG": path, "KUBERNETES_SERVICE_HOST": None}
    ended = CliRunner().invoke(main, ["reset", "acme/shop#12"], env=environment)
    assert (ended.exit_code, ended.output) == (1, f"Error: There is no access to the cluster: {sentence}\n")
