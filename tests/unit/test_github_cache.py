"""The cache of GitHub's answers stays within its bounds, whatever is put into it."""

import hashlib

from reviewbot.gateways.github.cache import Cache


def test_an_answer_is_found_by_the_token_it_was_given_to() -> None:
    cache = Cache()
    cache.keep("one", "/pulls", 'W/"1"', "<next>", '{"title": "ä"}')
    found = cache.find("one", "/pulls")
    assert found is not None
    assert (found.etag, found.link, found.text) == ('W/"1"', "<next>", '{"title": "ä"}')
    assert cache.find("another", "/pulls") is None
    assert cache.find("one", "/pulls?page=2") is None


def test_the_latest_answer_counts() -> None:
    cache = Cache()
    for number in range(3):
        cache.keep("one", "/pulls", str(number), "", str(number))
    found = cache.find("one", "/pulls")
    assert found is not None
    assert (found.etag, found.text) == ("2", "2")


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = Cache(most_answers=3)
    for number in range(3):
        cache.keep("one", str(number), "", "", "")
    cache.find("one", "0")
    cache.keep("one", "3", "", "", "")
    assert [cache.find("one", str(number)) is not None for number in range(4)] == [True, False, True, True]


def noise(kilobytes: int) -> str:
    """Text that cannot be compressed to less than half."""
    return "".join(hashlib.sha512(str(number).encode()).hexdigest() for number in range(8 * kilobytes))


def test_bytes_are_bounded_too() -> None:
    cache = Cache(most_bytes=100_000)
    for number in range(500):
        cache.keep("one", str(number), "", "", noise(4))
    held = [number for number in range(500) if cache.find("one", str(number))]
    assert held == list(range(500 - len(held), 500))
    assert 20 <= len(held) <= 50


def test_a_huge_answer_drives_nobody_out() -> None:
    cache = Cache(most_bytes=100_000)
    cache.keep("one", "small", "", "", "x")
    cache.keep("one", "huge", "", "", noise(100))
    assert cache.find("one", "huge") is None
    assert cache.find("one", "small") is not None
