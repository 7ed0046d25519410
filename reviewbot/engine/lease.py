"""One controller at a time: a Kubernetes Lease, and the fence that every write passes.

An election alone does not stop a leader that was frozen: whoever writes first asks whether the lease was renewed
recently by this process's own monotonic clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from reviewbot.errors import Wait

NAME = "reviewbot"
DURATION_SECONDS = 12.0
RENEW_SECONDS = 2.0
# A write that just passed the fence must have ended, by its timeout, before anybody else can hold the lease.
FENCE_SECONDS = 5.0


class NotLeader(Wait):
    """The lease is not ours, or was not renewed recently enough to be sure."""


class Store(Protocol):
    """What a lease needs of the cluster."""

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None: ...
    def create(self, item: dict[str, Any]) -> bool: ...
    def patch(
        self, kind: str, name: str, namespace: str, change: dict[str, Any], subresource: str | None = None
    ) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class _Seen:
    version: str
    at: float


class Lease:
    """The Lease of one namespace, held or wanted under one identity. `clock` counts monotonic seconds."""

    def __init__(self, store: Store, namespace: str, identity: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._namespace = namespace
        self._identity = identity
        self._clock = clock
        self._seen: _Seen | None = None
        self._renewed: float | None = None

    def renew(self) -> bool:
        """Take or renew it; False if somebody else holds it. Wait if the cluster does not tell."""
        started = self._clock()
        found = self._store.get("Lease", NAME, self._namespace)
        if found is None:
            held = self._store.create(self._lease())
        elif self._may_take(found):
            held = self._write(found["metadata"]["resourceVersion"], self._spec(self._identity))
        else:
            held = False
        self._renewed = started if held else None
        return held

    def release(self) -> None:
        """Let somebody else have it at once, if it is ours."""
        if not self.held():
            return
        self._renewed = None
        found = self._store.get("Lease", NAME, self._namespace)
        if found is not None and found["spec"].get("holderIdentity") == self._identity:
            self._write(found["metadata"]["resourceVersion"], self._spec(""))

    def held(self) -> bool:
        """Renewed so recently that nobody else can hold it."""
        return self._renewed is not None and self._clock() - self._renewed < FENCE_SECONDS

    def fence(self) -> None:
        """Raises NotLeader unless the lease is held."""
        if not self.held():
            raise NotLeader("another controller may be at work")

    def _may_take(self, found: Mapping[str, Any]) -> bool:
        holder = found["spec"].get("holderIdentity") or ""
        if holder in {"", self._identity}:
            return True
        # Clocks of two machines differ; what counts is how long we have seen it unchanged. From the answer on, not the
        # question: it may have been renewed in between.
        now, version = self._clock(), found["metadata"]["resourceVersion"]
        if self._seen is None or self._seen.version != version:
            self._seen = _Seen(version, now)
        return now - self._seen.at >= DURATION_SECONDS

    def _write(self, version: str, spec: dict[str, Any]) -> bool:
        change = {"metadata": {"resourceVersion": version}, "spec": spec}
        return self._store.patch("Lease", NAME, self._namespace, change) is not None

    def _lease(self) -> dict[str, Any]:
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": NAME, "namespace": self._namespace},
            "spec": self._spec(self._identity),
        }

    def _spec(self, holder: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"holderIdentity": holder, "leaseDurationSeconds": int(DURATION_SECONDS), "renewTime": now}
