"""What a pass does when the cluster refuses: rights that were just given, or taken away, are no one's failure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.decide import Facts
from reviewbot.errors import Denied, GiveUp, Wait
from reviewbot.model import (
    Deployed,
    InstallationId,
    Logged,
    Output,
    Preview,
    PullState,
    Record,
    Script,
    Stage,
    Verdict,
    Written,
)
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.missing import Absent, Moved
from reviewbot.reconcile.observe import LockedOut
from reviewbot.render.names import Address
from tests.unit.builders import (
    HEAD,
    NOW,
    OLDER,
    REF,
    a_job,
    a_pull,
    a_record,
    a_release,
    a_state,
    minutes,
    seconds,
)


class Outside:
    """Records, observer and actor in one: what is seen, how writes end, and what was done."""

    def __init__(self, preview: Preview, failure: Exception | None) -> None:
        self.preview = preview
        self.failure = failure
        self.done: list[str] = []
        self.status: dict[str, Any] = {}
        self.missing_since: datetime | None = None
        self.logged: str | None = "migrating"
        self.writes = 0

    def record(self, _name: str) -> Record:
        return a_record(missing_since=self.missing_since)

    def move(self, _record: Record, installation: int) -> None:
        self.done.append(f"move to {installation}")

    def observe(self, record: Record) -> Facts:
        if isinstance(self.failure, LockedOut | Absent | Moved):
            raise self.failure
        return Facts(NOW, record, a_pull(), self.preview, Verdict(True, "Green."), a_release())

    def log(self, _record: Record, _release: object, output: Output) -> str | None:
        self.done.append(f"log of {output.container}")
        return self.logged

    def rest(self, _record: Record) -> None: ...

    def address(self, *_: object) -> Address:
        return Address("shop", "https://preview.example.com")

    def act(self, step: object, *_: object) -> None:
        self.done.append(type(step).__name__)
        if self.failure:
            raise self.failure

    def restore_rights(self, _ref: object) -> None:
        self.done.append("rights")

    def write_status(self, _name: str, status: dict[str, Any]) -> None:
        self.status |= status
        self.writes += 1

    def apps_of(self, _ref: object) -> list[Record]:
        return []

    def label(self, *_: object) -> None: ...
    def tell(self, *_: object) -> None: ...
    def know_repository(self, *_: object) -> None: ...
    def settle(self, *_: object, **__: object) -> None: ...


def a_pass(outside: Outside) -> None:
    Reconciler(outside, outside, outside, outside).reconcile(REF.name)  # type: ignore[arg-type]


def active(age: timedelta) -> Preview:
    return Preview("active", uid="uid", since=NOW - age)


@pytest.mark.parametrize("preview", [Preview("absent"), active(seconds(3))])
def test_fresh_namespace_races__what_was_just_allowed_is_waited_for(preview: Preview) -> None:
    outside = Outside(preview, Denied("The cluster refused it."))
    with pytest.raises(Wait):
        a_pass(outside)
    assert outside.status == {}


@pytest.mark.parametrize(
    ("preview", "failure"),
    [(active(minutes(1)), Denied("The cluster refused it.")), (Preview("absent"), GiveUp("The cluster refused it."))],
)
def test_fresh_namespace_races__what_stays_refused_is_told(preview: Preview, failure: Exception) -> None:
    outside = Outside(preview, failure)
    a_pass(outside)
    assert (outside.status["phase"], outside.status["message"]) == ("Failed", "The cluster refused it.")


def test_drift_and_hand_edits__what_we_may_do_is_given_back() -> None:
    outside = Outside(active(minutes(60)), LockedOut("pods is forbidden"))
    with pytest.raises(Wait):
        a_pass(outside)
    assert outside.done == ["rights"]


class Shown(Outside):
    """What is seen, given whole."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts.preview, None)
        self.facts = facts
        self.absent: Absent | None = None

    def record(self, _name: str) -> Record:
        return self.facts.record

    def observe(self, record: Record) -> Facts:
        if self.absent:
            raise self.absent
        return replace(self.facts, record=record)


READY = a_state()
SERVED = a_record(
    release=Deployed(READY.id, HEAD, NOW - minutes(60)), serving=Deployed(READY.id, HEAD, NOW - minutes(59))
)


@pytest.mark.parametrize(
    "preview",
    [Preview("active", (READY,), uid="uid"), Preview("active", uid="uid")],
    ids=["its route was deleted", "its objects were deleted"],
)
def test_address_is_probed_again__by_whoever_goes_on_after_a_cut(preview: Preview) -> None:
    outside = Shown(Facts(NOW, SERVED, a_pull(), preview, Verdict(True, "Green."), a_release()))
    outside.failure = ConnectionResetError()
    with pytest.raises(ConnectionResetError):
        a_pass(outside)
    assert outside.done[-1] in {"Arm", "Switch"}
    assert outside.status["release"]["at"] == NOW.isoformat()


