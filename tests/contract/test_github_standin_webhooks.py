"""The GitHub stand-in sends what GitHub sends, signs it, and keeps the outcome."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
import requests

from dev.github import GitHub, Installed, Repo, serve
from dev.github.state import App
from dev.github.webhooks import signature
from tests.contract.github_standin import KEY, SIGNER, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as door:
        yield door


@dataclass
class Scene:
    github: GitHub
    app: App
    ci: App
    repo: Repo
    installed: Installed

    def said(self) -> list[str]:
        """The events since last asked."""
        events = [f"{one.event}.{one.action}" if one.action else one.event for one in self.github.deliveries]
        self.github.deliveries.clear()
        return events

    def last(self) -> Any:
        return json.loads(self.github.deliveries[-1].body)


@pytest.fixture
def scene() -> Scene:
    github = GitHub()
    app = github.create_app("reviewbot", private_key=KEY, webhook_secret="hush")
    ci = github.create_app("ci")
    repo = github.create_repository("acme/shop")
    scene = Scene(github, app, ci, repo, github.install(app, "acme"))
    assert scene.said() == ["installation.created"]
    return scene


def as_app(scene: Scene, method: str, url: str) -> requests.Response:
    now = int(time.time())
    token = jwt.encode({"iat": now - 60, "exp": now + 300, "iss": str(scene.app.id)}, SIGNER, "RS256")
    return requests.request(method, url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_the_signature_is_githubs_own_example() -> None:
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature("It's a Secret to Everybody", b"Hello, World!") == expected


def test_deliveries_arrive_signed_and_in_order(scene: Scene, receiver: Receiver) -> None:
    scene.app.webhook_url = receiver.url
    with serve(scene.github) as url:
        pull = scene.repo.open_pull_request("topic", title="Grüße 🎉")
        pull.push({"more.txt": "1"})
        scene.github.settle()
    events = [headers["X-Github-Event"] for headers, _ in receiver.got]
    assert events == ["push", "check_suite", "pull_request", "push", "check_suite", "pull_request"]
    for headers, body in receiver.got:
        digest = hmac.new(b"hush", body, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
        assert headers["X-Github-Hook-Installation-Target-Type"] == "integration"
        assert headers["X-Github-Hook-Installation-Target-Id"] == str(scene.app.id)
        assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    opened = json.loads(receiver.got[2][1])
    assert opened["pull_request"]["title"] == "Grüße 🎉"
    assert opened["repository"]["id"] == scene.repo.id
    assert opened["installation"]["id"] == scene.installed.id
    assert opened["sender"]["type"] == "User"
    assert opened["pull_request"]["url"] == f"{url}/repos/acme/shop/pulls/1"


def test_redelivery_keeps_the_guid(scene: Scene, receiver: Receiver) -> None:
    scene.app.webhook_url, receiver.status = receiver.url, 503
    with serve(scene.github) as url:
        pull = scene.repo.open_pull_request("topic")
        scene.github.settle()
        log = as_app(scene, "GET", f"{url}/app/hook/deliveries").json()
        assert [(row["event"], row["status_code"]) for row in log] == [
            ("pull_request", 503),
            ("check_suite", 503),
            ("push", 503),
        ]
        assert {row["status"] for row in log} == {"Invalid HTTP Response: 503"}
        receiver.status = 202
        again = as_app(scene, "POST", f"{url}/app/hook/deliveries/{log[0]['id']}/attempts")
        assert again.status_code == 202
        scene.github.settle()
        newest = as_app(scene, "GET", f"{url}/app/hook/deliveries").json()[0]
    assert (newest["guid"], newest["redelivery"], newest["status"]) == (log[0]["guid"], True, "OK")
    assert newest["id"] != log[0]["id"]
    assert receiver.got[-1] == receiver.got[-2]
    assert json.loads(receiver.got[-1][1])["number"] == pull.number


def test_an_absent_receiver_is_a_failed_delivery(scene: Scene, receiver: Receiver) -> None:
    scene.app.webhook_url = "http://127.0.0.1:1/webhook"
    with serve(scene.github) as url:
        for number in range(3):
            scene.repo.status(scene.repo.head(), f"ci/{number}")
        scene.github.settle()
        first = as_app(scene, "GET", f"{url}/app/hook/deliveries?per_page=2")
        rest = as_app(scene, "GET", first.links["next"]["url"])
        one = as_app(scene, "GET", f"{url}/app/hook/deliveries/{first.json()[0]['id']}").json()
    assert [row["status_code"] for row in first.json() + rest.json()] == [502, 502, 502]
    assert "next" not in rest.links
    assert one["request"]["payload"]["context"] == "ci/2"
    assert receiver.got == []


def test_lost_and_switched_off_deliveries_are_only_recorded(scene: Scene, receiver: Receiver) -> None:
    with serve(scene.github):
        scene.repo.status(scene.repo.head(), "off")
        scene.app.webhook_url = receiver.url
        scene.github.loses = lambda delivery: delivery.event == "status"
        scene.repo.status(scene.repo.head(), "lost")
        scene.github.settle()
    assert [one.status for one in scene.github.deliveries] == ["pending", "pending"]
    assert receiver.got == []


def test_the_life_of_a_pull_request(scene: Scene) -> None:
    pull = scene.repo.open_pull_request("topic", draft=True)
    assert scene.said() == ["push", "check_suite.requested", "pull_request.opened"]
    pull.set_draft(False)
    pull.label("preview")
    pull.edit(title="Better")
    assert scene.last()["changes"] == {"title": {"from": "topic"}}
    scene.repo.push("next", {"n": "1"})
    pull.edit(base="next")
    assert scene.last()["changes"]["base"]["ref"] == {"from": "main"}
    assert scene.said() == [
        "pull_request.ready_for_review",
        "pull_request.labeled",
        "pull_request.edited",
        "push",
        "check_suite.requested",
        "pull_request.edited",
    ]
    first, second = pull.head, pull.push({"two": "2"})
    pull.force_push(first)
    assert (scene.last()["before"], scene.last()["after"], pull.head) == (second, first, first)
    pull.comment("/deploy", by="bob")
    assert scene.last()["comment"]["user"]["login"] == "bob"
    assert scene.last()["issue"]["pull_request"]["url"].endswith("/pulls/1")
    pull.close()
    pull.reopen()
    pull.merge()
    assert json.loads(scene.github.deliveries[-2].body)["after"] == scene.repo.head("next")
    changes = [event for event in scene.said() if event.split(".")[0] in ("pull_request", "issue_comment")]
    assert changes == [
        "pull_request.synchronize",
        "pull_request.synchronize",
        "issue_comment.created",
        "pull_request.closed",
        "pull_request.reopened",
        "pull_request.closed",
    ]


def test_the_life_of_a_check(scene: Scene) -> None:
    pull = scene.repo.open_pull_request("topic")
    scene.said()
    for name in ("lint", "test"):
        scene.repo.check_run(pull.head, scene.ci, name, status="queued")
    scene.repo.check_run(pull.head, scene.ci, "lint", conclusion="skipped")
    scene.repo.check_run(pull.head, scene.ci, "test", conclusion="failure")
    suite = scene.last()["check_suite"]
    assert (suite["conclusion"], suite["head_sha"], suite["app"]["id"]) == ("failure", pull.head, scene.ci.id)
    assert [one["number"] for one in suite["pull_requests"]] == [pull.number]
    scene.repo.status(pull.head, "legacy", "pending")
    assert (scene.last()["sha"], scene.last()["branches"][0]["name"]) == (pull.head, "topic")
    assert scene.said() == [
        "check_run.created",
        "check_run.created",
        "check_run.completed",
        "check_run.completed",
        "check_suite.completed",
        "status",
    ]


def test_only_the_owner_of_a_check_is_asked_to_act(scene: Scene) -> None:
    pull = scene.repo.open_pull_request("topic")
    ours = scene.repo.check_run(pull.head, scene.app, "preview")
    theirs = scene.repo.check_run(pull.head, scene.ci, "test")
    scene.said()
    scene.repo.rerequest(theirs)
    assert scene.said() == []
    scene.repo.press(ours, "destroy", by="bob")
    assert scene.last()["requested_action"] == {"identifier": "destroy"}
    assert scene.last()["check_run"]["check_suite"]["head_sha"] == pull.head
    scene.repo.rerequest(ours)
    scene.repo.rerequest(ours.suite)
    assert scene.said() == ["check_run.requested_action", "check_run.rerequested", "check_suite.rerequested"]


def test_forks_are_quiet_until_their_pull_request(scene: Scene) -> None:
    fork = scene.repo.open_pull_request("patch", author="mallory", fork=True)
    assert scene.said() == ["pull_request.opened"]
    fork.push({"p": "2"})
    assert scene.said() == ["pull_request.synchronize"]
    scene.repo.check_run(fork.head, scene.ci, "test")
    assert scene.last()["check_suite"]["pull_requests"] == []
    assert scene.last()["check_suite"]["head_branch"] is None


def test_installations_and_repositories_come_and_go(scene: Scene) -> None:
    other = scene.github.create_repository("acme/other")
    assert scene.said() == ["repository.created", "installation_repositories.added"]
    scene.installed.remove(other)
    assert scene.last()["repositories_removed"][0]["id"] == other.id
    other.push("topic", {})
    scene.installed.add(other)
    scene.repo.rename("store")
    assert scene.last()["changes"] == {"repository": {"name": {"from": "shop"}}}
    scene.installed.suspend()
    scene.repo.push("topic", {})
    scene.installed.unsuspend()
    scene.installed.accept_permissions({"metadata": "read"})
    scene.repo.push("topic", {})
    scene.repo.archive()
    scene.repo.transfer("elsewhere")
    scene.installed.uninstall()
    assert scene.said() == [
        "installation_repositories.removed",
        "installation_repositories.added",
        "repository.renamed",
        "installation.suspend",
        "installation.unsuspend",
        "installation.new_permissions_accepted",
        "repository.archived",
        "installation_repositories.removed",
        "installation.deleted",
    ]


def test_strangers_and_unsubscribed_events_are_not_heard(scene: Scene) -> None:
    scene.github.create_repository("stranger/open", private=False).open_pull_request("topic")
    scene.app.events.discard("status")
    scene.repo.status(scene.repo.head(), "ci")
    assert scene.said() == []
