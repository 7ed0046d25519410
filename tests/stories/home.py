"""The cluster as one story has it: its own part of what all share, and the records as they were written last."""

import threading
from collections.abc import Mapping

from reviewbot.engine.records import REPOSITORY
from reviewbot.gateways import cluster as gateway
from reviewbot.gateways.cluster import Object
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.names import namespace
from tests import canaries

# A repository's own app, and those that it has where it has several.
APPS = ("", "shop", "admin")
RECORDS = {"ReviewApp", "Repository"}
# Kinds of which the cluster holds what belongs to every story that is being told.
_SHARED = {"Namespace", "ServiceAccount", *RECORDS}


class Written:
    """The records as this process wrote them, as a watch would tell it at once, so that nobody lists them in vain.

    Nobody else writes them; whoever does so by a program of its own, such as kubectl, starts the controller anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, Object] = {}
        # Counts what has to be listed to be known: what was made, is gone, or was written without an answer.
        self.unknown = 0

    def note(self, item: Object | None) -> None:
        """A record as the cluster has it after a write; None if that is not known."""
        with self._lock:
            if item is None:
                self.unknown += 1
            else:
                self._latest[item["metadata"]["name"]] = self._newer(item)

    def newest(self, item: Object) -> Object:
        """The record that was listed, or as it was written since."""
        with self._lock:
            return self._newer(item)

    def _newer(self, item: Object) -> Object:
        held = self._latest.get(item["metadata"]["name"], item)
        return held if _version(held) > _version(item) else item


WRITTEN = Written()


class Home(gateway.Cluster):
    """The cluster for whoever writes records here."""

    def __init__(self, whole: gateway.Cluster) -> None:
        super().__init__(**{name.removeprefix("_"): part for name, part in vars(whole).items()})

    def patch(
        self, kind: str, name: str, namespace: str, change: Object, subresource: str | None = None
    ) -> Object | None:
        written = None
        try:
            written = super().patch(kind, name, namespace, change, subresource)
        finally:
            if kind in RECORDS:
                WRITTEN.note(written)
        return written

    def create(self, item: Object, dry_run: bool = False, tenant: str | None = None) -> bool:
        canaries.know_secret(item)
        try:
            return super().create(item, dry_run, tenant)
        finally:
            if item["kind"] in RECORDS:
                WRITTEN.note(None)

    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None:
        try:
            super().delete(kind, name, namespace, **preconditions)
        finally:
            if kind in RECORDS:
                WRITTEN.note(None)


class OwnPart(Home):
    """The cluster as if one repository had it for itself: others' records and previews are not listed."""

    def __init__(self, whole: gateway.Cluster, repository: RepositoryId) -> None:
        super().__init__(whole)
        self._repository = str(repository)
        refs = [PullRequestRef(repository, InstallationId(1), number, app) for number in range(1, 50) for app in APPS]
        self.namespaces = {namespace(ref) for ref in refs}
        self._names = self.namespaces | {f"repo-{repository}"}

    def items_at(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str | None] | None = None
    ) -> tuple[list[Object], str]:
        found, version = super().items_at(kind, namespace, labels)
        return [item for item in found if kind not in _SHARED or self._is_own(item["metadata"])], version

    def _is_own(self, metadata: Object) -> bool:
        return metadata["name"] in self._names or metadata.get("labels", {}).get(REPOSITORY) == self._repository


def _version(item: Object) -> int:
    return int(item["metadata"]["resourceVersion"])
