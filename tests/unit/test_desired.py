"""What is read of a repository's files: everything wrong is told at once, and the base's only where it is compared."""

from typing import Any

import pytest

from reviewbot.errors import GiveUp
from reviewbot.model import (
    About,
    AppId,
    Approval,
    Approvals,
    Check,
    Folder,
    JobState,
    Output,
    Preview,
    Problem,
    PullRequest,
    Requirements,
    Script,
    Served,
    Stage,
)
from reviewbot.reconcile.desired import Desired, DesiredStates
from reviewbot.reconcile.site import Site
from reviewbot.reconcile.wanted import CONFIG_PATH, Releases
from reviewbot.render.names import Address
from tests.unit.builders import HEAD, NOW, OLDER, PREVIEW_URL, a_check, a_pull, a_record, a_state

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
        self.merged = HEAD
        self.read: list[tuple[str, str]] = []
        self.listed = 0
        self.rendered: bytes | None = None

    def pull(self, _ref: object) -> PullRequest:
        return a_pull(merge_sha=OLDER)

    def reported(self, *_: object) -> tuple[Check, ...]:
        return (a_check(),)

    def required(self, *_: object) -> Requirements:
        return Requirements()

    def suites(self, *_: object) -> tuple[Any, ...]:
        return ()

    def file(self, _ref: object, path: str, at: str) -> bytes | None:
        self.read.append((path, at))
        found = self.base.get(path) if at == "main" else self.head.get(path)
        if isinstance(found, Exception):
            raise found
        return found

    def folder(self, _ref: object, path: str, sha: str) -> Folder:
        self.read.append((path, sha))
        files = {name.removeprefix(f"{path}/"): text for name, text in self.head.items() if name.startswith(path)}
        if not files:
            raise GiveUp(f"There is no folder `{path}` in the commit.")
        return Folder(path, files)

    def parents(self, _ref: object, sha: str) -> tuple[str, ...]:
        assert sha == OLDER
        return ("c" * 40, self.merged)

    def changed_paths(self, _ref: object) -> tuple[str, ...] | None:
        self.listed += 1
        return None if self.many else self.paths

    def get(self, *_: object) -> None: ...

    def output(self, _namespace: str, pod: str, container: str, limit: int) -> bytes | None:
        assert (pod, container, limit) == ("kustomize-x", "kustomize", 256 * 1024)
        return self.rendered

    def states(self) -> DesiredStates:
        site = Site(AppId(5), "key", PREVIEW_URL, "a/b", None)
        source: Any = self
        return DesiredStates(source, Releases(source, source, site), site, lambda: NOW)

    def desired(self, **changes: Any) -> Desired:
        states, record = self.states(), a_record(**changes)
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
    (gap,) = desired.problems
    assert str(gap).startswith(
        "app.json:1:10: env.KEY: is required and has no value; whoever runs the cluster can give"
    )
    assert desired.problem == str(gap)
    assert desired.about == About()


def test_a_merge_commit_is_kept_only_where_it_made_the_image() -> None:
    given = outside({CONFIG_PATH: b"image: shop:{merge_sha}\n"}, {"Procfile": WORKER})
    made = given.desired()
    assert made.wanted is not None
    assert (made.wanted.image, made.pull.merge_sha) == (f"shop:{OLDER}", OLDER)
    assert outside(head={"Procfile": WORKER}).desired().pull.merge_sha is None
    given.merged = OLDER
    late = given.desired()
    assert (late.wanted, late.problem, late.pending) == (None, None, "GitHub has not made the merge commit yet.")


@pytest.mark.parametrize("approvals", [Approvals(), Approvals(created=Approval("alice", NOW))])
def test_what_somebody_asked_for_is_not_left_out(approvals: Approvals) -> None:
    given = outside({CONFIG_PATH: SETTINGS + b"pull_requests: {labels: [preview]}\n"}, {"Procfile": WORKER})
    desired = given.desired(approvals=approvals)
    asked = approvals.created is not None
    assert (desired.excluded is None, desired.wanted is not None) == (asked, asked)


OWN = SETTINGS + b"manifests: deploy/\n"
SERVICE = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"


