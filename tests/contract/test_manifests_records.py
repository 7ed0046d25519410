"""What the two kinds accept: the API server itself keeps records whole, whoever writes them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.kube import Account, Object, namespace, path_of, thing

pytestmark = pytest.mark.usefixtures("installed")

SENDER = {"id": 1, "login": "octocat"}
REQUEST = {"verb": "trust", "sha": "0" * 40, "sender": SENDER, "at": "2026-01-01T00:00:00Z"}
UNSIGNED = {name: value for name, value in REQUEST.items() if name != "sender"}
CONDITION = {
    "type": "Ready",
    "status": "True",
    "reason": "Serving",
    "message": "",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
    "observedGeneration": 1,
}


@pytest.fixture(scope="module")
def where(admin: Account) -> Iterator[str]:
    """Away from the real records."""
    with namespace(admin) as name:
        yield name


def record(where: str, name: str = "pr-10-7", **change: Any) -> Object:
    spec: Object = {
        "repositoryId": 10,
        "installationId": 20,
        "source": {"pullRequest": {"number": 7}},
        **change,
    }
    return thing("ReviewApp", name, where, spec={key: value for key, value in spec.items() if value is not None})


def requests(count: int) -> Object:
    return {str(number): REQUEST for number in range(count)}


def test_whole_records_are_accepted(admin: Account, where: str) -> None:
    assert admin.try_create(record(where)).message == ""
    assert admin.try_create(record(where, requests=requests(100))).message == ""
    for verb in ("redeploy", "reset"):
        assert admin.try_create(record(where, requests={"1": UNSIGNED | {"verb": verb}})).message == ""
    big = 2**53
    assert admin.try_create(record(where, f"pr-{big}-7", repositoryId=big)).message == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"repositoryId": None}, "spec.repositoryId: Required"),
        ({"installationId": None}, "spec.installationId: Required"),
        ({"source": None}, "spec.source: Required"),
        ({"source": {}}, "exactly one source must be set"),
        ({"source": {"branch": {"name": "a"}}}, "unknown field"),
        ({"source": {"pullRequest": {}}}, "number: Required"),
        ({"source": {"pullRequest": {"number": 0}}}, "greater than or equal to 1"),
        ({"source": {"pullRequest": {"number": 8}}}, "the name must be pr-"),
        ({"repositoryId": 11}, "the name must be pr-"),
        ({"repositoryId": "10"}, "must be of type integer"),
        ({"requests": requests(101)}, "must have at most 100 items"),
        ({"requests": {"k" * 65: REQUEST}}, "at most 64 characters"),
        ({"requests": {"1": {**REQUEST, "verb": "destroy"}}}, "Unsupported value"),
        ({"requests": {"1": {**REQUEST, "sha": "$(x)"}}}, "should match"),
        ({"requests": {"1": {**REQUEST, "at": "yesterday"}}}, "date-time"),
        ({"requests": {"1": {**REQUEST, "sender": {"id": 1}}}}, "login: Required"),
        ({"requests": {"1": {"verb": "redeploy"}}}, "at: Required"),
        ({"requests": {"1": UNSIGNED | {"verb": "trust"}}}, "sender is required"),
        ({"requests": {"1": UNSIGNED | {"verb": "create"}}}, "sender is required"),
        ({"surprise": 1}, "unknown field"),
    ],
)
def test_half_records_are_refused(admin: Account, where: str, change: Object, reason: str) -> None:
    assert reason in admin.try_create(record(where, **change)).message


@pytest.mark.parametrize("name", ["pr-10", "pr-10-7-1", "app", "pr-x-7", "pr-010-7"])
def test_a_record_is_named_after_its_pull_request(admin: Account, where: str, name: str) -> None:
    assert "the name must be pr-" in admin.try_create(record(where, name)).message


def test_a_record_of_an_app_is_named_after_it(admin: Account, where: str) -> None:
    def an_app(name: str, app: str) -> Object:
        return record(where, name, source={"pullRequest": {"number": 7, "app": app}})

    assert admin.try_create(an_app("pr-10-7-shop", "shop")).message == ""
    assert admin.try_create(an_app(f"pr-10-7-{'a-b' * 6}", "a-b" * 6)).message == ""
    for name, app in (("pr-10-7", "shop"), ("pr-10-7-shops", "shop"), ("pr-10-7-shop-a", "shop"), ("pr-11-7-a", "a")):
        assert "the name must be pr-" in admin.try_create(an_app(name, app)).message
    assert "should match" in admin.try_create(an_app("pr-10-7-a.b", "a.b")).message
    assert "may not be more than 20" in admin.try_create(an_app(f"pr-10-7-{'a' * 21}", "a" * 21)).message


def test_a_record_stays_with_its_pull_request(admin: Account, where: str) -> None:
    assert admin.create(record(where)).done
    path = path_of("ReviewApp", where, "pr-10-7")
    source = admin.patch(path, {"spec": {"source": {"pullRequest": {"number": 8}}}})
    assert (source.code, "source cannot change" in source.message) == (422, True)
    repository = admin.patch(path, {"spec": {"repositoryId": 11}})
    assert (repository.code, "repositoryId cannot change" in repository.message) == (422, True)
    assert admin.patch(path, {"spec": {"installationId": 21, "requests": requests(1)}}).done


def test_status_is_bounded_and_what_it_does_not_know_is_dropped(admin: Account, where: str) -> None:
    assert admin.create(record(where, "pr-10-9", source={"pullRequest": {"number": 9}})).done
    path = path_of("ReviewApp", where, "pr-10-9") + "/status"
    commit, at = "a" * 40, "2026-01-01T00:00:00Z"
    status: Object = {
        "phase": "Running",
        "reason": "Serving",
        "message": "m" * 4096,
        "repository": "acme/shop",
        "title": "T",
        "head": {"sha": commit, "ref": "feature", "base": "main"},
        "release": {"id": "aaaaaaa-0123456789", "sha": commit, "at": at},
        "serving": {"id": "aaaaaaa-0123456789", "sha": commit, "since": at},
        "failed": {"id": "aaaaaaa-1", "at": at, "reason": "ReleaseFailed", "message": "m", "log": "l" * 4096},
        "releaseLog": {"id": "aaaaaaa-0123456789", "log": "l" * 4096},
        "addons": ["postgresql", "redis"],
        "images": {"web": "ghcr.io/acme/shop@sha256:" + "0" * 64},
        "url": "https://shop-pr-7-abcdefghij.preview.example.com",
        "host": "shop-pr-7-abcdefghij.preview.example.com",
        "comment": {"id": 2**40, "digest": "d"},
        "checkRun": {"id": 2**40, "sha": commit, "digest": "d"},
        "conditions": [CONDITION],
        "requests": {"1": {"outcome": "Done", "message": "", "at": at}},
        "observedPoke": "p",
        "again": at,
        "closedAt": at,
        "observedGeneration": 1,
        "apps": [{"name": "shop", "digest": "d"}],
        "section": {
            "phase": "Failed",
            "reason": "Definition",
            "sha": commit,
            "title": "T",
            "text": "T",
            "url": "https://shop-pr-7-abcdefghij.preview.example.com/",
            "serving": commit,
            "annotations": [{"level": "failure", "file": "app.json", "line": 1, "column": 1, "message": "m"}],
        },
    }
    answer = admin.patch(path, {"status": {**status, "surprise": 1}})
    assert answer.message == ""
    assert answer.body["status"] == status
    for change in (
        {"phase": "Asleep"},
        {"reason": "r" * 65},
        {"message": "m" * 4097},
        {"conditions": [{"type": "Ready"}]},
        {"conditions": [CONDITION, CONDITION]},
        {"requests": {str(number): {"outcome": "Done"} for number in range(101)}},
        {"again": "soon"},
        {"releaseLog": {"log": "l" * 4097}},
        {"addons": [f"redis-{number}" for number in range(21)]},
    ):
        assert admin.patch(path, {"status": change}).code == 422


def test_repositories(admin: Account, where: str) -> None:
    good = thing("Repository", "repo-10", where, spec={"installationId": 20, "fullName": "acme/shop"})
    assert admin.create(good).done
    status = {"observedPoke": "p", "listedAt": "2026-01-01T00:00:00Z", "openPullRequests": 3, "message": "m"}
    path = path_of("Repository", where, "repo-10") + "/status"
    assert admin.patch(path, {"status": status}).body["status"] == status
    unnamed = thing("Repository", "shop", where, spec=good["spec"])
    assert "the name must be repo-" in admin.try_create(unnamed).message
    assert "installationId: Required" in admin.try_create(thing("Repository", "repo-11", where, spec={})).message
