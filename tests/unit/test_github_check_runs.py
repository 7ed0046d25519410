"""Our check run as GitHub has it: which one goes on, and what has ended."""

from collections.abc import Iterator
from typing import Any

import pytest

from reviewbot.gateways.github import GitHub
from reviewbot.model import CHECK_NAME
from reviewbot.report import CheckRunText
from tests.unit.builders import HEAD, OWN_APP, PREVIEW_URL, REF

GOES_ON = CheckRunText("in_progress", None, "Deploying.", "Deploying.", PREVIEW_URL)
ENDS = CheckRunText("completed", "failure", "It failed.", "It failed.", PREVIEW_URL)


class Client:
    """GitHub with our check runs of the commit, by id, of which it changes none that is completed."""

    app_id = OWN_APP

    def __init__(self, **status: str) -> None:
        self.status = {int(name.removeprefix("run")): said for name, said in status.items()}

    def pages(self, *_: Any) -> Iterator[dict[str, Any]]:
        for number, status in self.status.items():
            yield {"id": number, "name": CHECK_NAME, "status": status, "app": {"id": OWN_APP}}

    def write(self, _scope: Any, _verb: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        number = int(path.rpartition("/")[2])
        if number not in self.status:
            return None
        if "completed" in (body["status"], self.status[number]):
            self.status[number] = "completed"
            return {"id": number, "status": "completed", "conclusion": body.get("conclusion", "neutral")}
        return {"id": number, "status": body["status"], "conclusion": None}


def github(client: Client) -> GitHub:
    return GitHub(client, [])  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "was"), [(GOES_ON, "queued"), (ENDS, "in_progress"), (ENDS, "completed")])
def test_what_has_ended_does_not_go_on__whatever_else_may(text: CheckRunText, was: str) -> None:
    assert github(Client(run1=was)).update_check_run(REF, 1, text)


def test_what_has_ended_does_not_go_on__which_is_noticed() -> None:
    assert not github(Client(run1="completed")).update_check_run(REF, 1, GOES_ON)
    assert not github(Client()).update_check_run(REF, 1, GOES_ON)


def test_what_has_ended_does_not_go_on__so_another_one_is_looked_for() -> None:
    assert github(Client(run1="completed")).find_check_run(REF, HEAD, unfinished=True) is None
    both = github(Client(run1="completed", run2="queued"))
    assert [both.find_check_run(REF, HEAD, unfinished=each) for each in (True, False)] == [2, 2]
    over = github(Client(run1="completed", run2="completed"))
    assert over.find_check_run(REF, HEAD, unfinished=False) == 2
