"""One controller at a time: who may take the lease when, and that whoever may have lost it does not write."""

from collections.abc import Callable

import pytest

from reviewbot.engine.lease import DURATION_SECONDS, FENCE_SECONDS, NAME, RENEW_SECONDS, Lease, NotLeader
from reviewbot.errors import Conflict, Unseen
from reviewbot.gateways.cluster import TIMEOUT
from reviewbot.gateways.github.wire import TIMEOUT_SECONDS
from reviewbot.render.names import SYSTEM_NAMESPACE
from tests.unit.stores import Store, at_once


class Clock:
    """Monotonic seconds that pass only when told to."""

    def __init__(self, start: float = 0.0) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now


def a_lease(store: Store, identity: str, clock: Clock) -> Lease:
    return Lease(store, SYSTEM_NAMESPACE, identity, clock)


def holder(store: Store) -> str:
    found: str = store.items["Lease", NAME]["spec"]["holderIdentity"]
    return found


class Pair:
    """Two controllers of one store, each with a clock of its own."""

    def __init__(self) -> None:
        self.store = Store()
        self.clock, self.other_clock = Clock(), Clock(1_000_000.0)
        self.first = a_lease(self.store, "first", self.clock)
        self.second = a_lease(self.store, "second", self.other_clock)
        assert self.first.renew()

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.other_clock.now += seconds


@pytest.fixture
def pair() -> Pair:
    return Pair()


def fenced(lease: Lease) -> bool:
    try:
        lease.fence()
    except NotLeader:
        return True
    return False


def test_the_first_takes_it(pair: Pair) -> None:
    assert holder(pair.store) == "first"
    assert pair.first.held()
    assert not fenced(pair.first)


def test_nobody_holds_it_unasked() -> None:
    lease = a_lease(Store(), "first", Clock())
    assert not lease.held()
    assert fenced(lease)


def test_it_is_taken_over_only_after_a_whole_duration_unchanged(pair: Pair) -> None:
    assert not pair.second.renew()
    pair.pass_time(DURATION_SECONDS - 0.1)
    assert not pair.second.renew()
    pair.pass_time(0.1)
    assert pair.second.renew()
    assert holder(pair.store) == "second"


def test_every_renewal_starts_the_duration_again(pair: Pair) -> None:
    for _ in range(20):
        pair.pass_time(RENEW_SECONDS)
        assert pair.first.renew()
        assert not pair.second.renew()
    assert holder(pair.store) == "first"


def test_frozen_leader__its_write_has_ended_however_long_its_last_renewal_took_to_be_seen(pair: Pair) -> None:
    def renewed_and_cut_off() -> None:
        pair.pass_time(4.9)
        assert pair.first.renew()
        pair.pass_time(0.1)

    pair.store.before = at_once("get", renewed_and_cut_off)
    assert not pair.second.renew()
    fences_open = 0.0
    while not pair.second.renew():
        pair.pass_time(0.1)
        if not fenced(pair.first):
            fences_open = pair.clock.now
    assert fences_open > 9.5
    assert pair.clock.now - fences_open >= max(sum(TIMEOUT), TIMEOUT_SECONDS)


def test_an_old_lease_is_not_taken_at_first_sight(pair: Pair) -> None:
    pair.pass_time(3600)
    assert not pair.second.renew()


def test_what_others_clocks_say_does_not_matter(pair: Pair) -> None:
    pair.store.items["Lease", NAME]["spec"]["renewTime"] = "1970-01-01T00:00:00.000000Z"
    assert not pair.second.renew()
    pair.store.items["Lease", NAME]["spec"]["renewTime"] = "2970-01-01T00:00:00.000000Z"
    pair.pass_time(DURATION_SECONDS)
    assert pair.second.renew()


def test_the_holder_passes_the_fence_only_while_it_is_fresh(pair: Pair) -> None:
    pair.pass_time(FENCE_SECONDS - 0.1)
    assert not fenced(pair.first)
    pair.pass_time(0.1)
    assert fenced(pair.first)
    assert pair.first.renew()
    assert not fenced(pair.first)


def test_a_frozen_leader_is_fenced_before_anybody_else_leads(pair: Pair) -> None:
    pair.second.renew()
    led = []
    for _ in range(int(DURATION_SECONDS * 10) + 1):
        pair.pass_time(0.1)
        led.append((fenced(pair.first), pair.second.renew()))
    assert led[-1] == (True, True)
    assert (False, True) not in led


