"""The GitHub stand-in tells of a repository what GitHub tells, to the real PyGithub and to plain HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from github import GithubException, UnknownObjectException

from dev.github import RequiredCheck, Submodule, Symlink
from dev.github.git import Content
from tests.contract.github_standin import Scene, standin


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        yield scene


def test_statuses_are_paged(scene: Scene) -> None:
    for number in range(130):
        scene.repo.status(scene.pull.head, f"ci/{number}", "failure" if number == 0 else "success")
    commit = scene.client().get_repo(scene.repo.id).get_commit(scene.pull.head)
    assert len({status.context for status in commit.get_statuses()}) == 130
    combined = commit.get_combined_status()
    assert (combined.state, combined.total_count, len(combined.statuses)) == ("failure", 130, 30)
    by_100 = scene.call("GET", f"/repos/acme/shop/statuses/{scene.pull.head}?per_page=100")
    assert len(by_100.json()) == 100
    assert by_100.links["next"]["url"].endswith("page=2")


def test_no_statuses_at_all_is_pending(scene: Scene) -> None:
    commit = scene.client().get_repo("acme/shop").get_commit("topic")
    assert (commit.sha, commit.get_combined_status().state) == (scene.pull.head, "pending")


def test_check_runs_are_made_and_updated(scene: Scene) -> None:
    repo = scene.client().get_repo(scene.repo.id)
    output: Any = {"title": "Starting", "summary": "Soon"}
    run = repo.create_check_run("preview", scene.pull.head, external_id="x", status="in_progress", output=output)
    run.edit(conclusion="success", output={"title": "Ready", "summary": "Here"}, details_url="https://a.test")
    again = repo.get_check_run(run.id)
    assert (again.status, again.conclusion, again.external_id) == ("completed", "success", "x")
    assert (again.output.title, again.details_url, again.app.slug) == ("Ready", "https://a.test", "reviewbot")
    theirs = scene.repo.check_run(scene.pull.head, scene.ci, "test", status="queued")
    with pytest.raises(GithubException) as caught:
        repo.get_check_run(theirs.id).edit(conclusion="success")
    assert caught.value.status == 403


def test_check_runs_are_filtered(scene: Scene) -> None:
    scene.repo.check_run(scene.pull.head, scene.ci, "test", conclusion="failure")
    scene.repo.check_run(scene.pull.head, scene.ci, "test", status="in_progress")
    scene.repo.check_run(scene.pull.head, scene.ci, "test")
    commit = scene.client().get_repo("acme/shop").get_commit(scene.pull.head)
    assert [run.conclusion for run in commit.get_check_runs()] == ["success"]
    assert [run.conclusion for run in commit.get_check_runs(filter="all")] == ["success", "failure"]
    assert commit.get_check_runs(check_name="other").totalCount == 0
    suites = {suite.app.slug: suite for suite in commit.get_check_suites()}
    assert (suites["ci"].status, suites["ci"].conclusion) == ("completed", "success")
    assert (suites["reviewbot"].status, suites["reviewbot"].latest_check_runs_count) == ("queued", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "completed"},
        {"conclusion": "splendid"},
        {"output": {"title": "no summary"}},
        {"output": {"title": "t", "summary": "s" * 65536}},
        {"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]},
        {"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 4},
    ],
)
def test_bad_check_runs_are_refused(scene: Scene, fields: dict[str, Any]) -> None:
    body = {"name": "preview", "head_sha": scene.pull.head} | fields
    refused = scene.call("POST", f"/repositories/{scene.repo.id}/check-runs", json=body)
    assert (refused.status_code, refused.json()["message"]) == (422, "Validation Failed")


def test_comments_are_written_edited_and_listed(scene: Scene) -> None:
    scene.pull.comment("from a person", by="bob")
    pull = scene.client().get_repo("acme/shop").get_pull(1)
    made = pull.create_issue_comment("hello")
    made.edit("bye")
    listed = list(pull.get_issue_comments())
    assert [(c.body, c.user.login, c.user.type) for c in listed] == [
        ("from a person", "bob", "User"),
        ("bye", "reviewbot[bot]", "Bot"),
    ]
    raw = scene.call("GET", f"/repositories/{scene.repo.id}/issues/comments/{made.id}").json()
    assert raw["performed_via_github_app"]["id"] == scene.app.id
    too_long = scene.call("POST", "/repos/acme/shop/issues/1/comments", json={"body": "x" * 65537})
    assert too_long.status_code == 422
    made.delete()
    assert [comment.body for comment in scene.pull.comments] == ["from a person"]
    scene.pull.lock()
    with pytest.raises(GithubException) as caught:
        pull.create_issue_comment("too late")
    assert caught.value.status == 403


def test_contents_are_those_of_the_commit(scene: Scene) -> None:
    first = scene.pull.head
    strange: dict[str, Content] = {
        "app.json": '{"a": 1}',
        "big": b"x" * (1 << 20) + b"y",
        "link": Symlink("src/main.py"),
    }
    second = scene.pull.push(strange | {"module": Submodule("https://a.test/m.git", "a" * 40), "out": Symlink("/etc")})
    repo = scene.client().get_repo("acme/shop")

    def read(path: str, sha: str) -> Any:
        return repo.get_contents(path, ref=sha)

    assert read("app.json", first).decoded_content == b"{}"
    assert read("app.json", second).decoded_content == b'{"a": 1}'
    assert (read("big", second).encoding, read("big", second).size) == ("none", (1 << 20) + 1)
    assert read("link", second).decoded_content == b"print()\n"
    assert (read("out", second).type, read("module", second).type) == ("symlink", "submodule")
    assert [(entry.name, entry.type) for entry in read("src", second)] == [("main.py", "file")]
    with pytest.raises(UnknownObjectException):
        read("nothing", second)
    path = f"/repos/acme/shop/contents/big?ref={second}"
    raw = scene.call("GET", path, headers={"Accept": "application/vnd.github.raw+json"})
    assert len(raw.content) == (1 << 20) + 1


def test_trees_and_blobs(scene: Scene) -> None:
    links: dict[str, Content] = {"out": Symlink("/etc"), "module": Submodule("https://a.test/m.git", "a" * 40)}
    head = scene.pull.push({"src/lib/deep.py": "1", **links})
    repo = scene.client().get_repo("acme/shop")
    whole = {each.path: (each.mode, each.type, each.size) for each in repo.get_git_tree(head, recursive=True).tree}
    assert whole == {
        "app.json": ("100644", "blob", 2),
        "module": ("160000", "commit", None),
        "out": ("120000", "blob", 4),
        "src": ("040000", "tree", None),
        "src/lib": ("040000", "tree", None),
        "src/lib/deep.py": ("100644", "blob", 1),
        "src/main.py": ("100644", "blob", 8),
        "topic.txt": ("100644", "blob", 1),
    }
    top = {each.path: each for each in repo.get_git_tree("topic").tree}
    assert sorted(top) == ["app.json", "module", "out", "src", "topic.txt"]
    [lib, main] = repo.get_git_tree(top["src"].sha).tree
    assert [each.path for each in repo.get_git_tree(lib.sha).tree] == ["deep.py"]
    assert base64.b64decode(repo.get_git_blob(main.sha).content) == b"print()\n"
    assert base64.b64decode(repo.get_git_blob(top["out"].sha).content) == b"/etc"


def test_pull_requests_are_listed_sorted_and_paged(scene: Scene) -> None:
    for number in range(2, 105):
        scene.repo.open_pull_request(f"topic-{number}")
    scene.repo.pull(2).close()
    repo = scene.client().get_repo("acme/shop")
    assert [pull.number for pull in repo.get_pulls()] == [*range(104, 2, -1), 1]
    assert repo.get_pulls(state="closed")[0].number == 2
    assert [pull.number for pull in repo.get_pulls(head="acme:topic-7")] == [7]
    assert repo.get_pulls(sort="updated", direction="asc")[0].number == 1
    assert [pull.number for pull in repo.get_commit(scene.pull.head).get_pulls()] == [1]


def test_merged_and_forked_pull_requests(scene: Scene) -> None:
    scene.repo.open_pull_request("rival", {"topic.txt": "2"})
    assert scene.client().get_repo("acme/shop").get_pull(2).mergeable is True
    scene.pull.merge()
    assert scene.client().get_repo("acme/shop").get_pull(2).mergeable is False
    fork = scene.repo.open_pull_request("patch", {"p": "1"}, author="mallory", fork=True, draft=True)
    repo = scene.client().get_repo("acme/shop")
    merged, forked = repo.get_pull(1), repo.get_pull(3)
    assert (merged.state, merged.merged) == ("closed", True)
    assert merged.merge_commit_sha == scene.repo.head("main")
    assert (forked.head.repo.full_name, forked.draft, forked.mergeable) == ("mallory/shop", True, True)
    scene.repo.check_run(fork.head, scene.ci, "test")
    [run] = repo.get_commit(fork.head).get_check_runs()
    assert (run.pull_requests, repo.get_commit(fork.head).get_pulls().totalCount) == ([], 0)
    fork.delete_fork()
    assert scene.call("GET", "/repos/acme/shop/pulls/3").json()["head"]["repo"] is None


def test_rules_and_protection_name_required_checks(scene: Scene) -> None:
    assert scene.call("GET", "/repos/acme/shop/rules/branches/main").json() == []
    scene.repo.require_checks(["lint", RequiredCheck("test", scene.ci.id)])
    [rule] = scene.call("GET", "/repos/acme/shop/rules/branches/main").json()
    assert rule["parameters"]["required_status_checks"] == [
        {"context": "lint"},
        {"context": "test", "integration_id": scene.ci.id},
    ]
    scene.repo.require_workflows(["scan.yml"])
    [_, rule] = scene.call("GET", "/repos/acme/shop/rules/branches/main").json()
    assert (rule["type"], rule["parameters"]["workflows"][0]["path"]) == ("workflows", "scan.yml")
    scene.repo.protect(["classic"])
    branch = scene.call("GET", "/repos/acme/shop/branches/main").json()
    assert branch["protection"]["required_status_checks"]["contexts"] == ["classic"]
    scene.repo.model.rules_available = False
    refused = scene.call("GET", "/repos/acme/shop/rules/branches/main")
    assert (refused.status_code, "Upgrade to GitHub Pro" in refused.json()["message"]) == (403, True)


def test_permissions_of_people(scene: Scene) -> None:
    for role in ("triage", "maintain", "admin"):
        scene.repo.collaborator(f"a-{role}", role)
    scene.github.account("stranger")
    repo = scene.client().get_repo("acme/shop")
    asked = ("a-triage", "a-maintain", "a-admin", "stranger")
    assert [repo.get_collaborator_permission(who) for who in asked] == ["read", "write", "admin", "none"]
    assert scene.call("GET", "/repos/acme/shop/collaborators/nobody/permission").status_code == 404


def test_deployments_merge_first_unless_told_not_to(scene: Scene) -> None:
    repo = scene.client().get_repo("acme/shop")
    scene.repo.push("main", {"news.txt": "1"})
    before = scene.pull.head
    answer = scene.call("POST", "/repos/acme/shop/deployments", json={"ref": "topic"})
    assert (answer.status_code, scene.pull.head != before, scene.pull.deployments) == (202, True, [])
    scene.repo.status(scene.pull.head, "ci/x", "pending")
    assert scene.call("POST", "/repos/acme/shop/deployments", json={"ref": "topic"}).status_code == 409
    made = repo.create_deployment(
        scene.pull.head,
        auto_merge=False,
        required_contexts=[],
        environment="review",
        transient_environment=True,
    )
    made.create_status("in_progress", environment_url="https://a.test")
    assert [status.state for status in made.get_statuses()] == ["in_progress"]
    too_long = {"state": "success", "description": "d" * 141}
    assert scene.call("POST", f"/repos/acme/shop/deployments/{made.id}/statuses", json=too_long).status_code == 422
    second = repo.create_deployment(scene.pull.head, auto_merge=False, required_contexts=[], environment="staging")
    third = repo.create_deployment(scene.pull.head, auto_merge=False, required_contexts=[], environment="staging")
    for deployment in (second, third):
        deployment.create_status("success")
    assert [d.state for d in scene.pull.deployments] == ["in_progress", "inactive", "success"]


def test_an_archived_repository_can_only_be_read(scene: Scene) -> None:
    comments = "/repos/acme/shop/issues/1/comments"
    scene.repo.archive()
    refused = scene.call("POST", comments, json={"body": "hello"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Repository was archived so is read-only.")
    pull = scene.call("GET", "/repos/acme/shop/pulls/1").json()
    assert (pull["state"], pull["base"]["repo"]["archived"]) == ("open", True)
    scene.repo.unarchive()
    assert scene.call("POST", comments, json={"body": "hello"}).status_code == 201


def test_a_pull_request_ends_with_its_branch(scene: Scene) -> None:
    scene.repo.delete_branch("topic")
    assert scene.call("GET", "/repos/acme/shop/pulls/1").json()["state"] == "closed"


def test_a_merge_queue_tests_a_branch_of_its_own(scene: Scene) -> None:
    queued = scene.pull.queue()
    (told,) = [json.loads(each.body) for each in scene.github.deliveries if each.event == "merge_group"]
    group = told["merge_group"]
    assert (group["head_sha"], group["base_ref"]) == (queued, "refs/heads/main")
    assert group["head_ref"].startswith("refs/heads/gh-readonly-queue/main/pr-1-")
    suites = scene.call("GET", f"/repos/acme/shop/commits/{queued}/check-suites").json()["check_suites"]
    assert [suite["head_branch"] for suite in suites] == [group["head_ref"].removeprefix("refs/heads/")]
    assert (scene.pull.model.state, scene.pull.head != queued) == ("open", True)


def test_which_installation_covers_a_repository_is_told_by_its_id(scene: Scene) -> None:
    path = f"/repositories/{scene.repo.id}/installation"
    assert scene.as_app("GET", path).json()["id"] == scene.installed.id
    scene.repo.transfer("other-org")
    assert scene.as_app("GET", path).status_code == 404
    assert scene.mint(repository_ids=[scene.repo.id], permissions={"metadata": "read"}).status_code == 422
    other = scene.github.install(scene.app, "other-org")
    told = scene.as_app("GET", path).json()
    assert (told["id"], told["account"]["login"]) == (other.id, "other-org")