def test_a_repositorys_own_objects_run_instead_of_processes() -> None:
    given = outside({CONFIG_PATH: OWN}, {"deploy/web.yaml": SERVICE, "Procfile": b"release: bin/migrate\n"})
    states, record = given.states(), a_record()
    desired = states.read(record, Preview("absent"), states.look(record))
    wanted = desired.wanted
    assert wanted is not None and wanted.own is not None
    assert (wanted.processes, set(wanted.own.names)) == ((), {("Service", "web")})
    assert wanted.own.served == Served("web", 80, 80)
    assert wanted.command == Script("bin/migrate")
    assert wanted.own.objects[0]["metadata"]["labels"] == {
        "reviewbot.dev/release": wanted.id,
        "reviewbot.dev/origin": "manifests",
        "reviewbot.dev/served": "80",
    }
    assert desired.changes == ("adds the release command", "changes the manifests")
    again = states.read(record, Preview("absent"), states.look(record)).wanted
    assert again is not None and again.id == wanted.id
    assert given.read.count(("deploy", HEAD)) == 1


@pytest.mark.parametrize(
    ("settings", "head", "problem"),
    [
        (b"", {}, "There is no folder `deploy` in the commit."),
        (b"serve: shop\n", {"web.yaml": SERVICE}, "names the Service shop; the manifests have web."),
        (b"", {"web.yaml": SERVICE, "x.yaml": b"kind: Secret"}, "deploy/x.yaml:1:1: an object needs apiVersion"),
    ],
)
def test_manifests_that_cannot_be_used(settings: bytes, head: dict[str, bytes], problem: str) -> None:
    files = {f"deploy/{name}": text for name, text in head.items()}
    desired = outside({CONFIG_PATH: OWN + settings}, files, ("topic.py",)).desired()
    assert desired.wanted is None
    assert problem in (desired.problem or "")


def test_what_a_release_is_made_of_makes_its_id() -> None:
    ids = {
        wanted.id
        for settings in (b"manifests: deploy\n", b"manifests: deploy\nserve: web\n", b"manifests: other\n", b"")
        if (
            wanted := outside({CONFIG_PATH: SETTINGS + settings}, {f"{at}/w.yaml": SERVICE for at in AT})
            .desired()
            .wanted
        )
    }
    assert len(ids) == 4


AT = ("deploy", "other")


KUSTOMIZATION = {"deploy/kustomization.yaml": b"resources: [web.yaml]", "deploy/web.yaml": SERVICE}


def rendering(given: Outside, stage: Stage = Stage.SUCCEEDED) -> tuple[Desired, Desired]:
    """What is wanted of a kustomization before and after a look at the Job that renders it."""
    states, record = given.states(), a_record()
    desired = states.read(record, Preview("absent"), states.look(record))
    assert desired.wanted is not None
    job = JobState("kustomize", desired.wanted.id, stage, output=Output("kustomize-x", "kustomize", False))
    state = a_state(id=desired.wanted.id, processes=frozenset(), rendering=job)
    address = Address("shop-pr-12-abcdefghij", "https://preview.example.com")
    return desired, states.rendered(record, Preview("active", (state,)), desired, address)


def test_a_kustomization_waits_to_be_rendered() -> None:
    given = outside({CONFIG_PATH: OWN}, KUSTOMIZATION)
    before, after = rendering(given, Stage.RUNNING)
    assert before.wanted is not None and before.wanted.unrendered is not None
    assert before.wanted.unrendered.folder.files.keys() == {"kustomization.yaml", "web.yaml"}
    assert after == before
    # Its pod is gone.
    assert rendering(given)[1] == before


def test_what_was_rendered_is_the_releases_own() -> None:
    given = outside({CONFIG_PATH: OWN}, KUSTOMIZATION)
    given.rendered = b"# Warning: old\n" + SERVICE.replace(b"web", b"shop")
    before, after = rendering(given)
    assert before.wanted is not None and after.wanted is not None and after.wanted.own is not None
    assert (after.wanted.id, after.wanted.unrendered) == (before.wanted.id, None)
    assert after.wanted.own.served.service == "shop"


def test_what_was_rendered_and_cannot_be_used_has_no_place_in_the_heads_files() -> None:
    given = outside({CONFIG_PATH: OWN}, KUSTOMIZATION)
    given.rendered = b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    _, after = rendering(given)
    assert (after.wanted, after.problems) == (None, ())
    assert (after.problem or "").startswith("deploy/(rendered by kustomize).yaml:2:7: Secret is not allowed")


def test_a_kustomization_that_reaches_out_is_not_rendered() -> None:
    head = KUSTOMIZATION | {"deploy/kustomization.yaml": b"resources: [../web.yaml]"}
    desired = outside({CONFIG_PATH: OWN}, head).desired()
    assert desired.wanted is None
    assert [problem.file for problem in desired.problems] == ["deploy/kustomization.yaml"]
