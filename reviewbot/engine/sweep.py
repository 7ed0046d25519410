"""What was left behind: previews and apps without a record, closed ones still there, accounts without a preview.

Only what carries our marks is looked at. A preview without a record gets its record back, and whoever looks at it
then decides; nothing but an account that opens nothing any more is deleted here.
"""

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.records import read_record, repository_name
from reviewbot.errors import Conflict
from reviewbot.model import Phase, PullRequestRef, Record
from reviewbot.preview import owner
from reviewbot.render.names import MANAGED, SYSTEM_NAMESPACE, TENANTS_NAMESPACE

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
SOON = timedelta(minutes=1)
# What is younger may still be in the making.
YOUNG = timedelta(seconds=60)
# A mistake of ours, or of somebody else's, then shows before it has touched everything.
MOST = 20
_JITTER = 0.2

Object = Mapping[str, Any]
# When what was left behind was made, and what puts it right.
Left = tuple[datetime, Callable[[], None]]


class Home(Protocol):
    """What the sweep needs of the cluster that records are in."""

    def items(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]: ...


class Target(Home, Protocol):
    """What it needs of the cluster that previews run on."""

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None: ...
    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None: ...


class Sweeper:
    """Compares records in `home` with previews in `target`."""

    def __init__(self, home: Home, target: Target, mailbox: Mailbox, clock: Callable[[], datetime]) -> None:
        self._home = home
        self._target = target
        self._mailbox = mailbox
        self._clock = clock

    def sweep(self) -> datetime:
        """Put right a few of what was left behind; when to look again, soon if there is more."""
        # In this order: an account is made after its namespace, and a namespace after its record.
        accounts = self._target.items("ServiceAccount", TENANTS_NAMESPACE)
        previews = self._target.items("Namespace", labels={MANAGED: "true"})
        apps = self._home.items("ReviewApp", SYSTEM_NAMESPACE)
        records = {each.ref.name: each for each in map(read_record, apps)}
        left = [
            *self._previews(previews, records),
            *self._apps(apps, records),
            *self._accounts(accounts, previews),
            *self._repositories(apps, self._home.items("Repository", SYSTEM_NAMESPACE)),
        ]
        repairs = [repair for made, repair in left if self._clock() - made >= YOUNG][:MOST]
        for repair in repairs:
            repair()
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, hides nothing
        return self._clock() + (SOON if len(left) > len(repairs) else EVERY * jitter)

    def _previews(self, previews: Iterable[Object], records: Mapping[str, Record]) -> Iterator[Left]:
        for preview in previews:
            ref = owner(preview)
            if ref is None or preview["metadata"].get("deletionTimestamp"):
                continue
            record = records.get(ref.name)
            if record is None:
                yield _made(preview), partial(self._revive, ref)
            elif record.phase is Phase.CLOSED:
                yield _made(preview), partial(self._mailbox.poke, record.ref)

    def _apps(self, apps: Iterable[Object], records: Mapping[str, Record]) -> Iterator[Left]:
        for app in apps:
            record = read_record(dict(app))
            whole = record.ref.whole
            if record.phase is not Phase.CLOSED and whole.name not in records:
                yield _made(app), partial(self._revive, whole)

    def _accounts(self, accounts: Iterable[Object], previews: Iterable[Object]) -> Iterator[Left]:
        there = {preview["metadata"]["name"] for preview in previews}
        for account in accounts:
            name = account["metadata"]["name"]
            if name.startswith("rb-") and name not in there:
                yield _made(account), partial(self._remove_account, name, account["metadata"]["uid"])

    def _repositories(self, apps: Iterable[Object], repositories: Iterable[Object]) -> Iterator[Left]:
        listed = {each["metadata"]["name"] for each in repositories}
        for app in apps:
            record = read_record(dict(app))
            name = repository_name(record.ref.repository)
            if record.phase is not Phase.CLOSED and name not in listed:
                listed.add(name)
                # Its name is known with the next look at one of its pull requests, and is for people only.
                ref = record.ref
                yield _made(app), partial(self._mailbox.poke_repository, ref.repository, ref.installation, "")

    def _revive(self, ref: PullRequestRef) -> None:
        log.warning("preview %s has no record; it gets one", ref.name)
        # What the namespace says of the installation is as old as the namespace.
        known = self._mailbox.repository(repository_name(ref.repository))
        self._mailbox.poke(replace(ref, installation=known.installation) if known else ref)

    def _remove_account(self, name: str, uid: str) -> None:
        if self._target.get("Namespace", name) is None:
            log.warning("account %s has no preview; it is removed", name)
            with suppress(Conflict):
                self._target.delete("ServiceAccount", name, TENANTS_NAMESPACE, uid=uid)


def _made(item: Object) -> datetime:
    return datetime.fromisoformat(item["metadata"]["creationTimestamp"])
