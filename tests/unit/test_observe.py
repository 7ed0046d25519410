"""What is known of GitHub's side: read again when somebody says so or time passes, kept where it cannot be read."""

from datetime import datetime
from typing import Any

import pytest

from reviewbot.errors import Denied, Unseen, Wait
from reviewbot.model import AppId, Cause, PullRequest, PullState, Record
from reviewbot.reconcile.observe import LockedOut, Observer
from reviewbot.reconcile.site import Site
from tests.unit.builders import NOW, PREVIEW_URL, a_pull, a_record, minutes
from tests.unit.objects import CREATED, RELEASE, a_container, a_deployment, a_namespace, a_pod, ended


class Outside:
    """GitHub, an empty cluster and a clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.state = PullState.CLOSED
        self.failure: Exception | None = None
        self.read = 0

    def clock(self) -> datetime:
        return self.now

    def pull(self, _ref: object) -> PullRequest:
        self.read += 1
        if self.failure:
            raise self.failure
        return a_pull(state=self.state)

    def checks(self, *_: object) -> Any: ...
    def file(self, *_: object) -> None: ...
    def folder(self, *_: object) -> Any: ...
    def parents(self, *_: object) -> Any: ...
    def get(self, *_: object) -> None: ...

    def observer(self) -> Observer:
        site = Site(AppId(5), "key", PREVIEW_URL, "a/b", None)
        return Observer(self, self, site, lambda *_: None, self.clock)  # type: ignore[arg-type]


def a_poked(poke: str) -> Record:
    return a_record(poke=poke, observed_poke="before")


@pytest.fixture
def outside() -> Outside:
    return Outside()


def test_for_a_minute_nothing_is_read_twice(outside: Outside) -> None:
    observer, record = outside.observer(), a_poked("one")
    for _ in range(3):
        observer.observe(record)
    assert outside.read == 1
    observer.observe(a_poked("two"))
    outside.now += minutes(1)
    observer.observe(a_poked("two"))
    assert outside.read == 3


def test_what_was_seen_counts_while_github_cannot_be_asked(outside: Outside) -> None:
    observer, record = outside.observer(), a_poked("one")
    observer.observe(record)
    outside.now += minutes(1)
    outside.failure = Wait("GitHub's rate limit is reached.", NOW + minutes(50))
    for _ in range(5):
        assert observer.observe(record).pull.state is PullState.CLOSED
    # It is tried once a minute, not by every pass.
    assert outside.read == 2
    outside.now += minutes(1)
    outside.failure, outside.state = None, PullState.MERGED
    assert observer.observe(record).pull.state is PullState.MERGED


def test_what_was_never_seen_or_is_said_to_have_changed_is_waited_for(outside: Outside) -> None:
    observer = outside.observer()
    outside.failure = Unseen("GitHub does not answer")
    with pytest.raises(Unseen):
        observer.observe(a_poked("one"))
    outside.failure = None
    observer.observe(a_poked("one"))
    outside.failure = Unseen("GitHub does not answer")
    with pytest.raises(Unseen):
        observer.observe(a_poked("two"))


class Cluster(Outside):
    """One preview's namespace; `listed` are the kinds that were asked for."""

    def __init__(self, kinds: dict[str, list[Any]], refusal: Exception | None = None) -> None:
        super().__init__()
        self.kinds = kinds
        self.refusal = refusal
        self.listed: list[str] = []

    def get(self, *_: object) -> Any:
        return a_namespace()

    def items(self, kind: str, _namespace: str) -> list[Any]:
        if self.refusal:
            raise self.refusal
        self.listed.append(kind)
        return self.kinds.get(kind, [])


A_JOB = {
    "metadata": {
        "name": f"release-{RELEASE}",
        "uid": "job-uid",
        "labels": {"reviewbot.dev/release": RELEASE, "reviewbot.dev/job": "release"},
        "creationTimestamp": CREATED,
    },
    "spec": {},
}
NO_ROOM = {"reason": "FailedCreate", "note": "exceeded quota: reviewbot", "regarding": {"uid": "job-uid"}}


@pytest.mark.parametrize(("jobs", "read"), [([], False), ([A_JOB], True)])
def test_events_are_read_where_nothing_else_says_why_something_does_not_start(jobs: list[Any], read: bool) -> None:
    cluster = Cluster({"Job": jobs, "Event": [NO_ROOM]})
    preview = cluster.observer().observe(a_poked("one")).preview
    assert ("Event" in cluster.listed) == read
    assert [job.trouble.cause for job in preview.jobs if job.trouble] == ([Cause.QUOTA] if read else [])


def test_a_namespace_that_we_may_not_look_into_is_no_empty_one() -> None:
    with pytest.raises(LockedOut):
        Cluster({}, Denied("pods is forbidden")).observer().observe(a_poked("one"))


def test_what_has_run_for_ten_minutes_is_in_no_trouble_any_more() -> None:
    runs = a_container(restarts=3, state={"running": {"startedAt": CREATED}}, lastState=ended(), ready=True)
    cluster = Cluster({"Deployment": [a_deployment()], "Pod": [a_pod(containerStatuses=[runs])]})
    observer, record = cluster.observer(), a_poked("one")

    def troubles() -> list[Cause]:
        return [each.trouble.cause for each in observer.observe(record).preview.releases if each.trouble]

    assert troubles() == [Cause.CRASH]
    cluster.now += minutes(10)
    assert troubles() == []
    observer.forget(record)
    assert troubles() == [Cause.CRASH]
