"""Facts about one open pull request and the plans expected of them, for the tables of decisions."""

from dataclasses import replace
from typing import Any

from reviewbot.decide import (
    CHECK,
    Facts,
    Plan,
)
from reviewbot.model import (
    Deployed,
    Phase,
    Preview,
    ReleaseState,
    Verdict,
)
from tests.unit.builders import NOW, OLDER, a_pull, a_record, a_release, a_state, minutes, seconds

GREEN = Verdict(True, "All checks pass.")
RED = Verdict(False, "Held by check “build”: failure.")
QUIET = Verdict(False, "All checks pass so far; waiting 60 s for late ones.", NOW + seconds(40))
WANTED = a_release()
FIVE_MINUTES = minutes(5)
OLD = a_state(id="bbbbbbb-0123456789", sha=OLDER, since=NOW - minutes(60))
STRAY = a_state(id="ccccccc-0123456789", sha="c" * 40, ready=False)
# It answered the moment it was begun, where it serves.
READY = a_state(since=NOW - FIVE_MINUTES)
STARTING = a_state(ready=False)
CLUSTER_LOOK = seconds(2)
RETRY = minutes(5)
# This pull request's own share of the time within which everything is checked.
NEXT_CHECK = NOW + CHECK * (0.8 + 0.4 * 0.79)


def facts(**changes: Any) -> Facts:
    values: dict[str, Any] = {
        "now": NOW,
        "record": a_record(),
        "pull": a_pull(),
        "preview": Preview("absent"),
        "verdict": GREEN,
        "wanted": WANTED,
    }
    given = Facts(**(values | changes))
    state = given.preview.release(given.wanted.id) if given.wanted else None
    if state is None or given.record.release:
        return given
    # What is there was noted when it was begun.
    return replace(given, record=replace(given.record, release=Deployed(state.id, state.sha, state.since)))


def active(*releases: ReleaseState, routed: str | None = None) -> Preview:
    return Preview("active", releases, routed, "namespace-uid")


def deploying(reason: str, sentence: str, *steps: Any, after: Any = CLUSTER_LOOK) -> Plan:
    return Plan(Phase.DEPLOYING, reason, sentence, steps, NOW + after, in_flight=True)


def serving(release: ReleaseState, since: Any = FIVE_MINUTES) -> Any:
    return a_record(serving=Deployed(release.id, release.sha, NOW - since))
