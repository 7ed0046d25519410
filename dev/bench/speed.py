"""What people wait for, beside the plainest way to do the same on the same cluster."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from dev.bench.figures import Figure, percentile, spread
from dev.bench.ours import Life, live, opens, until_answer
from dev.bench.plain import ends, seconds_to_answer
from dev.bot.install import kubectl
from dev.demo.shown import Visitor, until
from dev.demo.stage import Stage, stage
from dev.demo.watch import url_of
from dev.github.pace import MINUTE, pace
from reviewbot.render.names import MANAGED

_AT_ONCE, _TURNS = 20, 3
# Twenty who ask more often would be most of what the machine does.
_NOW_AND_THEN = 0.25
# GitHub's limit of a minute is the storm's to measure: what all of them ask at once has to fit into it.
_POINTS = 400
_PLAIN = "kubectl apply, rollout status and asking the address"


def figures(rounds: int) -> Iterator[Figure]:
    """One preview at a time, then many at once."""
    with stage() as here:
        yield from alone(*measure(here, rounds))
        yield from _together(here)


def measure(here: Stage, rounds: int) -> tuple[list[Life], list[float]]:
    """Rounds of both ways in turn, so that the ratio holds on a busy machine."""
    visitor = Visitor(here.cluster)
    try:
        # The first one pays for connections, tokens and caches.
        pull, url = opens(here, 0)
        until_answer(here, visitor, pull, url)
        pull.close()
        plain, lives = [], []
        for number in range(1, rounds + 1):
            plain.append(seconds_to_answer(here, visitor, number, f"{number:040x}"))
            ends(here, number)
            lives.append(live(here, visitor, number))
        return lives, plain
    finally:
        visitor.close()


def alone(lives: Sequence[Life], plain: Sequence[float]) -> Iterator[Figure]:
    """The medians of the rounds."""
    ratios = [life.green_to_answer / each for life, each in zip(lives, plain, strict=True)]
    probes, wrong = sum(life.probes for life in lives), sum(life.wrong for life in lives)
    yield Figure("last check green to the address answering", spread([life.green_to_answer for life in lives]))
    yield Figure(f"  {_PLAIN}", spread(plain), f"pair by pair: {spread(ratios, 'x')} (goal <= 1.2)")
    yield Figure("push, green to the new page", spread([life.push_to_answer for life in lives]))
    yield Figure("  without the right page", f"{wrong * 0.05:.2f} s ({wrong} of {probes} probes)", "goal: none")
    closing = spread([life.close_to_gone for life in lives])
    yield Figure("close to namespace gone, of a pod that ignores SIGTERM", closing, "goal <= 6.5 s")


def _together(here: Stage) -> Iterator[Figure]:
    visitors, plain, ours = [Visitor(here.cluster) for _ in range(_AT_ONCE)], [], []
    for turn in range(1, _TURNS + 1):
        plain.append(_all_applied(here, visitors, turn * 100))
        ours.append(_all_green(here, visitors, turn * 100))
    for visitor in visitors:
        visitor.close()
    ratios = [max(mine) / max(theirs) for mine, theirs in zip(ours, plain, strict=True)]
    yield Figure(f"{_AT_ONCE} at once, green to the address answering", _told(ours))
    yield Figure(f"  {_PLAIN}", _told(plain), f"the last of each: {spread(ratios, 'x')} (goal <= 1.2)")


def _all_applied(here: Stage, visitors: Sequence[Visitor], first: int) -> list[float]:
    def applied(each: int) -> float:
        return seconds_to_answer(here, visitors[each], first + each, f"{first + each:040x}", _NOW_AND_THEN)

    with _nothing_left(here):
        took = _each(applied)
        for each in range(_AT_ONCE):
            ends(here, first + each)
    return took


def _all_green(here: Stage, visitors: Sequence[Visitor], first: int) -> list[float]:
    pulls = [here.repo.open_pull_request(f"many-{first + each}", {f"{each}.txt": "1"}) for each in range(_AT_ONCE)]
    for pull in pulls:
        here.ci.start(pull.head)
    urls = [until(lambda pull=pull: url_of(here, pull), "an address") for pull in pulls]  # type: ignore[misc]

    def green(each: int) -> float:
        return until_answer(here, visitors[each], pulls[each], urls[each], _NOW_AND_THEN)

    until(lambda: _asked(here) < _POINTS, "room in GitHub's minute", every=1)
    with _nothing_left(here):
        took = _each(green)
        for pull in pulls:
            pull.close()
    return took


def _asked(here: Stage) -> int:
    since = here.github.now() - MINUTE
    return pace(each for each in here.github.calls() if each.at > since).points_per_minute


def _each(wait: Callable[[int], float]) -> list[float]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(wait, range(_AT_ONCE)))


@contextmanager
def _nothing_left(here: Stage) -> Iterator[None]:
    # What goes would be in the way of what comes next.
    before = _previews(here)
    yield
    until(lambda: _previews(here) <= before, "the end of all of them")


def _previews(here: Stage) -> set[str]:
    return set(kubectl(here.cluster, "get", "namespaces", "-l", f"{MANAGED}=true", "-o", "name").split())


def _told(turns: Sequence[Sequence[float]]) -> str:
    every = [each for turn in turns for each in turn]
    return f"p50 {percentile(every, 0.5):.1f} s, the last {spread([max(turn) for turn in turns])}"
