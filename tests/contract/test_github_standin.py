"""The GitHub stand-in lets in whom GitHub lets in, and has GitHub's manners over HTTP."""

from __future__ import annotations

import io
import time
from collections import UserDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import jwt
import pytest
import requests
from github import Auth, GithubException, UnknownObjectException
from werkzeug.test import EnvironBuilder

from dev.github import GitHub, faults, new_private_key
from dev.github.recorder import Recorder
from tests.contract.github_standin import KEY, Scene, integration_at, standin


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        yield scene


def test_an_app_sees_itself_and_its_installations(scene: Scene) -> None:
    assert scene.integration.get_app().slug == "reviewbot"
    assert [one.id for one in scene.integration.get_installations()] == [scene.installed.id]
    assert scene.integration.get_repo_installation("acme", "shop").id == scene.installed.id
    by_id = scene.as_app("GET", f"/repositories/{scene.repo.id}/installation").json()
    assert (by_id["id"], by_id["account"]["login"], by_id["suspended_at"]) == (
        scene.installed.id,
        "acme",
        None,
    )


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"exp": 900}, 401, "too far in the future"),
        ({"exp": -5}, 401, "'exp'"),
        ({"iat": 300}, 401, "'iat'"),
        ({"iss": "77"}, 404, "Integration not found"),
    ],
)
def test_signed_tokens_are_judged(scene: Scene, claims: dict[str, Any], status: int, words: str) -> None:
    # Numbers are seconds from now.
    now = int(time.time())
    claimed = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    bearer = {"Authorization": f"Bearer {scene.jwt(**claimed)}"}
    response = scene.session.get(scene.url + "/app", headers=bearer)
    assert response.status_code == status
    assert words in response.json()["message"]


def test_a_token_of_another_key_and_a_client_id_as_issuer(scene: Scene) -> None:
    forged = jwt.encode({"iat": 0, "exp": 2**40, "iss": str(scene.app.id)}, new_private_key(), "RS256")
    bearer = {"Authorization": f"Bearer {forged}"}
    assert scene.session.get(scene.url + "/app", headers=bearer).status_code == 401
    bearer = {"Authorization": f"Bearer {scene.jwt(iss=scene.app.client_id)}"}
    assert scene.session.get(scene.url + "/app", headers=bearer).json()["id"] == scene.app.id


