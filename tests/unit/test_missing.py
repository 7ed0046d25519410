"""When a pull request that GitHub does not show is taken for gone, and when it is looked at again until then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.errors import Missing, Unseen
from reviewbot.model import AppId, InstallationId, Phase, PullState, Record
from reviewbot.reconcile.missing import GONE_AFTER, Absent, Moved, next_look
from reviewbot.reconcile.observe import Observer
from reviewbot.reconcile.site import Site
from tests.unit.builders import INSTALLATION, NOW, a_record, minutes, seconds

MISSING = Missing("GitHub does not show pull request 12")


class Outside:
    """A GitHub that does not show the pull request, and a cluster that holds nothing."""

    def __init__(self, failure: Exception = MISSING, covering: int | None = None) -> None:
        self.failure = failure
        self.covering = covering

    def pull(self, _ref: object) -> Any:
        raise self.failure

    def installation_of(self, _repository: object) -> int | None:
        return self.covering

    def get(self, *_: object) -> None:
        return None

    file = folder = parents = get


def observed(outside: Outside, record: Record) -> Any:
    site = Site(AppId(1), "key", "https://preview.example.com", "gateways/one", None)
    observer = Observer(outside, outside, site, lambda *_: None, lambda: NOW)  # type: ignore[arg-type]
    return observer.observe(record).pull


@pytest.mark.parametrize("covering", [None, INSTALLATION])
@pytest.mark.parametrize(
    ("since", "until"),
    [
        (None, NOW + seconds(15)),
        (NOW - seconds(15), NOW + minutes(10) - seconds(15)),
        (NOW - minutes(9), NOW + minutes(1)),
    ],
)
def test_it_is_looked_at_again(since: datetime | None, until: datetime, covering: int | None) -> None:
    with pytest.raises(Absent) as caught:
        observed(Outside(covering=covering), a_record(phase=Phase.RUNNING, missing_since=since))
    assert (caught.value.at, caught.value.until) == (NOW, until)


def test_one_that_was_never_seen_is_looked_at_again_soon() -> None:
    with pytest.raises(Absent) as caught:
        observed(Outside(), a_record(missing_since=NOW - minutes(9)))
    assert caught.value.until is None


@pytest.mark.parametrize("phase", [None, Phase.RUNNING])
def test_if_it_stays_so_it_is_gone(phase: Phase | None) -> None:
    pull = observed(Outside(), a_record(phase=phase, missing_since=NOW - GONE_AFTER, head="a" * 40))
    assert (pull.state, pull.head, pull.live, pull.silent) == (PullState.GONE, "a" * 40, False, True)


@pytest.mark.parametrize("since", [None, NOW - GONE_AFTER])
def test_another_installation_that_covers_it_is_asked_instead(since: datetime | None) -> None:
    with pytest.raises(Moved) as caught:
        observed(Outside(covering=32), a_record(missing_since=since))
    assert caught.value.installation == InstallationId(32)


def test_absence_is_not_closure__what_cannot_be_seen_is_not_gone() -> None:
    with pytest.raises(Unseen):
        observed(Outside(Unseen("GitHub answered 502")), a_record(missing_since=NOW - timedelta(days=1)))


def test_what_is_gone_is_looked_for_ever_more_rarely() -> None:
    assert next_look(NOW - GONE_AFTER, NOW) == NOW + GONE_AFTER
    assert next_look(NOW - timedelta(hours=3), NOW) == NOW + timedelta(hours=3)
