"""What a pass does when the cluster refuses: rights that were just given, or taken away, are no one's failure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.decide import Facts
from reviewbot.errors import Denied, GiveUp, Wait
from reviewbot.model import InstallationId, Preview, PullState, Record, Verdict, Written
from reviewbot.reconcile import Reconciler
from reviewbot.reconcile.missing import Absent, Moved
from reviewbot.reconcile.observe import LockedOut
from reviewbot.render.names import Address
from tests.unit.builders import HEAD, NOW, OLDER, REF, a_pull, a_record, a_release, minutes, seconds


class Outside:
    """Records, observer and actor in one: what is seen, how writes end, and what was done."""

    def __init__(self, preview: Preview, failure: Exception | None) -> None:
        self.preview = preview
        self.failure = failure
        self.done: list[str] = []
        self.status: dict[str, Any] = {}
        self.missing_since: datetime | None = None

    def record(self, _name: str) -> Record:
        return a_record(missing_since=self.missing_since)

    def move(self, _record: Record, installation: int) -> None:
        self.done.append(f"move to {installation}")

    def observe(self, record: Record) -> Facts:
        if isinstance(self.failure, LockedOut | Absent | Moved):
            raise self.failure
        return Facts(NOW, record, a_pull(), self.preview, Verdict(True, "Green."), a_release())

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
def test_rights_that_were_just_given_are_waited_for(preview: Preview) -> None:
    outside = Outside(preview, Denied("The cluster refused it."))
    with pytest.raises(Wait):
        a_pass(outside)
    assert outside.status == {}


@pytest.mark.parametrize(
    ("preview", "failure"),
    [(active(minutes(1)), Denied("The cluster refused it.")), (Preview("absent"), GiveUp("The cluster refused it."))],
)
def test_what_stays_refused_is_told(preview: Preview, failure: Exception) -> None:
    outside = Outside(preview, failure)
    a_pass(outside)
    assert (outside.status["phase"], outside.status["message"]) == ("Failed", "The cluster refused it.")


def test_rights_that_somebody_took_away_are_given_back() -> None:
    outside = Outside(active(minutes(60)), LockedOut("pods is forbidden"))
    with pytest.raises(Wait):
        a_pass(outside)
    assert outside.done == ["rights"]


class Shown(Outside):
    """What is seen, given whole."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts.preview, None)
        self.facts = facts

    def record(self, _name: str) -> Record:
        return self.facts.record

    def observe(self, record: Record) -> Facts:
        return replace(self.facts, record=record)


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