def test_tokens_come_in_two_formats_and_live_an_hour(scene: Scene) -> None:
    long, short = (scene.mint({"X-GitHub-Stateless-S2S-Token": kind}).json() for kind in ("enabled", "disabled"))
    assert len(short["token"]) == 40
    assert len(long["token"]) > 500
    assert long["token"].startswith(f"ghs_{scene.app.id}_")
    assert long["token"].count(".") == 2
    life = datetime.fromisoformat(long["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < life <= timedelta(hours=1)
    scene.github.expire_tokens()
    refused = scene.call("GET", "/repos/acme/shop", long["token"])
    assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")


def test_a_token_can_be_narrowed_but_not_widened(scene: Scene) -> None:
    narrow = scene.client(pull_requests="read")
    repo = narrow.get_repo("acme/shop")
    assert repo.get_pull(1).title == "A topic"
    with pytest.raises(GithubException) as caught:
        repo.create_check_run("reviewbot", scene.pull.head)
    assert (caught.value.status, caught.value.data["message"]) == (
        403,
        "Resource not accessible by integration",
    )
    assert scene.mint(permissions={"contents": "write"}).status_code == 422

    other = scene.github.create_repository("acme/other")
    asked = scene.mint(repository_ids=[other.id]).json()
    assert [repo["id"] for repo in asked["repositories"]] == [other.id]
    assert scene.call("GET", f"/repositories/{scene.repo.id}", asked["token"]).status_code == 404
    assert scene.call("GET", "/installation/repositories", asked["token"]).json()["total_count"] == 1
    assert scene.mint(repository_ids=[12345]).status_code == 422


def test_what_is_not_installed_does_not_exist(scene: Scene) -> None:
    scene.github.create_repository("stranger/hidden")
    scene.github.create_repository("stranger/open", private=False).open_pull_request("topic")
    client = scene.client()
    with pytest.raises(UnknownObjectException):
        client.get_repo("stranger/hidden")
    pull = client.get_repo("stranger/open").get_pull(1)
    with pytest.raises(GithubException) as caught:
        pull.create_issue_comment("hello")
    assert caught.value.status == 403
    assert scene.session.get(scene.url + "/repos/acme/shop").status_code == 404


def test_a_suspended_installation_gets_nothing(scene: Scene) -> None:
    token = scene.mint().json()["token"]
    scene.installed.suspend()
    for refused in (scene.mint(), scene.call("GET", "/repos/acme/shop", token)):
        assert refused.status_code == 403
        assert refused.json()["message"] == "This installation has been suspended"
    scene.installed.unsuspend()
    assert scene.call("GET", "/repos/acme/shop", token).status_code == 200


def test_old_names_redirect_and_ids_do_not(scene: Scene) -> None:
    scene.repo.rename("store")
    repo = scene.client().get_repo("acme/shop")
    assert (repo.id, repo.full_name) == (scene.repo.id, "acme/store")
    moved = scene.call("GET", "/repos/acme/shop/pulls?state=all")
    assert moved.status_code == 301
    assert moved.headers["Location"] == f"{scene.url}/repositories/{scene.repo.id}/pulls?state=all"
    lost = scene.call("POST", "/repos/acme/shop/issues/1/comments", json={"body": "hello"})
    assert (lost.status_code, scene.pull.comments) == (307, [])
    assert lost.headers["Location"] == f"{scene.url}/repositories/{scene.repo.id}/issues/1/comments"
    kept = scene.call("POST", f"/repositories/{scene.repo.id}/issues/1/comments", json={"body": "hello"})
    assert (kept.status_code, len(scene.pull.comments)) == (201, 1)
    scene.repo.transfer("other-org")
    assert scene.call("GET", f"/repositories/{scene.repo.id}").status_code == 404


def test_an_etag_is_good_for_one_token(scene: Scene) -> None:
    token, other = scene.mint().json()["token"], scene.mint().json()["token"]
    first = scene.call("GET", "/repos/acme/shop/pulls", token)
    asked = {"If-None-Match": first.headers["ETag"]}
    same = scene.call("GET", "/repos/acme/shop/pulls", token, headers=asked)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"]
    assert scene.call("GET", "/repos/acme/shop/pulls", other, headers=asked).status_code == 200
    scene.pull.push({"topic.txt": "2"})
    assert scene.call("GET", "/repos/acme/shop/pulls", token, headers=asked).status_code == 200
    assert [exchange.conditional for exchange in scene.github.calls("GET", "/pulls$")] == [
        False,
        True,
        True,
        True,
    ]


def test_the_primary_limit_answers_403_until_reset(scene: Scene) -> None:
    token, rate = scene.mint().json()["token"], scene.installed.model.rate
    scene.call("GET", "/repos/acme/shop", token)
    rate.limit = rate.used
    refused = scene.call("GET", "/repos/acme/shop", token)
    assert refused.status_code == 403
    assert "rate limit exceeded" in refused.json()["message"]
    assert (refused.headers["X-RateLimit-Remaining"], refused.headers["X-RateLimit-Reset"]) == (
        "0",
        str(rate.reset),
    )
    assert scene.call("GET", "/rate_limit", token).json()["rate"]["remaining"] == 0


def test_trouble_before_and_after_the_effect(scene: Scene) -> None:
    token = scene.mint().json()["token"]
    path = f"/repositories/{scene.repo.id}/issues/1/comments"
    scene.github.before = faults.Times(faults.answer(502, "Bad Gateway"), "POST", "/comments$")
    assert scene.call("POST", path, token, json={"body": "one"}).status_code == 502
    assert scene.pull.comments == []
    scene.github.after = faults.Times(faults.cut, "POST", "/comments$")
    with pytest.raises(requests.ConnectionError):
        scene.call("POST", path, token, json={"body": "two"})
    assert [comment.body for comment in scene.pull.comments] == ["two"]
    assert scene.call("POST", path, token, json={"body": "three"}).status_code == 201
    assert [exchange.status for exchange in scene.github.calls("POST", "/comments$")] == [502, 201, 201]


def test_stale_readings(scene: Scene) -> None:
    token = scene.mint().json()["token"]
    scene.github.after = faults.Stale(r"/comments$")
    path = "/repos/acme/shop/issues/1/comments"
    assert scene.call("GET", path, token).json() == []
    assert scene.call("POST", path, token, json={"body": "one"}).status_code == 201
    assert scene.call("GET", path, token).json() == []
    scene.github.after = None
    assert len(scene.call("GET", path, token).json()) == 1


def test_the_date_is_that_of_its_clock(scene: Scene) -> None:
    slow = timedelta(minutes=5)
    scene.github.clock = lambda: datetime.now(UTC) - slow
    told = parsedate_to_datetime(scene.session.get(scene.url + "/meta").headers["Date"])
    assert slow - timedelta(seconds=5) < datetime.now(UTC) - told < slow + timedelta(seconds=30)


def test_what_is_no_route_is_not_found(scene: Scene) -> None:
    for method, path in (("GET", "/app/nothing"), ("PUT", "/repos/acme/shop"), ("GET", "/repos/acme")):
        answer = scene.call(method, path)
        assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_the_enterprise_mount_speaks_of_itself(scene: Scene) -> None:
    answer = scene.call("GET", f"/api/v3/repositories/{scene.repo.id}").json()
    assert answer["url"] == f"{scene.url}/api/v3/repos/acme/shop"
    assert answer["html_url"] == f"{scene.url}/acme/shop"
    with integration_at(scene.url + "/api/v3", Auth.AppAuth(scene.app.id, KEY)) as integration:
        client = integration.get_github_for_installation(scene.installed.id)
        assert client.get_repo("acme/shop").get_pull(1).create_issue_comment("hi").body == "hi"
    assert scene.github.requests[-1].path == "/repos/acme/shop/issues/1/comments"


def test_a_request_that_breaks_off_is_none() -> None:
    github = GitHub()
    half = EnvironBuilder("/user", method="POST", input_stream=io.BytesIO(b"{")).get_environ() | {"CONTENT_LENGTH": "2"}
    with pytest.raises(ConnectionAbortedError):
        Recorder(github)(half, lambda *_: pytest.fail("it was answered"))
    assert github.requests == []


def test_a_check_run_is_seen_whole_or_not_at_all(scene: Scene) -> None:
    class Seen(UserDict[str, str]):
        def __getitem__(self, name: str) -> str:
            assert scene.repo.model.runs == []
            return super().__getitem__(name)

    scene.repo.check_run(scene.pull.head, scene.ci, "test", output=Seen(title="Green."))
    assert [run.output for run in scene.repo.model.runs] == [{"title": "Green."}]
