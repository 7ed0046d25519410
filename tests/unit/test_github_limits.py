"""How much GitHub is asked in a minute, whoever asks."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from dev.github.log import Exchange
from dev.github.pace import pace
from reviewbot.errors import RateLimited
from reviewbot.gateways.github.limits import POINTS, Limits
from reviewbot.model import InstallationId
from tests.unit.builders import NOW, minutes, seconds

ONE, ANOTHER = InstallationId(1), InstallationId(2)


@pytest.mark.parametrize("verbs", [["GET"], ["POST"], ["GET", "GET", "PATCH"]])
@pytest.mark.parametrize("gap", [timedelta(), timedelta(milliseconds=7), timedelta(milliseconds=190)])
def test_write_budget__points_of_a_minute(verbs: list[str], gap: timedelta) -> None:
    now, sent = NOW, list[Exchange]()
    limits = Limits(lambda: now)
    while now < NOW + minutes(3):
        verb = verbs[len(sent) % len(verbs)]
        try:
            limits.spend(ONE, verb)
        except RateLimited as full:
            assert full.until is not None
            assert now < full.until <= now + minutes(1)
            now = full.until
        else:
            sent.append(Exchange(now, verb, "", {}, None))
            now += gap
    found = pace(each for each in sent)
    assert found.points_per_minute <= POINTS
    if gap < timedelta(milliseconds=10):
        assert found.points_per_minute > POINTS - 5


def test_each_has_a_minute_of_its_own() -> None:
    now = NOW
    limits = Limits(lambda: now)
    for _ in range(POINTS):
        limits.spend(ONE, "GET")
    with pytest.raises(RateLimited) as full:
        limits.spend(ONE, "GET")
    assert full.value.until == NOW + minutes(1)
    limits.spend(ANOTHER, "POST")
    limits.spend(None, "POST")
    now = NOW + minutes(1) - seconds(1)
    with pytest.raises(RateLimited):
        limits.spend(ONE, "GET")
    now = NOW + minutes(1)
    limits.spend(ONE, "GET")


class Clock:
    """Time that passes only when told to."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


def a_used_up_minute(clock: Clock, gap: timedelta) -> Limits:
    limits = Limits(clock)
    for _ in range(POINTS):
        limits.spend(ONE, "GET")
        clock.now += gap
    return limits


def ask(limits: Limits) -> None:
    limits.check(ONE)
    limits.spend(ONE, "GET")


def test_minute_is_used_up__what_is_begun_can_be_finished() -> None:
    clock, looks, requests, asked = Clock(), 0, 7, 0
    limits = a_used_up_minute(clock, timedelta(milliseconds=50))
    while clock.now < NOW + minutes(10):
        try:
            for _ in range(requests):
                ask(limits)
                asked += 1
        except RateLimited as full:
            clock.now = full.until
        else:
            looks += 1
    assert looks * requests > 0.95 * asked
    assert asked > 8 * POINTS


def test_minute_is_used_up__for_all() -> None:
    clock = Clock()
    limits = a_used_up_minute(clock, timedelta(milliseconds=50))
    with pytest.raises(RateLimited) as full:
        limits.spend(ONE, "GET")
    # What was asked first is over a minute later, and no reason to begin.
    clock.now = full.value.until - seconds(1)
    with pytest.raises(RateLimited) as still:
        limits.check(ONE)
    assert (still.value.until, clock.now - NOW > minutes(1)) == (full.value.until, True)
    clock.now = full.value.until
    limits.check(ONE)


def test_minute_is_used_up__whoever_is_refused_comes_when_there_is_room() -> None:
    clock, requests, many = Clock(), 7, 200
    limits = a_used_up_minute(clock, timedelta(milliseconds=20))
    due, tries = dict.fromkeys(range(many), clock.now), Counter[int]()
    while due:
        name = min(due, key=lambda each: due[each])
        clock.now = max(clock.now, due.pop(name))
        tries[name] += 1
        try:
            for _ in range(requests):
                ask(limits)
        except RateLimited as full:
            due[name] = full.until
    assert tries.total() / many <= 3
    assert clock.now - NOW < minutes(4)
