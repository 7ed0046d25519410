"""The GitHub stand-in says only what GitHub's published description of its API says, and all that it requires.

What the description itself has wrong is in `EXCUSED`, with the reason: anything else is a failure here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dev.github import RequiredCheck, Submodule, Symlink
from dev.github.git import blob_sha
from dev.openapi import PACKAGE, operations
from tests.contract.github_description import DESCRIPTION, PAYLOADS, REPLIES, operation, problems
from tests.contract.github_standin import Scene, standin

ENTERPRISE = ("created_at", "name", "slug", "updated_at")
EXCUSED = {
    # of each account here, and only here, it asks to be a person and an enterprise at once
    "GET /app/installations 200": {f"*.account: '{name}' is a required property" for name in ENTERPRISE},
    # unlike that of the events, it does not know that forks can be deleted
    "GET /repos/{}/{}/pulls 200": {"*.head.repo: None is not of type 'object'"},
    "GET /repos/{}/{}/pulls/{} 200": {"head.repo: None is not of type 'object'"},
}
SECOND = "https://preview.test"
QUEUE = "'merge_group' is not one of"


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        scene.installed.model.permissions |= {"statuses": "write", "actions": "read"}
        yield scene


class Reader:
    """Asks, and holds every answer against the description."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.asked: set[str] = set()
        self.excused: dict[str, set[str]] = {}
        self.home = f"/repositories/{scene.repo.id}"
        self.token: str = self.read(scene.mint(repository_ids=[scene.repo.id]))["token"]

    def here(self, method: str, below: str, **body: Any) -> Any:
        return self.ask(method, self.home + below, **body)

    def ask(self, method: str, path: str, **body: Any) -> Any:
        return self.read(self.scene.call(method, path, self.token, json=body or None))

    def app(self, method: str, path: str) -> Any:
        return self.read(self.scene.as_app(method, path))

    def read(self, answer: requests.Response) -> Any:
        path = answer.url.removeprefix(self.scene.url).partition("?")[0]
        asked, body = operation(answer.request.method or "", path), answer.json()
        described = REPLIES[asked].get(str(answer.status_code))
        if described is None:
            assert answer.status_code >= 400, f"{asked} never answers {answer.status_code}"
            described = {"$ref": f"#/$defs/{'validation' if answer.status_code == 422 else 'basic'}-error"}
        place = f"{asked} {answer.status_code}"
        found, excused = problems(described, body), EXCUSED.get(place, set())
        assert found <= excused, place
        if found:
            self.excused[place] = found
        if answer.status_code < 300:
            self.asked.add(asked)
        return body


def test_the_description_is_of_what_is_served() -> None:
    assert sorted(REPLIES) == sorted(f"{method} {path}" for method, path in operations())
    assert DESCRIPTION["source"]["package"] == PACKAGE


def test_every_reply_is_as_described(scene: Scene) -> None:
    reader, head = Reader(scene), _set(scene)
    made = _write(reader, head)
    commit = ("", "/pulls", "/status", "/statuses", "/check-runs", "/check-suites")
    lists = ("", "/contents", "/branches", "/rules/branches/main", "/pulls?state=all", "/deployments", "/environments")
    files = ("app.json", "src", "link", "out", "module")
    for below in (
        *lists,
        *(f"/commits/{head}{what}" for what in commit),
        *(f"/contents/{path}?ref={head}" for path in files),
        f"/statuses/{head}",
        "/git/ref/heads/main",
        f"/git/commits/{scene.pull.model.merge_commit_sha}",
        *(f"/git/trees/{head}{query}" for query in ("", "?recursive=1")),
        f"/git/blobs/{blob_sha(b'{}')}",
        "/branches/main",
        "/branches/topic",
        "/collaborators/alice/permission",
        *(f"/pulls/{number}" for number in (1, 2, 3)),
        "/pulls/1/files",
        "/issues/1",
        "/issues/1/comments",
        *(f"/issues/comments/{comment.id}" for comment in scene.pull.comments),
        f"/check-suites/{made['check_suite']}",
        f"/check-suites/{made['check_suite']}/check-runs",
        f"/check-runs/{made['check_run']}",
        f"/check-runs/{made['check_run']}/annotations",
        f"/deployments/{made['deployment']}",
        f"/deployments/{made['deployment']}/statuses",
    ):
        reader.here("GET", below)
    for path in ("/installation/repositories", "/rate_limit", "/meta", "/users/alice"):
        reader.ask("GET", path)
    _ask_as_app(reader)
    assert sorted(REPLIES.keys() - reader.asked) == []
    assert reader.excused == EXCUSED


