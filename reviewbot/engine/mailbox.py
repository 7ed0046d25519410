"""The two custom resources as record and mailbox: who may be looked at, who asked for it, what was found.

A poke is an annotation with a fresh value; whoever finishes looking writes the value it started from into the
status, so a poke that comes in between stays due. Our own status writes are never a cause.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from reviewbot.engine.records import (
    API_VERSION,
    HEAD,
    HOST,
    POKE,
    PULL_REQUEST,
    REPOSITORY,
    RepositoryRecord,
    is_app,
    read_record,
    read_repository,
    repository_name,
)
from reviewbot.errors import Conflict
from reviewbot.model import InstallationId, Phase, PullRequestRef, Record, RepositoryId, Request, Sha
from reviewbot.render.names import SYSTEM_NAMESPACE

Object = dict[str, Any]


class Store(Protocol):
    """What the mailbox needs of the cluster."""

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None: ...
    def items_at(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> tuple[list[Object], str]: ...
    def create(self, item: Object) -> bool: ...
    def patch(
        self, kind: str, name: str, namespace: str, change: Object, subresource: str | None = None
    ) -> Object | None: ...
    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None: ...


class Mailbox:
    """Records by name, in the bot's own namespace."""

    def __init__(self, store: Store, namespace: str = SYSTEM_NAMESPACE) -> None:
        self._store = store
        self._namespace = namespace

    # --- poking -----------------------------------------------------------------------------------

    def poke(self, ref: PullRequestRef, delivery: str = "") -> None:
        """Ask for another look at the pull request, making its record if there is none.

        `delivery` is the webhook delivery that is the reason; of several that come together the last is remembered.
        """
        self._poke("ReviewApp", ref.name, _spec(ref), _labels(ref), _annotate(delivery))

    def ask(self, ref: PullRequestRef, poke: str, requests: Iterable[Request]) -> None:
        """Ask for another look at one of several apps, with what somebody asked for; the same poke is the same look."""
        asked = {key: each for request in requests for key, each in _request(request)["spec"]["requests"].items()}
        spec = _spec(ref) | ({"requests": asked} if asked else {})
        self._poke("ReviewApp", ref.name, spec, _labels(ref), {"metadata": {"annotations": {POKE: poke}}})

    def poke_repository(
        self, repository: RepositoryId, installation: InstallationId, full_name: str, delivery: str = ""
    ) -> None:
        """Ask for another listing of the repository's pull requests."""
        spec = {"installationId": installation, "fullName": full_name}
        self._poke("Repository", repository_name(repository), spec, {}, _annotate(delivery))

    def poke_known(
        self, installation: InstallationId, repository: RepositoryId | None = None, delivery: str = ""
    ) -> None:
        """Ask for another listing of what is on record of the installation, or of one repository."""
        if repository is not None:
            names = [repository_name(repository)]
        else:
            items, _ = self._store.items_at("Repository", self._namespace)
            names = [each["metadata"]["name"] for each in items if each["spec"]["installationId"] == installation]
        for name in names:
            self._store.patch("Repository", name, self._namespace, _annotate(delivery))

    def move(self, record: Record, installation: InstallationId) -> None:
        """Have another installation asked about the pull request from now on."""
        self.poke(replace(record.ref, installation=installation))

    def know_repository(self, repository: RepositoryId, installation: InstallationId, full_name: str) -> None:
        """Have the repository listed from now on, under this name and installation."""
        known = self.repository(repository_name(repository))
        if known is None or (known.installation, known.full_name) != (installation, full_name):
            self.poke_repository(repository, installation, full_name)

    def poke_commit(self, repository: RepositoryId, sha: Sha, asked: Request | None = None, delivery: str = "") -> int:
        """Ask for another look at every pull request whose head is the commit; how many there were.

        With what somebody `asked` for, until it is answered.
        """
        found = self._find({REPOSITORY: str(repository), HEAD: sha})
        names = [item["metadata"]["name"] for item in found if not is_app(item)]
        for name in names:
            self._store.patch("ReviewApp", name, self._namespace, _annotate(delivery) | _request(asked))
        return len(names)

    def note(self, record: Record, asked: Request) -> None:
        """Note what somebody asked for, until it is answered, and ask for another look."""
        self._store.patch("ReviewApp", record.ref.name, self._namespace, _annotate("") | _request(asked))

    def _poke(self, kind: str, name: str, spec: Object, labels: Mapping[str, str], poke: Object) -> None:
        change = poke | {"spec": spec}
        if self._store.patch(kind, name, self._namespace, change) is not None:
            return
        metadata = {
            "name": name,
            "namespace": self._namespace,
            "labels": dict(labels),
            **change["metadata"],
        }
        if not self._store.create({"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}):
            # Somebody created it in between; their poke may already be noted, so ours has to be heard too.
            self._store.patch(kind, name, self._namespace, change)

    # --- reading ----------------------------------------------------------------------------------

    def record(self, name: str) -> Record | None:
        """The record of that name, as it is now."""
        item = self._store.get("ReviewApp", name, self._namespace)
        return None if item is None else read_record(item)

    def records_of(self, repository: RepositoryId) -> list[Record]:
        """Every pull request's own record in the repository."""
        return [read_record(item) for item in self._find({REPOSITORY: str(repository)}) if not is_app(item)]

    def apps_of(self, ref: PullRequestRef) -> list[Record]:
        """The records of the pull request's several apps, if it has them."""
        labels = {REPOSITORY: str(ref.repository), PULL_REQUEST: str(ref.number)}
        return [read_record(item) for item in self._find(labels)]

    def record_at(self, host_label: str) -> Record | None:
        """The record whose preview has that host label."""
        return next((read_record(item) for item in self._find({HOST: host_label})), None)

    def named(self, full_name: str, number: int) -> Record | None:
        """The record of a pull request, by the name that its repository had when it was last looked at."""
        items = (each for each in self._find({}) if _full_name(each).lower() == full_name.lower())
        records = map(read_record, items)
        found = [record for record in records if record.ref.number == number and not record.ref.app]
        # One that is over may bear a name that has gone to another repository.
        return min(found, key=lambda record: record.phase is Phase.CLOSED, default=None)

    def repository(self, name: str) -> RepositoryRecord | None:
        """The repository's record of that name."""
        item = self._store.get("Repository", name, self._namespace)
        return None if item is None else read_repository(item)

    def _find(self, labels: Mapping[str, str]) -> Iterator[Object]:
        yield from self._store.items_at("ReviewApp", self._namespace, labels)[0]

    # --- telling ----------------------------------------------------------------------------------

    def write_status(self, name: str, status: Object, kind: str = "ReviewApp") -> None:
        """Merge into the status; a record that is gone needs none."""
        self._store.patch(kind, name, self._namespace, {"status": status}, "status")

    def drop_requests(self, record: Record, keys: Iterable[str]) -> None:
        """Forget what was asked for and answered so long ago that it is not delivered again."""
        gone = dict.fromkeys(keys)
        self._store.patch("ReviewApp", record.ref.name, self._namespace, {"spec": {"requests": gone}})
        self.write_status(record.ref.name, {"requests": gone})

    def label(self, record: Record, head: Sha, host: str) -> None:
        """Make the record findable by head commit and by host."""
        if (record.head, record.host) != (head, host):
            labels = {HEAD: head, HOST: host}
            self._store.patch("ReviewApp", record.ref.name, self._namespace, {"metadata": {"labels": labels}})

    def forget(self, record: Record) -> None:
        """Delete the record unless anything happened to it since it was read."""
        self._forget("ReviewApp", record.ref.name, record)

    def forget_repository(self, repository: RepositoryRecord) -> None:
        """The same for a repository's record."""
        self._forget("Repository", repository.name, repository)

    def _forget(self, kind: str, name: str, read: Record | RepositoryRecord) -> None:
        with suppress(Conflict):
            self._store.delete(kind, name, self._namespace, uid=read.uid, resourceVersion=read.version)


def _full_name(item: Object) -> str:
    return str((item.get("status") or {}).get("repository", ""))


def _spec(ref: PullRequestRef) -> Object:
    pull_request = {"number": ref.number} | ({"app": ref.app} if ref.app else {})
    return {
        "repositoryId": ref.repository,
        "installationId": ref.installation,
        "source": {"pullRequest": pull_request},
    }


def _labels(ref: PullRequestRef) -> dict[str, str]:
    return {REPOSITORY: str(ref.repository), **({PULL_REQUEST: str(ref.number)} if ref.app else {})}


def _annotate(delivery: str) -> Object:
    return {"metadata": {"annotations": {POKE: f"{delivery}/{uuid.uuid4()}" if delivery else str(uuid.uuid4())}}}


def _request(asked: Request | None) -> Object:
    if asked is None:
        return {}
    sender = {"sender": dict(zip(("id", "login"), asked.sender, strict=True))} if asked.sender else {}
    said = {"verb": asked.verb, "sha": asked.sha, "at": asked.at.isoformat(), **sender}
    return {"spec": {"requests": {asked.key: said}}}
