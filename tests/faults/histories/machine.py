"""Makes histories of deeds, at random."""

from collections.abc import Callable

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.faults.histories.deeds import DEEDS, Deed
from tests.faults.histories.mail import EVENTS, FATES
from tests.faults.histories.scene import NAMES, Scene

_MOST = 10**6


class History(RuleBasedStateMachine):
    """One history of one repository, from the first pull requests until all are closed."""

    def __init__(self, found: Callable[[], Scene]) -> None:
        super().__init__()
        self._found = found
        # Only what was right so far can end well.
        self._sound: Scene | None = None

    @initialize(chance=st.integers(0, _MOST), fate=st.sampled_from(FATES), event=st.sampled_from(EVENTS))
    def begins(self, chance: int, fate: str, event: str) -> None:
        """Two pull requests are opened."""
        # The simplest history is always tried first, and has nothing in it.
        assume(chance)
        self._scene = self._found()
        self._scene.mail.meets(fate, event)
        for name in NAMES:
            self._scene.opens(name)
        self._scene.goes_on()

    @rule(deed=st.sampled_from(DEEDS).flatmap(st.sampled_from))
    def then(self, deed: Deed) -> None:
        """Something happens."""
        self._sound = None
        print(deed)
        deed(self._scene)
        self._scene.goes_on()
        self._sound = self._scene

    def teardown(self) -> None:
        """The end."""
        if self._sound:
            self._sound.ends()