def _set(scene: Scene) -> str:
    """A scene with one of everything; the head of its first pull request."""
    outside = Submodule("https://a.test/m.git", "a" * 40)
    head = scene.pull.push({"link": Symlink("app.json"), "out": Symlink("/etc"), "module": outside})
    scene.repo.require_checks(["unit", RequiredCheck("browser", scene.ci.id)])
    scene.repo.require_workflows([".github/workflows/scan.yml"])
    scene.repo.protect([RequiredCheck("unit", scene.ci.id), "lint"])
    scene.repo.status(head, "unit", "pending")
    scene.repo.check_run(head, scene.ci, "browser", status="in_progress")
    scene.repo.check_run(head, scene.ci, "lint", conclusion="timed_out", output={"title": "t", "summary": "s"})
    scene.pull.comment("hello", by="bob")
    scene.pull.label("preview")
    merged = scene.repo.open_pull_request("merged", {"m": "1"})
    merged.merge()
    gone = scene.repo.open_pull_request("patch", {"p": "1"}, author="mallory", fork=True, body="please", draft=True)
    gone.delete_fork()
    return head


def _write(reader: Reader, head: str) -> dict[str, int]:
    reader.here("POST", f"/statuses/{head}", state="success", description="fine", target_url=SECOND)
    run = reader.here("POST", "/check-runs", name="preview", head_sha=head, external_id="x")
    lines = {"path": "app.json", "start_line": 1, "end_line": 2}
    annotation = {**lines, "annotation_level": "notice", "message": "m"}
    output = {"title": "Ready", "summary": "Here", "text": "long", "annotations": [annotation]}
    reader.here("PATCH", f"/check-runs/{run['id']}", conclusion="success", output=output, details_url=SECOND)
    comment = reader.here("POST", "/issues/1/comments", body="hello")
    reader.here("PATCH", f"/issues/comments/{comment['id']}", body="bye")
    plain = {"ref": head, "auto_merge": False, "required_contexts": []}
    deployment = reader.here("POST", "/deployments", environment="review", transient_environment=True, **plain)
    reader.here("POST", "/deployments", description="d", payload={"a": 1}, task="deploy:1", **plain)
    statuses = f"/deployments/{deployment['id']}/statuses"
    reader.here("POST", statuses, state="in_progress")
    reader.here("POST", statuses, state="success", environment_url=SECOND, log_url=SECOND, description="up")
    reader.scene.repo.push("main", {"news.txt": "1"})
    assert "Auto-merged" in reader.here("POST", "/deployments", ref="topic")["message"]
    return {"check_run": run["id"], "check_suite": run["check_suite"]["id"], "deployment": deployment["id"]}


def _ask_as_app(reader: Reader) -> None:
    scene = reader.scene
    scene.app.webhook_url = "http://127.0.0.1:1/webhook"
    scene.pull.close()
    scene.installed.suspend()
    scene.github.settle()
    first = reader.app("GET", "/app/hook/deliveries")[0]
    for path in (
        "/app",
        "/app/installations",
        f"/app/installations/{scene.installed.id}",
        f"{reader.home}/installation",
        f"/app/hook/deliveries/{first['id']}",
    ):
        reader.app("GET", path)
    reader.app("POST", f"/app/hook/deliveries/{first['id']}/attempts")


