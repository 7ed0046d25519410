"""What is read of a repository's files: everything wrong is told at once, and the base's only where it is compared."""

from typing import Any

import pytest

from reviewbot.errors import GiveUp
from reviewbot.model import About, AppId, Check, Preview, Problem, PullRequest
from reviewbot.reconcile.desired import Desired, DesiredStates
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.wanted import CONFIG_PATH, Releases
from tests.unit.builders import NOW, PREVIEW_URL, a_check, a_pull, a_record

SETTINGS = b"image: shop:{sha}\n"
WORKER = b"web: bin/web\nworker: bin/work\n"
WRONG = b'{"env": {"A": 1}}'


class Outside:
    """GitHub with one pull request whose tests pass, a cluster that provides nothing, and what was read of them."""

    def __init__(
        self, base: dict[str, bytes | Exception], head: dict[str, bytes], paths: tuple[str, ...] | None
    ) -> None:
        self.base: dict[str, bytes | Exception] = {CONFIG_PATH: SETTINGS, **base}
        self.head = {path: content for path, content in base.items() if isinstance(content, bytes)} | head
        self.paths = tuple(head) if paths is None else paths
        self.many = False
        self.read: list[tuple[str, str]] = []
        self.listed = 0

    def pull(self, _ref: object) -> PullRequest:
        return a_pull()

    def reported(self, *_: object) -> tuple[Check, ...]:
        return (a_check(),)

    def required(self, *_: object) -> tuple[Any, ...]:
        return ()

    def suites(self, *_: object) -> tuple[Any, ...]:
        return ()

    def file(self, _ref: object, path: str, at: str) -> bytes | None:
        self.read.append((path, at))
        found = self.base.get(path) if at == "main" else self.head.get(path)
        if isinstance(found, Exception):
            raise found
        return found

    def changed_paths(self, _ref: object) -> tuple[str, ...] | None:
        self.listed += 1
        return None if self.many else self.paths

    def get(self, *_: object) -> None: ...

    def states(self) -> DesiredStates:
        site = Site(AppId(5), "key", PREVIEW_URL, "a/b", None)
        source: Any = self
        return DesiredStates(source, Releases(source, source, site), site, lambda: NOW)

    def desired(self) -> Desired:
        states, record = self.states(), a_record()
        return states.read(record, Preview("absent"), states.look(record))


def outside(
    base: dict[str, bytes | Exception] | None = None,
    head: dict[str, bytes] | None = None,
    paths: tuple[str, ...] | None = None,
) -> Outside:
    return Outside(base or {}, head or {}, paths)


def test_the_places_of_what_is_wrong_in_the_heads_files() -> None:
    desired = outside(head={"app.json": WRONG, "Procfile": b"worker: true\n"}).desired()
    assert desired.problems == (
        Problem("Procfile", 1, 1, "there is no web process; add a line such as `web: command`"),
        Problem("app.json", 1, 15, "env.A: value must be a string; put it in double quotes"),
    )
    assert desired.problem == "\n".join(map(str, desired.problems))
    assert (desired.wanted, desired.changes) == (None, ())


def test_settings_that_are_wrong_hide_nothing_of_the_heads_files() -> None:
    desired = outside({CONFIG_PATH: b"images: x\n"}, {"app.json": WRONG}).desired()
    first, second = (desired.problem or "").splitlines()
    assert first.startswith(f"{CONFIG_PATH}:1:1: images: unknown key")
    assert second == "app.json:1:15: env.A: value must be a string; put it in double quotes"
    # The head may say something else in that line of its settings.
    assert [problem.file for problem in desired.problems] == ["app.json"]


def test_settings_that_are_wrong_are_all_there_is_to_tell_where_the_files_are_fine() -> None:
    desired = outside({CONFIG_PATH: b"images: x\n"}, {"Procfile": WORKER}).desired()
    assert (desired.problem or "").startswith(f"{CONFIG_PATH}:1:1: images: unknown key")
    assert (desired.problems, desired.wanted) == ((), None)


def test_what_a_pull_request_changes() -> None:
    given = outside({"Procfile": b"web: bin/web\n"}, {"Procfile": b"web: bin/shop\n", "topic.txt": b"1"})
    assert given.desired().changes == ("changes the command of process `web`",)
    assert [path for path, at in given.read if at == "main"] == [CONFIG_PATH, "Procfile"]


def test_the_base_is_read_once_for_a_head() -> None:
    given = outside({"Procfile": b"web: bin/web\n"}, {"Procfile": b"web: bin/shop\n"})
    states = given.states()
    record = a_record()
    told = [states.read(record, Preview("absent"), states.look(record)).changes for _ in range(3)]
    assert told == [("changes the command of process `web`",)] * 3
    assert given.read.count(("Procfile", "main")) == 1
    assert given.listed == 1


@pytest.mark.parametrize(
    ("paths", "many"), [(("topic.txt",), False), (("Procfile",), True)], ids=["other files", "too many to list"]
)
def test_what_is_not_compared_costs_nothing(paths: tuple[str, ...], many: bool) -> None:
    given = outside({"Procfile": b"web: bin/web\n"}, {"Procfile": b"web: bin/shop\n"}, paths)
    given.many = many
    desired = given.desired()
    assert (desired.changes, desired.wanted is None) == ((), False)
    assert [path for path, at in given.read if at == "main"] == [CONFIG_PATH]


@pytest.mark.parametrize("base", [b"\xff", GiveUp("`Procfile` is not an ordinary file.")], ids=["wrong", "no file"])
def test_a_base_that_cannot_be_used_keeps_nothing_from_running(base: bytes | Exception) -> None:
    desired = outside({"Procfile": base}, {"Procfile": WORKER}).desired()
    assert (desired.changes, desired.problem, desired.wanted is None) == ((), None, False)


def test_a_new_variable_without_a_value_is_among_the_changes() -> None:
    desired = outside({"app.json": b"{}"}, {"app.json": b'{"env": {"KEY": {}}}'}).desired()
    assert desired.changes == ("requires variable `KEY`, which has no value yet",)
    assert (desired.problem or "").startswith("app.json requires `KEY` without a value.")
    assert desired.about == About()
