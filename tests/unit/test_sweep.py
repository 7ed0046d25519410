"""What was left behind is put right, a few at a time; what is young, on its way out, or not ours is not touched."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.sweep import EVERY, MOST, SOON, YOUNG, Sweeper
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.names import namespace
from reviewbot.render.walls import managed_namespace
from tests.unit.builders import NOW, REF, REPOSITORY, a_ref, seconds
from tests.unit.stores import Store

OLD = NOW - timedelta(hours=1)


class Previews:
    """The cluster that previews run on: namespaces and accounts by name."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, dict[str, Any]]] = {"Namespace": {}, "ServiceAccount": {}}
        self.unlisted: set[str] = set()
        self.deleted: list[str] = []

    def add(self, item: dict[str, Any], made: datetime = OLD) -> dict[str, Any]:
        kind, metadata = item.get("kind", "ServiceAccount"), item["metadata"]
        metadata |= {"creationTimestamp": made.isoformat(), "uid": f"uid-of-{metadata['name']}"}
        self.found[kind][metadata["name"]] = item
        return item

    def items(self, kind: str, namespace: str | None = None, labels: object = None) -> list[dict[str, Any]]:
        assert namespace == ("reviewbot-tenants" if kind == "ServiceAccount" else None)
        assert labels == ({"reviewbot.dev/managed": "true"} if kind == "Namespace" else None)
        return [item for name, item in self.found[kind].items() if kind != "Namespace" or name not in self.unlisted]

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        assert (kind, namespace) == ("Namespace", None)
        return self.found[kind].get(name)

    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None:
        assert (kind, namespace) == ("ServiceAccount", "reviewbot-tenants")
        assert preconditions == {"uid": f"uid-of-{name}"}
        del self.found[kind][name]
        self.deleted.append(name)


class World:
    def __init__(self) -> None:
        self.store, self.previews = Store(), Previews()
        self.mailbox = Mailbox(self.store)

    def sweep(self) -> tuple[list[str], timedelta]:
        """The records that are due after it, and in how long it comes again."""
        again = Sweeper(self, self.previews, self.mailbox, lambda: NOW).sweep()
        found = [self.mailbox.record(name) for kind, name in self.store.items if kind == "ReviewApp"]
        return sorted(record.ref.name for record in found if record and record.due), again - NOW

    def items(self, kind: str, namespace: str | None = None, labels: object = None) -> list[dict[str, Any]]:
        assert labels is None
        found = self.store.items_at(kind, namespace)[0]
        return [item | {"metadata": item["metadata"] | {"creationTimestamp": OLD.isoformat()}} for item in found]

    def on_record(self, phase: str) -> None:
        self.mailbox.poke(REF)
        poke = self.store.items["ReviewApp", REF.name]["metadata"]["annotations"]["reviewbot.dev/poke"]
        self.mailbox.write_status(REF.name, {"phase": phase, "observedPoke": poke})


@pytest.fixture
def world() -> World:
    return World()


def an_account(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def test_a_preview_without_a_record_gets_it_back(world: World) -> None:
    world.previews.add(managed_namespace(REF))
    due, again = world.sweep()
    assert due == [REF.name]
    assert EVERY * 0.8 <= again <= EVERY * 1.2
    record = world.mailbox.record(REF.name)
    assert record is not None
    assert record.ref == REF


def test_the_installation_that_covers_the_repository_now_is_asked(world: World) -> None:
    world.previews.add(managed_namespace(REF))
    world.mailbox.poke_repository(REPOSITORY, InstallationId(32), "acme/shop")
    world.sweep()
    record = world.mailbox.record(REF.name)
    assert record is not None
    assert record.ref.installation == 32


@pytest.mark.parametrize(("phase", "due"), [("Closed", [REF.name]), ("Running", []), ("Closing", [])])
def test_a_preview_of_a_closed_record_is_looked_at(world: World, phase: str, due: list[str]) -> None:
    world.previews.add(managed_namespace(REF))
    world.on_record(phase)
    assert world.sweep()[0] == due


@pytest.mark.parametrize(("phase", "listed"), [("Running", True), ("Waiting", True), ("Closed", False)])
def test_a_repository_without_a_record_gets_it_back(world: World, phase: str, listed: bool) -> None:
    world.on_record(phase)
    world.sweep()
    found = world.mailbox.repository("repo-4711")
    assert (found is not None and found.due and found.installation == REF.installation) == listed


def test_ttl_uses_server_time__what_is_young_is_left_for_the_next_time(world: World) -> None:
    world.previews.add(managed_namespace(REF), NOW - YOUNG + seconds(1))
    world.previews.add(an_account("rb-young"), NOW)
    assert world.sweep() == ([], SOON)
    assert world.previews.deleted == []


@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": {}},
        {"annotations": {"reviewbot.dev/repository-id": "x"}},
        {"annotations": {**managed_namespace(REF)["metadata"]["annotations"], "reviewbot.dev/pull-request": "13"}},
        {"name": "rb-somebody-elses"},
        {"deletionTimestamp": OLD.isoformat()},
    ],
)
def test_what_is_not_ours_or_is_going_is_not_touched(world: World, changes: dict[str, Any]) -> None:
    world.previews.add(managed_namespace(REF))["metadata"] |= changes
    due, again = world.sweep()
    assert (due, again > SOON) == ([], True)


def test_accounts_without_a_preview_go(world: World) -> None:
    world.previews.add(managed_namespace(REF))
    for name in (namespace(REF), "rb-orphan", "default"):
        world.previews.add(an_account(name))
    world.sweep()
    assert world.previews.deleted == ["rb-orphan"]


def test_ttl_uses_server_time__what_was_made_meanwhile_is_seen_whatever_the_clock_says(world: World) -> None:
    world.previews.add(an_account(namespace(REF)))
    world.previews.add(managed_namespace(REF), NOW)
    world.previews.unlisted = {namespace(REF)}
    world.sweep()
    assert world.previews.deleted == []


def test_absence_is_not_closure__a_sweep_touches_only_so_many(world: World) -> None:
    for number in range(1, MOST + 6):
        world.previews.add(managed_namespace(a_ref(number)))
    due, again = world.sweep()
    assert (len(due), again) == (MOST, SOON)
    due, again = world.sweep()
    assert (len(due), again > SOON) == (MOST + 5, True)


def test_a_repository_of_another_kind_of_number_is_read_back() -> None:
    ref = PullRequestRef(RepositoryId(2**40), InstallationId(7), 3)
    world = World()
    world.previews.add(managed_namespace(ref))
    assert world.sweep()[0] == [ref.name]