def test_every_refusal_is_as_described(scene: Scene) -> None:
    reader = Reader(scene)
    long, sha = "d" * 141, scene.pull.head
    for method, below, body in (
        ("GET", "/pulls/9", {}),
        ("GET", "/contents/nothing", {}),
        ("GET", "/branches/nothing", {}),
        ("GET", "/git/ref/heads/nothing", {}),
        ("GET", "/git/commits/nothing", {}),
        ("GET", "/git/trees/nothing", {}),
        ("GET", "/git/blobs/nothing", {}),
        ("GET", "/commits/nothing", {}),
        ("GET", "/collaborators/nobody/permission", {}),
        ("POST", "/issues/1/comments", {"body": "x" * 65537}),
        ("POST", "/issues/9/comments", {"body": "x"}),
        ("POST", "/check-runs", {"name": "preview", "head_sha": sha, "status": "completed"}),
        ("GET", "/check-runs/1/annotations", {}),
        ("POST", "/deployments", {"ref": "nothing"}),
        ("POST", "/deployments", {"ref": sha, "description": long}),
        ("POST", f"/statuses/{sha}", {"state": "splendid"}),
    ):
        assert "message" in reader.here(method, below, **body)
    scene.pull.lock()
    reader.here("POST", "/issues/1/comments", body="too late")
    reader.app("GET", "/app/hook/deliveries?cursor=nonsense")
    reader.app("GET", "/app/hook/deliveries?status=nonsense")
    reader.app("GET", "/app/hook/deliveries/1")
    reader.app("POST", "/app/hook/deliveries/1/attempts")
    reader.app("GET", "/app/installations/1")
    for asked in ({"permissions": {"contents": "write"}}, {"repository_ids": [1]}):
        reader.read(scene.mint(**asked))
    scene.installed.suspend()
    reader.read(scene.mint())
    reader.here("GET", "")


def test_every_payload_is_as_described(scene: Scene) -> None:
    _set(scene)
    _live(scene)
    sent = {f"{one.event}.{one.action}" if one.action else one.event for one in scene.github.deliveries}
    assert sorted(sent) == sorted(PAYLOADS)
    found = {}
    for one in scene.github.deliveries:
        name = f"{one.event}.{one.action}" if one.action else one.event
        # In its lists of what an app can hear of, some are older than merge queues.
        if wrong := {each for each in problems(PAYLOADS[name], json.loads(one.body)) if QUEUE not in each}:
            found[name] = wrong
    assert found == {}


def _live(scene: Scene) -> None:
    """Everything that is told of happens once more at least."""
    repo, pull = scene.repo, scene.pull
    ours = repo.check_run(pull.head, scene.app, "preview")
    repo.press(ours, "destroy")
    repo.rerequest(ours)
    repo.rerequest(ours.suite)
    comment = pull.comment("one")
    pull.edit_comment(comment.id, "two")
    pull.delete_comment(comment.id)
    pull.edit(title="Better", base="merged")
    pull.unlabel("preview")
    for draft in (True, False):
        pull.set_draft(draft)
    for locked in (True, False):
        pull.lock(locked)
    pull.close()
    pull.reopen()
    plain = {"ref": pull.head, "auto_merge": False, "required_contexts": []}
    deployment = scene.call("POST", f"/repositories/{repo.id}/deployments", json=plain).json()
    for state in ("queued", "success"):
        body = {"state": state, "environment_url": SECOND if state == "success" else ""}
        scene.call("POST", f"/repositories/{repo.id}/deployments/{deployment['id']}/statuses", json=body)
    repo.pull(pull.number).queue()
    repo.delete_branch("merged")
    repo.rename("store")
    for private in (False, True):
        repo.set_private(private)
    repo.archive()
    repo.unarchive()
    repo.archive()
    scene.installed.suspend()
    scene.installed.unsuspend()
    scene.installed.accept_permissions(dict(scene.installed.model.permissions))
    scene.github.install(scene.app, "other-org")
    repo.transfer("other-org")
    scene.github.create_repository("acme/second").delete()
    scene.installed.remove(scene.github.create_repository("acme/third"))
    scene.installed.uninstall()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sha": 1}, "sha: 1 is not of type 'string'"),
        ({"url": "nowhere"}, "url: 'nowhere' is not a 'uri'"),
        ({"made_up": 1}, ": Additional properties are not allowed ('made_up' was unexpected)"),
        ({"parents": [{"sha": "a"}]}, "parents.*: 'url' is a required property"),
    ],
)
def test_a_departure_from_the_description_is_told(scene: Scene, change: dict[str, Any], told: str) -> None:
    commit = scene.call("GET", f"/repositories/{scene.repo.id}/commits/main").json()
    described = REPLIES["GET /repos/{}/{}/commits/{}"]["200"]
    assert problems(described, commit) == set()
    assert told in problems(described, commit | change)
