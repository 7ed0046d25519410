"""A pull request moves on while a commit of it is deployed: before one of the calls that the deploy makes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from dev.demo.shown import until
from dev.github import Pull
from tests.faults.calls import Call
from tests.faults.life import CREATE, opens
from tests.faults.play import Clean, Player
from tests.faults.points import Place, Reader
from tests.faults.proxy import Answer, Moment
from tests.stories.team import Team

_GONE = "nothing of its preview is left"
_READY = ("is running.", "**Preview of Shop: ready**")


@dataclass
class Meanwhile:
    """A meddler: before the call at the place goes on, something happens on GitHub, and is told."""

    place: Place
    happens: Callable[[], None]
    reader: Reader
    happened: Event = field(default_factory=Event)
    _met: bool = False
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, call: Call, moment: Moment, answer: Answer | None) -> None:
        """Meet a request."""
        del answer
        place = self.reader.place(call) if moment is Moment.ASKED else None
        if place and place.meets(self.place) and self._is_first():
            self.happens()
            self.happened.set()
        self.reader.hear(call, moment)

    def _is_first(self) -> bool:
        with self._lock:
            first, self._met = not self._met, True
            return first


def places(player: Player, number: int) -> list[Place]:
    """Every call that a deploy makes."""
    clean = Clean()
    with _opened(player, number) as pull:
        player.records(CREATE, pull, clean)
    return clean.places[CREATE.name]


def pushed(player: Player, number: int, place: Place) -> bool:
    """Only the newest commit is left; False if the deploy came to its end before."""
    team = player.lane.team
    with _opened(player, number) as pull:
        first = pull.head

        def pushes() -> None:
            pull.push({"pushed.txt": str(number)})
            team.ci_passes(pull)
            team.repo.github.settle()

        met = _deploys(player, pull, Meanwhile(place, pushes, player.reader(CREATE, pull)))
        until(lambda: _runs(player, pull) and not _others(team, pull), f"the newest commit alone after {place}")
        found = {
            "serves": team.page(pull).sha,
            "active": team.active(pull),
            "comments": len(pull.comments),
            "check runs": team.check_runs(pull),
            "deployed": sorted(set(team.deployments(pull)) - {first, pull.head}),
        }
    wanted = {
        "serves": pull.head,
        "active": [pull.head],
        "comments": 1,
        "check runs": 1,
        "deployed": [],
    }
    assert found == wanted, f"{place}: {found}"
    return met


def closed(player: Player, number: int, place: Place) -> bool:
    """Nothing is left, and nobody is told that it is ready after it was told that it goes."""
    team = player.lane.team
    with _opened(player, number) as pull:

        def closes() -> None:
            pull.close()
            team.repo.github.settle()

        met = _deploys(player, pull, Meanwhile(place, closes, player.reader(CREATE, pull)))
        until(lambda: _GONE in player.look.says(pull) and player.look.at_rest(pull), f"the end after {place}")
    told = team.told(pull)
    found = {
        "left": team.in_cluster(pull) + team.active(pull),
        "said": [each.body for each in pull.comments if _GONE not in each.body],
        "ready after it goes": _revoked(told),
        "its end untold": not any(_GONE in text for text in told),
        "active again": [sha for sha, states in team.deployments(pull).items() if "inactive" in states[:-1]],
    }
    assert not any(found.values()), f"{place}: {found}"
    return met


@contextmanager
def _opened(player: Player, number: int) -> Iterator[Pull]:
    pull = opens(player.lane.team, number)
    try:
        until(lambda: player.look.says(pull) != "" and player.look.at_rest(pull), "the check run")
        yield pull
    finally:
        # What would go on running takes the room of those that come after it.
        pull.close()


def _deploys(player: Player, pull: Pull, meanwhile: Meanwhile) -> bool:
    player.lane.guard.breaches.clear()
    player.lane.meddles(meanwhile)
    player.lane.team.ci_passes(pull)
    until(lambda: meanwhile.happened.is_set() or _runs(player, pull), "the place")
    player.lane.meddles()
    met = meanwhile.happened.is_set()
    if not met:
        meanwhile.happens()
    assert player.lane.guard.breaches == []
    return met


def _runs(player: Player, pull: Pull) -> bool:
    return player.look.says(pull) == f"{pull.head[:7]} is running." and player.look.at_rest(pull)


def _others(team: Team, pull: Pull) -> list[str]:
    # The release before drains for a moment.
    return [each for each in team.objects(pull, "deployments") if pull.head[:7] not in each]


def _revoked(told: list[str]) -> bool:
    ends = next((place for place, text in enumerate(told) if "removed" in text or _GONE in text), len(told))
    return any(ready in text for text in told[ends:] for ready in _READY)


# What somebody does while a commit is deployed, of a pull request by its number; False if the deploy was faster.
MOVES: dict[str, Callable[[Player, int, Place], bool]] = {
    "close while deploying": closed,
    "push while deploying": pushed,
}