RED = Verdict(False, "Waiting for check “test”.")
CLOSED = a_pull(state=PullState.CLOSED)


@pytest.mark.parametrize(
    ("facts", "patience"),
    [
        (Facts(NOW, a_record(), a_pull(), Preview("absent"), RED), 0),
        (Facts(NOW, a_record(check_run=Written(1, "", OLDER)), a_pull(), Preview("absent"), RED), 0),
        (Facts(NOW, a_record(check_run=Written(1, "", HEAD)), a_pull(), Preview("absent"), RED), 5),
        (Facts(NOW, a_record(), a_pull(), Preview("absent"), Verdict(True, ""), a_release()), 2),
        (Facts(NOW, a_record(), CLOSED, Preview("active", uid="uid")), 15),
        (Facts(NOW, a_record(), CLOSED, Preview("absent")), 0),
        (Facts(NOW, a_record(), a_pull(), Preview("foreign"), Verdict(True, ""), a_release()), 0),
    ],
    ids=["opened", "pushed", "checks go on", "deploying", "closing", "closed", "failed"],
)
def test_what_will_soon_be_out_of_date_need_not_be_told_at_once(facts: Facts, patience: int) -> None:
    outside = Shown(facts)
    outcome = Reconciler(outside, outside, outside, outside).reconcile(REF.name)  # type: ignore[arg-type]
    assert outcome.patience == seconds(patience)


@pytest.mark.parametrize(("known", "noted"), [(None, {"missingSince": NOW.isoformat()}), (NOW - minutes(1), {})])
def test_what_is_missing_is_noted_once_and_nothing_is_done(known: datetime | None, noted: dict[str, str]) -> None:
    outside = Outside(active(minutes(60)), Absent("It is not there.", NOW, None))
    outside.missing_since = known
    with pytest.raises(Absent):
        a_pass(outside)
    assert (outside.done, outside.status) == ([], noted)


def test_what_has_moved_is_followed() -> None:
    outside = Outside(active(minutes(60)), Moved(InstallationId(32)))
    with pytest.raises(Wait):
        a_pass(outside)
    assert (outside.done, outside.status) == (["move to 32"], {})


def migrated(stage: Stage = Stage.SUCCEEDED, **changes: Any) -> Facts:
    wanted = a_release(command=Script("bin/migrate"))
    state = a_state(ready=False, phase=a_job(stage, **changes))
    preview = Preview("active", (state,), None, "uid")
    return Facts(NOW, a_record(), a_pull(), preview, Verdict(True, "Green."), wanted, logs=True)


LOGGED = Logged(a_release().id, "before")


@pytest.mark.parametrize(
    ("facts", "log", "told"),
    [
        (migrated(), "migrating", {"id": LOGGED.id, "log": "migrating"}),
        (migrated(), "", {"id": LOGGED.id, "log": ""}),
        (migrated(), None, None),
        (migrated(output=None), "migrating", None),
        (migrated(Stage.RUNNING), "migrating", None),
        (replace(migrated(), logs=False), "migrating", None),
        (replace(migrated(), record=a_record(logged=LOGGED)), "migrating", {"id": LOGGED.id, "log": "before"}),
    ],
    ids=["wrote", "wrote nothing", "unseen", "no pod", "goes on", "not to be shown", "read before"],
)
def test_what_the_release_phase_wrote_is_read_once(facts: Facts, log: str | None, told: Any) -> None:
    outside = Shown(facts)
    outside.logged = log
    a_pass(outside)
    assert outside.status["releaseLog"] == told
    read = facts.record.logged is None and facts.logs and facts.preview.releases[0].phase == a_job(Stage.SUCCEEDED)
    assert ("log of release" in outside.done) == read


def test_in_flight_only_what_changes_is_written() -> None:
    outside = Shown(migrated(Stage.RUNNING))
    reconciler = Reconciler(outside, outside, outside, outside)  # type: ignore[arg-type]
    for _ in range(3):
        reconciler.reconcile(REF.name)
    assert outside.writes == 1


def test_what_was_missing_and_is_back_is_noted_though_nothing_else_changed() -> None:
    outside = Shown(migrated(Stage.RUNNING))
    reconciler = Reconciler(outside, outside, outside, outside)  # type: ignore[arg-type]
    reconciler.reconcile(REF.name)
    outside.absent = Absent("It is not there.", NOW, None)
    with pytest.raises(Absent):
        reconciler.reconcile(REF.name)
    assert outside.status["missingSince"] == NOW.isoformat()
    outside.absent = None
    reconciler.reconcile(REF.name)
    assert outside.status["missingSince"] is None
