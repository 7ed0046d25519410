"""A controller starts where hundreds of pull requests are open: what it asks at once, and when it looks at each."""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reviewbot.decide import CHECK
from reviewbot.engine.engine import Engine
from reviewbot.reconcile import Outcome
from tests.contract.github_standin import standin
from tests.contract.test_resync_cost import World

OPEN = 300
MINUTE = timedelta(minutes=1)


@dataclass
class Looks:
    """When each pull request was looked at, in place of the look."""

    world: World
    at: dict[str, datetime] = field(default_factory=dict)

    def reconcile(self, name: str) -> Outcome:
        assert name not in self.at
        self.at[name] = self.world.clock()
        return Outcome()

    def drop(self, _name: str) -> None:
        """Nothing is told."""

    def tell(self, _name: str) -> None:
        """Nothing is told."""


def test_restart_storm() -> None:
    with standin() as scene:
        _starts(World(scene, pulls=OPEN))


def _starts(world: World) -> None:
    looks, before = Looks(world), len(world.scene.github.requests)
    engine = Engine(looks, world.lister, looks, {}, world.clock)  # type: ignore[arg-type]
    for kind in ("ReviewApp", "Repository"):
        engine.resume(kind, world.store.items_at(kind, "reviewbot-system")[0])
    while engine.reconciling.step():
        pass
    # What is at rest costs the start a list of it, and no look.
    asked = [each.path.rpartition("/")[2] for each in world.scene.github.requests[before:]]
    assert (Counter(asked), looks.at) == ({"access_tokens": 1, "pulls": OPEN / 100}, {})
    # The looks that come are spread, and never come together.
    minutes = []
    for _ in range(math.ceil(CHECK * 1.2 / MINUTE)):
        world.skipped += MINUTE
        seen = len(looks.at)
        while engine.reconciling.step():
            pass
        minutes.append(len(looks.at) - seen)
    assert len(looks.at) == OPEN
    assert max(minutes) <= OPEN / 3
