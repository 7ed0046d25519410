"""The apps of a pull request that has several: each has a record of its own, which is asked to look when it shall.

What an app is asked with is made of what was seen of the pull request, so that nobody is asked the same twice.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from reviewbot.decide import AppFacts, Facts
from reviewbot.model import REDEPLOY, RESET, PullRequestRef, Record, Request, delivery_of
from reviewbot.reconcile.look import UNNAMED
from reviewbot.report import digest


class Records(Protocol):
    """What is remembered of them."""

    def apps_of(self, ref: PullRequestRef) -> list[Record]: ...
    def ask(self, ref: PullRequestRef, poke: str, requests: Iterable[Request]) -> None: ...


class Apps:
    """Finds them, and asks them."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def gathered(self, record: Record, facts: Facts) -> Facts:
        """The facts, with every app that the settings name or that is on record."""
        # Of a record that is new nobody knows whether it is one that was lost.
        if record.ref.app or not (facts.named or record.apps or record.phase is None):
            return facts
        found = {each.ref.app: each for each in self._records.apps_of(record.ref)}
        named, why = facts.named or {}, UNNAMED if facts.named is not None else None
        apps = dict(named) | {name: why for name in sorted(found) if name not in named}
        return replace(facts, apps=tuple(AppFacts(name, found.get(name), why) for name, why in apps.items()))

    def ask(self, record: Record, facts: Facts) -> None:
        """Have every app look that has not yet seen what was seen here; one that is to run first is made for it."""
        green = facts.verdict is not None and facts.verdict.green
        for app in facts.apps:
            if app.record is None and (app.excluded is not None or not green):
                continue
            ref, poke, requests = replace(record.ref, app=app.name), _poke(record, facts, app), list(_requests(facts))
            if app.record is None or app.record.poke != poke or requests:
                self._records.ask(ref, poke, requests)


def _poke(record: Record, facts: Facts, app: AppFacts) -> str:
    pull, green = facts.pull, facts.verdict is not None and facts.verdict.green
    seen = (record.poke, pull.state, pull.archived, pull.head, green, facts.problem, facts.approvals, app.excluded)
    unique = hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
    delivery = delivery_of(record.poke)
    return f"{delivery}/{unique}" if delivery else unique


def _requests(facts: Facts) -> Iterator[Request]:
    # Who asked has been looked into here; each is answered at most once by each app.
    for request in facts.record.requests:
        if request.verb == REDEPLOY or (request.verb == RESET and request.key not in facts.answers):
            yield replace(request, sender=None)


def known(facts: Facts) -> list[dict[str, Any]] | None:
    """Which apps are on record and a digest of what each says, as that is stored; None without any."""
    recorded = {app.name: app.record.section for app in facts.apps if app.record}
    return [{"name": name, "digest": digest(section)} for name, section in recorded.items()] or None
