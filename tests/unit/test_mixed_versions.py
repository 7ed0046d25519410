"""What one build left behind is read by the next, and by the one before it after a rollback.

`recorded/` keeps objects as each version wrote them: they are never changed, and every later build has to read them.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reviewbot.engine.bookmarks import Bookmarks
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.records import RepositoryRecord, read_record, read_repository
from reviewbot.model import (
    REDEPLOY,
    Announced,
    AppId,
    Approval,
    Approvals,
    Deployed,
    Failure,
    Logged,
    Merge,
    Phase,
    Preview,
    Problem,
    Record,
    Request,
    Section,
    Stage,
    Written,
)
from reviewbot.preview import owner, read
from reviewbot.reconcile.requests import decisions
from tests.unit.builders import HEAD, INSTALLATION, NOW, OLDER, REF, REPOSITORY, a_pull, a_ref, merged
from tests.unit.stores import Store
from tests.unit.test_requests import Writers

Object = dict[str, Any]

RECORDED = Path(__file__).parent / "recorded" / "0.1"
CRDS = Path(__file__).resolve().parents[2] / "manifests" / "cluster" / "crds"
RELEASE = "aaaaaaa-0123456789"
AT = datetime(2026, 11, 26, 8, 15, 42, 372077, tzinfo=UTC)
MADE = datetime(2026, 11, 26, 8, 15, 15, tzinfo=UTC)
FIRST = "d2c64aa0-cb65-11f0-9d2d-5a1f0f3c9d11"
SECOND = "7f9d9fa5-ba87-4111-8d0f-fff54eaea2de/475892a2-0d9d-4c33-a5d6-15a6f68e4ce7"
IMAGE = "sha256:b301d9fe29f4d67386d29c842564f83eabe5ae40d445e995a80f4ba783b401db"
# Whose keys are names of people's or of GitHub's.
_OPEN = {"requests", "images"}


def recorded(file: str) -> list[Object]:
    return list(yaml.safe_load_all((RECORDED / f"{file}.yaml").read_text()))


def the(name: str) -> Object:
    return next(each for each in recorded("records") if each["metadata"]["name"] == name)


RUNS = Record(
    REF,
    uid="217b17ae-e23a-4626-9976-222aa15adf8e",
    version="107075",
    made=MADE,
    poke=FIRST,
    observed_poke=FIRST,
    phase=Phase.RUNNING,
    reason="Ready",
    release=Deployed(RELEASE, HEAD, AT),
    images={"web": IMAGE},
    serving=Deployed(RELEASE, HEAD, AT.replace(second=51, microsecond=339404)),
    answered=((FIRST, AT.replace(second=56, microsecond=222983)),),
    approvals=Approvals(created=Approval("alice", AT.replace(second=55, microsecond=964435))),
    again=AT.replace(minute=26, second=3, microsecond=339404),
    head=HEAD,
    seen="eaa1b1ebbaf172d4",
    merge=Merge(HEAD, "c" * 40),  # type: ignore[arg-type]
    host="shop-pr-12-abcdefghij",
    comment=Written(7, "c73f1914a97abaed"),
    check_run=Written(6, "a7fc9e5d28fc265d", HEAD, completed=True),
    deployments=(Announced(HEAD, 8, "cbfb70bd27d00a9e"),),
    report="a9b3f4b5414a5b2b",
    told="a9b3f4b5414a5b2b",
    addons=("postgresql",),
    logged=Logged(RELEASE, ""),
)
FAILED = Record(
    a_ref(13),
    uid="5a0fb7a4-7df0-4b0b-a9a4-3d9f3c1f1c13",
    version="107075",
    made=MADE,
    poke=SECOND,
    observed_poke=FIRST,
    phase=Phase.FAILED,
    reason="ReleaseFailed",
    requests=(Request("e1", REDEPLOY, HEAD, None, AT),),
    approvals=Approvals(trusted=Approval("alice", AT, HEAD)),
    closed_at=AT,
    head=HEAD,
    seen="eaa1b1ebbaf172d4",
    host="shop-pr-13-abcdefghij",
    comment=Written(7, "c73f1914a97abaed"),
    check_run=Written(6, "a7fc9e5d28fc265d", HEAD),
    deployments=(Announced(OLDER),),
    deployments_again=AT,
    comment_again=AT,
    report="a9b3f4b5414a5b2b",
    told="c73f1914a97abaed",
    missing_since=AT,
    apps={"shop": "a7fc9e5d28fc265d"},
)
SECTION = Section(
    Phase.FAILED,
    "ReleaseFailed",
    HEAD,
    "The release phase failed.",
    "The release phase failed.",
    "https://shop-shop-pr-13-abcdefghij.preview.example.com",
    OLDER,
    (("failure", Problem("Procfile", 1, 1, "It ends with 1.")),),
)


def test_mixed_versions__records_of_an_earlier_build() -> None:
    assert read_record(the("pr-4711-12")) == RUNS
    assert read_record(the("pr-4711-13")) == FAILED
    app = read_record(the("pr-4711-13-shop"))
    assert (app.ref.app, app.ref.whole, app.section) == ("shop", a_ref(13), SECTION)
    assert app.failed == Failure(RELEASE, AT, "ReleaseFailed", "The release phase failed.", "no such column")
    assert (app.unready_since, app.pull_secret, app.objects) == (AT, "registry", "a7fc9e5d28fc265d")
    uid = "f22a6186-590f-4150-90d7-9b5c691576bc"
    assert read_repository(the("repo-4711")) == RepositoryRecord(
        REPOSITORY, INSTALLATION, "acme/shop", SECOND, SECOND, uid, "105602"
    )
    store = Store()
    store.items["ConfigMap", "reviewbot-deliveries"] = the("reviewbot-deliveries")
    bookmark = Bookmarks(store, AppId(99)).read()
    assert bookmark is not None
    assert bookmark.asked == frozenset({5})


def a_preview(objects: list[Object]) -> Preview:
    listed = defaultdict(list)
    for each in objects:
        listed[each["kind"]].append(each)
    (space,) = listed.pop("Namespace")
    assert owner(space) == REF
    return read(REF, space, listed)


def test_mixed_versions__a_preview_of_an_earlier_build() -> None:
    found = a_preview(recorded("preview"))
    (release,) = found.releases
    assert (found.namespace, found.routed, found.leads) == ("active", RELEASE, True)
    assert (release.id, release.sha, release.ready) == (RELEASE, HEAD, True)
    assert (set(release.processes), dict(release.images)) == ({"web"}, {"web": IMAGE})
    jobs = (release.phase, release.predestroy, found.postdeploy)
    assert [job and job.stage for job in jobs] == [Stage.SUCCEEDED, Stage.SUSPENDED, Stage.SUCCEEDED]
    addon = found.addon("postgresql")
    assert addon is not None
    assert (addon.whole, addon.ready, addon.definition) == (True, True, "6fb01e77ac")


@pytest.mark.parametrize(("kind", "file"), [("ReviewApp", "reviewapps"), ("Repository", "repositories")])
def test_mixed_versions__what_an_earlier_build_wrote_is_still_allowed(kind: str, file: str) -> None:
    definition = yaml.safe_load((CRDS / f"{file}.yaml").read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for each in recorded("records"):
        if each["kind"] == kind:
            jsonschema.validate(each, schema)
            assert set(each["status"]) <= set(schema["properties"]["status"]["properties"])


def later(value: Any, name: str = "") -> Any:
    """The same with something more wherever a later build may add something."""
    if isinstance(value, list):
        return [later(each) for each in value]
    if not isinstance(value, dict):
        return value
    more = {} if name in _OPEN else {"reviewbot.dev/later": "x"}
    return {key: later(each, key) for key, each in value.items()} | more


def test_mixed_versions__what_a_later_build_adds_makes_no_difference() -> None:
    for each in recorded("records"):
        if each["kind"] == "ReviewApp":
            assert read_record(later(each)) == read_record(each)
        if each["kind"] == "Repository":
            assert read_repository(later(each)) == read_repository(each)
    assert a_preview(later(recorded("preview"))) == a_preview(recorded("preview"))


@pytest.mark.parametrize(
    ("name", "status", "lost"),
    [
        ("pr-4711-12", {"phase": "Hibernating"}, {"phase": None}),
        ("pr-4711-12", {"release": {"at": None}}, {"release": None}),
        ("pr-4711-12", {"serving": {"id": None}}, {"serving": None}),
        ("pr-4711-12", {"comment": {"digest": None}}, {"comment": None}),
        ("pr-4711-12", {"again": "soon"}, {"again": None}),
        ("pr-4711-12", {"releaseLog": ["of several lines"]}, {"logged": None}),
        ("pr-4711-12", {"requests": {FIRST: {"at": None}}}, {"answered": ()}),
        # Nobody's decision is guessed.
        ("pr-4711-12", {"approvals": {"created": {"by": None}}}, {"approvals": Approvals()}),
        ("pr-4711-13-shop", {"failed": {"reason": None}}, {"failed": None}),
        ("pr-4711-13-shop", {"section": {"phase": "Hibernating"}}, {"section": None}),
    ],
)
def test_mixed_versions__what_another_build_writes_otherwise_is_lost_and_nothing_else(
    name: str, status: Object, lost: Object
) -> None:
    known, odd = vars(read_record(the(name))), vars(read_record(merged(the(name), {"status": status})))
    assert odd == known | lost


def test_mixed_versions__what_is_not_known_is_left_alone() -> None:
    store = Store()
    item = later(the("pr-4711-12"))
    store.items["ReviewApp", REF.name] = item
    mailbox = Mailbox(store)
    mailbox.poke(REF)
    mailbox.write_status(REF.name, {"phase": "Closed", "serving": None, "approvals": None, "checkRun": {"id": 9}})
    found = store.items["ReviewApp", REF.name]
    for part in ("spec", "status"):
        assert found[part]["reviewbot.dev/later"] == "x"
    assert found["status"]["checkRun"] == item["status"]["checkRun"] | {"id": 9}
    assert found["metadata"]["annotations"]["reviewbot.dev/later"] == "x"


def test_mixed_versions__a_request_that_only_a_later_build_knows_waits_for_it() -> None:
    asked = {"e2": {"verb": "hibernate", "sha": HEAD, "at": NOW.isoformat()}}
    record = read_record(merged(the("pr-4711-12"), {"spec": {"requests": asked}}))
    assert [each.verb for each in record.requests] == ["hibernate"]
    assert decisions(record, a_pull(), Writers(), NOW + timedelta(minutes=1)).answers == {}