def test_a_leader_that_wakes_up_after_a_takeover_stays_out(pair: Pair) -> None:
    pair.second.renew()
    pair.pass_time(DURATION_SECONDS)
    assert pair.second.renew()
    assert not pair.first.renew()
    assert fenced(pair.first)
    assert not fenced(pair.second)


def test_a_leader_that_wakes_up_in_time_goes_on(pair: Pair) -> None:
    pair.pass_time(3600)
    assert fenced(pair.first)
    assert pair.first.renew()
    assert not fenced(pair.first)


def test_two_that_take_over_at_once_are_told_apart(pair: Pair) -> None:
    third = a_lease(pair.store, "third", pair.other_clock)
    assert (pair.second.renew(), third.renew()) == (False, False)
    pair.pass_time(DURATION_SECONDS)
    pair.store.before = at_once("patch", third.renew)
    with pytest.raises(Conflict):
        pair.second.renew()
    assert holder(pair.store) == "third"
    assert (fenced(pair.second), fenced(third)) == (True, False)


def test_two_that_create_it_at_once_are_told_apart() -> None:
    store, clock = Store(), Clock()
    one, other = a_lease(store, "one", clock), a_lease(store, "other", clock)
    store.before = at_once("create", other.renew)
    assert not one.renew()
    assert (holder(store), fenced(one), fenced(other)) == ("other", True, False)


def test_time_that_a_renewal_takes_counts(pair: Pair) -> None:
    pair.pass_time(1)
    pair.store.before = at_once("patch", lambda: pair.pass_time(FENCE_SECONDS))
    assert pair.first.renew()
    assert fenced(pair.first)


def raising(failure: Exception) -> Callable[[], None]:
    def effect() -> None:
        raise failure

    return effect


@pytest.mark.parametrize("method", ["get", "patch"])
def test_a_failed_renewal_costs_the_lease_only_in_the_end(pair: Pair, method: str) -> None:
    pair.pass_time(RENEW_SECONDS)
    pair.store.before = at_once(method, raising(Unseen("the cluster does not answer")))
    with pytest.raises(Unseen):
        pair.first.renew()
    assert not fenced(pair.first)
    pair.pass_time(FENCE_SECONDS - RENEW_SECONDS)
    assert fenced(pair.first)


def test_release_lets_the_next_one_in_at_once(pair: Pair) -> None:
    assert not pair.second.renew()
    pair.first.release()
    assert holder(pair.store) == ""
    assert fenced(pair.first)
    assert pair.second.renew()


def test_release_takes_nothing_from_others(pair: Pair) -> None:
    pair.store.items["Lease", NAME]["spec"]["holderIdentity"] = "second"
    pair.first.release()
    assert holder(pair.store) == "second"
    pair.second.release()
    assert holder(pair.store) == "second"


def test_release_of_what_is_not_held_asks_nobody(pair: Pair) -> None:
    pair.pass_time(FENCE_SECONDS)
    before = len(pair.store.calls)
    pair.first.release()
    assert len(pair.store.calls) == before


def test_release_survives_that_the_lease_is_gone(pair: Pair) -> None:
    pair.store.items.clear()
    pair.first.release()
    assert fenced(pair.first)


def test_a_deleted_lease_is_made_again(pair: Pair) -> None:
    pair.store.items.clear()
    assert pair.first.renew()
    assert holder(pair.store) == "first"


def test_a_write_that_passed_the_fence_has_timed_out_before_anybody_else_leads() -> None:
    assert FENCE_SECONDS + sum(TIMEOUT) <= DURATION_SECONDS
    assert FENCE_SECONDS + TIMEOUT_SECONDS <= DURATION_SECONDS
    assert RENEW_SECONDS * 2 <= FENCE_SECONDS


def test_the_lease_is_readable_for_people(pair: Pair) -> None:
    spec = pair.store.items["Lease", NAME]["spec"]
    assert spec["leaseDurationSeconds"] == DURATION_SECONDS
    assert spec["renewTime"].endswith("Z")
    assert len(spec["renewTime"]) == len("2026-05-04T12:00:00.000000Z")
