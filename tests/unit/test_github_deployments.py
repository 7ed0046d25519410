"""What a deployment is told, once, although GitHub may answer from a while ago."""

from typing import Any

import pytest

from reviewbot.errors import Unseen
from reviewbot.gateways.github import GitHub
from reviewbot.report import DeploymentText
from tests.unit.builders import OWN_APP, PREVIEW_URL, REF

SERVES = DeploymentText("success", "It is running.", PREVIEW_URL)
MADE = 9


def status(number: int, state: str, url: str = PREVIEW_URL) -> dict[str, Any]:
    return {"id": number, "state": state, "environment_url": url}


class Client:
    """GitHub, which shows these statuses of the deployment, or none because it is gone."""

    app_id = OWN_APP

    def __init__(self, shown: list[dict[str, Any]] | None) -> None:
        self.shown = shown
        self.written: list[str] = []

    def first(self, *_: Any) -> list[dict[str, Any]] | None:
        return self.shown

    def write(self, _scope: Any, _verb: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        self.written.append(f"{path} {body['state']}")
        return None if self.shown is None else {"id": MADE}


def told(client: Client, last: int | None, *, new: bool = False) -> int | None:
    return GitHub(client, []).update_deployment(REF, 101, SERVES, last=last, new=new)  # type: ignore[arg-type]


GOES = [status(6, "inactive", ""), status(5, "success")]


@pytest.mark.parametrize(
    ("shown", "last", "expected"),
    [
        ([], None, MADE),
        (GOES, None, MADE),
        (GOES, 6, MADE),
        ([status(7, "success"), *GOES], 6, 7),
        ([status(7, "success"), *GOES], None, 7),
        ([*GOES, status(7, "success")], 6, 7),
        ([status(7, "success", f"{PREVIEW_URL}/welcome"), *GOES], 6, 7),
        ([status(7, "success", f"{PREVIEW_URL}.example.com"), *GOES], 6, MADE),
        ([status(7, "success", "https://elsewhere.example.com"), *GOES], 6, MADE),
    ],
)
def test_commit_comes_back__is_told_once(shown: list[dict[str, Any]], last: int | None, expected: int) -> None:
    client = Client(shown)
    assert told(client, last) == expected
    assert client.written == (["deployments/101/statuses success"] if expected == MADE else [])


@pytest.mark.parametrize("shown", [[], GOES[1:]])
def test_commit_comes_back__and_an_older_answer_is_none(shown: list[dict[str, Any]]) -> None:
    client = Client(shown)
    with pytest.raises(Unseen):
        told(client, 6)
    assert client.written == []
    assert told(client, 6, new=True) == MADE


@pytest.mark.parametrize("new", [False, True])
def test_one_that_is_gone_is_told_of(new: bool) -> None:
    assert told(Client(None), 6, new=new) is None
