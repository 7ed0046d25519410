"""Which log is read of a process that failed, and how much of it is kept."""

from typing import Any

import pytest

from reviewbot.errors import GiveUp, Unseen
from reviewbot.model import Output
from reviewbot.reconcile.logs import BYTES, LINES, last_lines
from tests.unit.builders import a_release


class Logs:
    """The logs of one container and of the one before it; an exception stands for a failure to read."""

    def __init__(self, current: Any, previous: Any) -> None:
        self._texts = {False: current, True: previous}
        self.read: list[bool] = []

    def log(self, namespace: str, pod: str, container: str, lines: int, previous: bool = False) -> str | None:
        assert (namespace, pod, container, lines) == ("rb-x", "web-x", "web", LINES)
        self.read.append(previous)
        text: str | Exception | None = self._texts[previous]
        if isinstance(text, Exception):
            raise text
        return text


def shown(logs: Logs, restarted: bool = False, **config: str) -> str | None:
    release = a_release(config={"REVIEWBOT_URL": "http://preview.example", **config})
    return last_lines(logs, "rb-x", Output("web-x", "web", restarted), release)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("current", "previous", "restarted", "text", "read"),
    [
        ("now", "before", False, "now", [False]),
        ("now", "before", True, "before", [True]),
        ("now", None, True, "now", [True, False]),
        ("now", " \n", True, "now", [True, False]),
        ("", "before", False, "before", [False, True]),
        (None, None, False, "", [False, True]),
        (Unseen("no answer"), "before", False, None, [False]),
        (GiveUp("no rights"), "before", False, None, [False]),
    ],
)
def test_which_log(current: Any, previous: Any, restarted: bool, text: str | None, read: list[bool]) -> None:
    logs = Logs(current, previous)
    assert shown(logs, restarted) == text
    assert logs.read == read


def test_the_apps_own_values_are_not_shown() -> None:
    logs = Logs("connecting to swordfish by herring from http://preview.example\n", None)
    text = shown(logs, PORTAL="swordfish", HEROKU_KEY="herring")
    assert text == "connecting to [redacted] by [redacted] from http://preview.example"


def test_the_last_lines_are_kept() -> None:
    logs = Logs("\n".join(f"{number} {'x' * 300}" for number in range(30)), None)
    text = shown(logs) or ""
    assert len(text.encode()) == BYTES
    assert text.endswith(f"29 {'x' * 300}")


def test_no_half_of_a_secret_is_left_at_the_edge() -> None:
    logs = Logs("token=" + "s" * (BYTES + 10), None)
    assert shown(logs) == "token=[redacted]"


def test_no_half_of_a_character_is_left_at_the_edge() -> None:
    text = shown(Logs("€" * BYTES, None)) or ""
    assert set(text) == {"€"}
    assert BYTES - 3 < len(text.encode()) <= BYTES
